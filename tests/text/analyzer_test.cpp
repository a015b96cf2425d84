#include <gtest/gtest.h>
#include <tamis/text/analyzer.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "analyzer_laws.h"
#include "word_cache.h"
#include "worlds.h"

namespace tamis::text {
namespace {

/// The terms of a text with a space between them.
std::string terms(std::string_view text, Language language = Language::kEnglish) {
  Analyzer analyzer;
  std::string out;
  for (const Spelled& token : spell(analyzer, text, language)) out.append(out.empty() ? "" : " ").append(token.term);
  return out;
}

TEST(Analyzer, words_are_folded_and_stemmed) {
  EXPECT_EQ(terms("The Cats were RUNNING, quickly."), "the cat were run quick");
  EXPECT_EQ(terms("Die Häuser der Straße", Language::kGerman), "die haus der strass");
  EXPECT_EQ(terms("книги и книга", Language::kRussian), "книг и книг");
  EXPECT_EQ(terms("café naïve Łódź", Language::kNone), "cafe naive lodz");
  EXPECT_EQ(terms("soft\xC2\xADhyphen ﬁnd ＡＢＣ e\xCC\x81t\xC3\xA9", Language::kNone), "softhyphen find abc ete");
}

TEST(Analyzer, diacritics_stay_where_they_make_other_letters) {
  EXPECT_EQ(terms("får får", Language::kSwedish), "får får");
  EXPECT_EQ(terms("Người Việt", Language::kVietnamese), "người việt");
  EXPECT_EQ(terms("Nguyễn", Language::kEnglish), "nguyen");
  EXPECT_EQ(terms("IŞIK İzmir", Language::kTurkish), terms("ışık izmir", Language::kTurkish));
}

TEST(Analyzer, apostrophes_follow_the_language) {
  EXPECT_EQ(terms("don't don’t dogs' dog's"), "don't don't dog dog");
  EXPECT_EQ(terms("l'homme d’été", Language::kFrench), "l homm d ete");
  EXPECT_EQ(terms("user's", Language::kNone), "user s");
}

TEST(Analyzer, identifiers_give_their_parts) {
  EXPECT_EQ(terms("snake_case_name __init__", Language::kNone), "snake case name init");
  EXPECT_EQ(terms("os.path.join user@example.org", Language::kNone), "os path join user example org");
  EXPECT_EQ(terms("getElementById", Language::kNone), "getelementbyid get element by id");
  EXPECT_EQ(terms("HTTPServer APIs iPhone PostgreSQL", Language::kNone),
            "httpserver http server apis iphone phone postgresql postgre sql");
  EXPECT_EQ(terms("sha256 utf8 x86_64", Language::kNone), "sha 256 utf 8 x 86 64");
}

TEST(Analyzer, acronyms_and_numbers_stay_whole) {
  EXPECT_EQ(terms("the U.S. and U.S.S.R.", Language::kNone), "the us and ussr");
  EXPECT_EQ(terms("3.14 1,000,000 1.000,5 3.11.2", Language::kNone), "3.14 1000000 1.000 5 3.11.2");
  EXPECT_EQ(terms("[1,2,3] 10,20 1;2", Language::kNone), "1 2 3 10 20 1 2");
}

TEST(Analyzer, scripts_without_spaces_give_bigrams) {
  EXPECT_EQ(terms("東京都 水"), "東京 京都 水");
  EXPECT_EQ(terms("in東京now"), "in 東京 now");
  EXPECT_EQ(terms("한국어", Language::kKorean), "한국 국어");
  EXPECT_EQ(terms("ᄒ\xE1\x85\xA1\xE1\x86\xABᄀ\xE1\x85\xAE\xE1\x86\xA8"), "한국");  // conjoining letters
  EXPECT_EQ(terms("ｶﾞｲﾄﾞ"), terms("ガイド"));                                        // half-width
  EXPECT_EQ(terms("ที่นี่", Language::kThai), "ที่นี่");                                     // marks belong to their consonant
}

TEST(Analyzer, tokens_tell_their_bytes) {
  const std::string text = "a fooBar, 東京都";
  Analyzer analyzer;
  const auto tokens = spell(analyzer, text, Language::kNone);
  const std::vector<Spelled> wanted = {{"a", 0, 1},   {"foobar", 2, 8}, {"foo", 2, 5},
                                       {"bar", 5, 8}, {"東京", 10, 16}, {"京都", 13, 19}};
  EXPECT_EQ(tokens, wanted);
}

TEST(Analyzer, terms_have_small_numbers_that_stay) {
  Analyzer analyzer;
  std::vector<Token> tokens;
  analyzer.analyze("one two one", Language::kNone, tokens);
  ASSERT_EQ(tokens.size(), 3U);
  EXPECT_EQ(tokens[0].term, tokens[2].term);
  EXPECT_EQ(analyzer.num_terms(), 2U);
  const std::string_view one = analyzer.term(tokens[0].term);
  for (int i = 0; i < 100'000; ++i) {
    std::string word = "w";
    for (int rest = i; rest > 0; rest /= 20) word.push_back(static_cast<char>('a' + rest % 20));
    analyzer.analyze(word, Language::kNone, tokens);
  }
  EXPECT_EQ(one.data(), analyzer.term(tokens[0].term).data());  // nothing moved
  EXPECT_EQ(one, "one");
}

TEST(Analyzer, long_terms_are_cut_at_a_character_border) {
  EXPECT_EQ(terms(std::string(1000, 'a'), Language::kNone), std::string(64, 'a'));
  std::string umlauts = "a";
  for (int i = 0; i < 500; ++i) umlauts += "ж";
  EXPECT_EQ(terms(umlauts, Language::kNone).size(), 63U);
}

TEST(Analyzer, broken_utf8_separates_words) {
  EXPECT_EQ(terms("foo\xFF"
                  "bar \xE2\x82 b\xC3",
                  Language::kNone),
            "foo bar b");
  EXPECT_EQ(terms(std::string_view("a\0b", 3), Language::kNone), "a b");
}

TEST(Analyzer, laws_hold_on_random_texts) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    const std::string text = random_text(rng, 40);
    const auto languages = all_languages();
    ASSERT_EQ(broken_law(text, languages[rng() % languages.size()]), "") << "seed=" << seed;
  }
}

