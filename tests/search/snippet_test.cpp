#include <gtest/gtest.h>
#include <tamis/search/pipeline.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::search {
namespace {

constexpr auto kEn = text::Language::kEnglish;

/// The snippet with its hits in brackets, and what was cut off as dots.
std::string lit(std::string_view text, std::string_view query, std::uint32_t max_bytes) {
  const auto snippet = make_snippet(text, kEn, plain_query(query).value(), max_bytes);
  std::string out = snippet.begin > 0 ? "…" : "";
  std::uint32_t at = snippet.begin;
  for (const auto& hit : snippet.hits) {
    out += text.substr(at, hit.begin - at);
    out += '[' + std::string(text.substr(hit.begin, hit.end - hit.begin)) + ']';
    at = hit.end;
  }
  out += text.substr(at, snippet.end - at);
  return out + (snippet.end < text.size() ? "…" : "");
}

TEST(Snippet, shows_the_window_with_most_different_words) {
  const std::string text =
      "Files are many. Files, files and files again. To rotate a log file, call logrotate once a day. The end.";
  EXPECT_EQ(lit(text, "how to rotate log files", 40), "…again. [To] [rotate] a [log] [file], call…");
  EXPECT_EQ(lit(text, "rotating the logs", 1000),
            "Files are many. Files, files and files again. To [rotate] a [log] file, call logrotate once a day. [The] "
            "end.");
  EXPECT_EQ(lit(text, "nothing of it", 20), "Files are many.…");
  EXPECT_EQ(lit(text, "end", 12), "…The [end].");
}

TEST(Snippet, lights_identifiers_whole_and_by_their_parts) {
  EXPECT_EQ(lit("call getLogFile now", "log", 100), "call get[Log]File now");
  EXPECT_EQ(lit("call getLogFile now", "getLogFile", 100), "call [getLogFile] now");
}

TEST(Snippet, unwanted_words_and_fields_are_not_lit) {
  const auto query = parse_query("a -b path:c +d", {"path"}).value();
  const auto snippet = make_snippet("a b c d", kEn, query, 100);
  ASSERT_EQ(snippet.hits.size(), 2U);
  EXPECT_EQ(snippet.hits[0].begin, 0U);
  EXPECT_EQ(snippet.hits[1].begin, 6U);
}

TEST(Snippet, tiny_windows_are_cut_at_characters) {
  EXPECT_EQ(lit("äöü", "x", 3), "ä…");
  EXPECT_EQ(lit("abcdef", "x", 4), "abcd…");
  EXPECT_EQ(lit("abcdef", "abcdef", 4), "abcd…");
  EXPECT_EQ(lit("abc", "abc", 0), "…");
  EXPECT_EQ(lit("", "abc", 10), "");
}

std::size_t best_count(std::string_view text, std::string_view query, std::uint32_t max_bytes) {
  text::Analyzer analyzer;
  std::vector<text::Token> wanted, tokens;
  analyzer.analyze(query, kEn, wanted);
  analyzer.analyze(text, kEn, tokens);
  std::size_t best = 0;
  for (const auto& first : tokens) {
    std::set<std::uint32_t> seen;
    for (const auto& token : tokens) {
      const bool inside = token.begin >= first.begin && token.end <= first.begin + max_bytes;
      const bool hit = std::any_of(wanted.begin(), wanted.end(), [&](const auto& w) { return w.term == token.term; });
      if (inside && hit) seen.insert(token.term);
    }
    best = std::max(best, seen.size());
  }
  return best;
}

TEST(Snippet, keeps_its_laws_on_random_texts) {
  constexpr const char* kPieces[] = {"log", "logs", "file", "rotate", "day", "日本", "é",
                                     " ",   " ",    " ",    ", ",     "\n",  "—"};
  for (std::uint32_t seed = 0; seed < 5000; ++seed) {
    std::mt19937 rng(seed);
    std::string text, query;
    for (auto count = rng() % 60; count > 0; --count) text += std::string(kPieces[rng() % std::size(kPieces)]) + ' ';
    for (auto count = rng() % 5; count > 0; --count) query += std::string(kPieces[rng() % 5]) + ' ';
    const auto max_bytes = static_cast<std::uint32_t>(rng() % 80);
    const auto snippet = make_snippet(text, kEn, plain_query(query).value(), max_bytes);
    const auto note = '<' + text + "> <" + query + "> " + std::to_string(max_bytes) + " seed=" + std::to_string(seed);
    ASSERT_LE(snippet.begin, snippet.end) << note;
    ASSERT_LE(snippet.end, text.size()) << note;
    EXPECT_LE(snippet.end - snippet.begin, max_bytes) << note;
    EXPECT_TRUE(text::is_valid_utf8(std::string_view(text).substr(snippet.begin, snippet.end - snippet.begin))) << note;
    std::uint32_t at = snippet.begin;
    text::Analyzer analyzer;
    std::vector<text::Token> tokens, wanted;
    analyzer.analyze(query, kEn, wanted);
    std::set<std::uint32_t> lit_terms;
    for (const auto& hit : snippet.hits) {
      EXPECT_LE(at, hit.begin) << note;
      EXPECT_LT(hit.begin, hit.end) << note;
      EXPECT_LE(hit.end, snippet.end) << note;
      at = hit.end;
      tokens.clear();
      analyzer.analyze(std::string_view(text).substr(hit.begin, hit.end - hit.begin), kEn, tokens);
      for (const auto& token : tokens) lit_terms.insert(token.term);
    }
    for (const auto term : lit_terms) {
      EXPECT_TRUE(std::any_of(wanted.begin(), wanted.end(), [&](const auto& w) { return w.term == term; })) << note;
    }
    EXPECT_GE(lit_terms.size(), best_count(text, query, max_bytes)) << note;
    if (max_bytes < 8) continue;  // shorter than a word
    std::vector<text::Range> words;
    text::segment_words(text, words);
    for (const auto& word : words) {
      EXPECT_FALSE(word.begin < snippet.begin && snippet.begin < word.end) << note;
      EXPECT_FALSE(word.begin < snippet.end && snippet.end < word.end) << note;
    }
  }
}

}  // namespace
}  // namespace tamis::search
