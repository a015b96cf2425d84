#include <gtest/gtest.h>
#include <tamis/text/analyzer.h>

#include <string>
#include <vector>

namespace tamis::text {
namespace {

/// The terms of a text, each followed by a space.
std::string terms(std::string_view text, Language language = Language::kEnglish) {
  Analyzer analyzer;
  std::vector<Token> tokens;
  analyzer.analyze(text, language, tokens);
  std::string out;
  for (const Token& token : tokens) out.append(analyzer.term(token.term)).append(" ");
  return out;
}

TEST(Analyzer, words_are_folded_and_stemmed) {
  EXPECT_EQ(terms("The Cats were RUNNING."), "the cat were run ");
  EXPECT_EQ(terms("Die Häuser", Language::kGerman), "die haus ");
  EXPECT_EQ(terms("café naïve", Language::kNone), "cafe naive ");
}

TEST(Analyzer, identifiers_give_their_parts) {
  EXPECT_EQ(terms("snake_case_name", Language::kNone), "snake case name ");
  EXPECT_EQ(terms("os.path.join", Language::kNone), "os path join ");
  EXPECT_EQ(terms("getElementById", Language::kNone), "getelementbyid get element by id ");
  EXPECT_EQ(terms("HTTPServer APIs", Language::kNone), "httpserver http server apis ");
}

TEST(Analyzer, scripts_without_spaces_give_bigrams) {
  EXPECT_EQ(terms("東京都"), "東京 京都 ");
  EXPECT_EQ(terms("水"), "水 ");
  EXPECT_EQ(terms("in 東京 now"), "in 東京 now ");
}

}  // namespace
}  // namespace tamis::text