/// An analyzer that has seen much, in all languages, answers as a new one does.
TEST(Analyzer, what_was_seen_before_changes_nothing) {
  Analyzer old;
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 rng(seed);
    const std::string text = random_text(rng, 30);
    const auto language = all_languages()[rng() % all_languages().size()];
    Analyzer fresh;
    ASSERT_EQ(spell(old, text, language), spell(fresh, text, language)) << "seed=" << seed;
  }
}

/// Texts may be cut at a line break without changing a token.
TEST(Analyzer, lines_are_independent) {
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 rng(seed);
    const std::string first = random_text(rng, 12) + "\n";
    const std::string second = random_text(rng, 12);
    Analyzer analyzer;
    auto apart = spell(analyzer, first, Language::kEnglish);
    for (Spelled token : spell(analyzer, second, Language::kEnglish)) {
      token.begin += static_cast<std::uint32_t>(first.size());
      token.end += static_cast<std::uint32_t>(first.size());
      apart.push_back(token);
    }
    ASSERT_EQ(spell(analyzer, first + second, Language::kEnglish), apart) << "seed=" << seed;
  }
}

TEST(Analyzer, hostile_texts_take_linear_time) {
  const auto repeat = [](std::string_view piece, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text.append(piece);
    return text;
  };
  for (const std::string& text :
       {std::string(10'000'000, 'a'), repeat("aB", 500'000), repeat("a1", 500'000), repeat("a_", 500'000),
        repeat("a.", 500'000), "a" + repeat("\xCC\x81\xCC\xA3", 500'000), repeat("\xE2\x80\x8D", 1'000'000),
        repeat("a\xE2\x80\x8D", 300'000), repeat("漢", 300'000), "漢" + repeat("\xCC\x81", 500'000),
        repeat("1,000", 300'000), repeat("1.", 500'000), std::string(1'000'000, '\0'), repeat("\xFF", 1'000'000)}) {
    EXPECT_EQ(broken_law(text, Language::kEnglish), "");
  }
}

TEST(Analyzer, fingerprint_names_what_decides_about_terms) {
  const std::string fingerprint = Analyzer::fingerprint();
  for (const char* part : {"tamis-text ", "icu ", "snowball ", "utf8proc "}) {
    EXPECT_NE(fingerprint.find(part), std::string::npos) << fingerprint;
  }
}

/// The cache against a list of what was put into it, through many growths and one clear().
TEST(WordCache, finds_what_was_inserted_and_nothing_else) {
  std::mt19937 rng(7);
  WordCache cache;
  std::vector<std::string> words;
  std::set<std::string> known;
  while (words.size() < 20'000) {
    std::string word(1 + rng() % (rng() % 4 == 0 ? 64 : 18), 'a');
    for (char& c : word) c = static_cast<char>('a' + rng() % 3);
    if (known.insert(word).second) words.push_back(word);
  }
  const auto key = [](const std::string& word, std::uint8_t tag) { return WordCache::key(word, tag, word.size()); };
  for (std::size_t i = 0; i < words.size(); i += 2)
    cache.insert(key(words[i], 1), words[i], static_cast<std::uint32_t>(i));
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::uint32_t wanted = i % 2 == 0 ? static_cast<std::uint32_t>(i) : WordCache::kAbsent;
    ASSERT_EQ(cache.find(key(words[i], 1), words[i]), wanted) << words[i];
    ASSERT_EQ(cache.find(key(words[i], 2), words[i]), WordCache::kAbsent) << words[i];
    // Where 16 bytes may be read the key is the same.
    const std::string longer = words[i] + "zzzzzzzzzzzzzzzz";
    const std::string_view inside = std::string_view(longer).substr(0, words[i].size());
    ASSERT_EQ(cache.find(WordCache::key(inside, 1, longer.size()), inside), wanted) << words[i];
  }
  cache.clear();
  for (const std::string& word : words) ASSERT_EQ(cache.find(key(word, 1), word), WordCache::kAbsent);
}

}  // namespace
}  // namespace tamis::text
