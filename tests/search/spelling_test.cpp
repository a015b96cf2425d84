#include <gtest/gtest.h>
#include <tamis/search/spelling.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>

#include "word_edits.h"
#include "world.h"

namespace tamis::search {
namespace {

std::u32string random_word(std::mt19937& rng, std::size_t least, std::size_t most, std::u32string_view alphabet) {
  std::u32string word;
  for (auto count = least + rng() % (most - least + 1); count > 0; --count) word += alphabet[rng() % alphabet.size()];
  return word;
}

/// The definition, by recursion from the ends.
std::size_t plain_distance(std::u32string_view a, std::u32string_view b) {
  if (a.empty() || b.empty()) return a.size() + b.size();
  const auto a1 = a.substr(0, a.size() - 1), b1 = b.substr(0, b.size() - 1);
  auto least = std::min(plain_distance(a1, b), plain_distance(a, b1)) + 1;
  least = std::min(least, plain_distance(a1, b1) + (a.back() == b.back() ? 0 : 1));
  if (a.size() > 1 && b.size() > 1 && a.back() == b1.back() && a1.back() == b.back()) {
    least = std::min(least, plain_distance(a1.substr(0, a1.size() - 1), b1.substr(0, b1.size() - 1)) + 1);
  }
  return least;
}

TEST(WordEdits, the_distance_is_that_of_the_definition) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    const auto a = random_word(rng, 0, 5, U"abc"), b = random_word(rng, 0, 5, U"abc");
    const auto wanted = plain_distance(a, b);
    for (std::size_t most = 0; most < 6; ++most) {
      ASSERT_EQ(edit_distance(a, b, most), std::min(wanted, most + 1)) << "seed " << seed;
    }
  }
}

TEST(WordEdits, words_one_edit_away_are_those_at_distance_one) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    const auto word = random_word(rng, 1, 4, U"ab");
    const auto near = one_edit_away(word, U"ab");
    ASSERT_TRUE(std::is_sorted(near.begin(), near.end()));
    for (std::size_t length = 0; length <= 6; ++length) {
      for (std::size_t bits = 0; bits < 1U << length; ++bits) {
        std::u32string other;
        for (std::size_t i = 0; i < length; ++i) other += (bits >> i & 1U) != 0 ? U'a' : U'b';
        ASSERT_EQ(std::binary_search(near.begin(), near.end(), other), edit_distance(word, other, 1) == 1)
            << "seed " << seed;
      }
    }
  }
}

TEST(WordEdits, letters_are_read_and_written_alike_and_hostile_bytes_are_none) {
  EXPECT_EQ(letters_of("Straße"), U"straße");
  EXPECT_EQ(letters_of("Дом"), U"Дом");
  EXPECT_EQ(letters_of("x86"), U"");
  EXPECT_EQ(letters_of("日本語"), U"");
  EXPECT_EQ(letters_of("\xC3"), U"");
  EXPECT_EQ(letters_of("\xC0\x80"), U"");
  for (std::uint32_t seed = 0; seed < 20000; ++seed) {
    std::mt19937 rng(seed);
    std::string bytes;
    for (auto count = rng() % 6; count > 0; --count) {
      bytes += static_cast<char>(rng() % 2 == 0 ? 'a' + rng() % 26 : rng() % 256);
    }
    const auto letters = letters_of(bytes);
    if (letters.empty()) continue;
    ASSERT_EQ(letters_of(utf8_of(letters)), letters) << "seed " << seed;
  }
}

/// Passages without a language: a word is its own term.
std::vector<TestPassage> random_passages(std::mt19937& rng, const std::vector<std::string>& words,
                                         std::size_t num_segments) {
  text::Analyzer analyzer;
  std::vector<TestPassage> passages;
  for (PassageId id = 0; id < 12; ++id) {
    TestPassage passage;
    passage.id = id;
    passage.language = text::Language::kNone;
    for (auto count = 1 + rng() % 6; count > 0; --count) passage.body += words[rng() % words.size()] + ' ';
    passage.segment = rng() % num_segments;
    index_passage(analyzer, rng, 3, passage);
    passages.push_back(passage);
  }
  return passages;
}

std::map<std::u32string, std::size_t> frequencies(const std::vector<TestPassage>& passages) {
  std::map<std::u32string, std::size_t> out;
  for (const auto& passage : passages) {
    for (const auto& [key, level] : passage.levels) ++out[letters_of(key)];
  }
  return out;
}

std::vector<WordSuggestion> suggestions(const Collection& collection, std::string_view question) {
  Speller speller;
  return speller.suggest(collection, parse_query(question, collection.field_names()).value()).value();
}

TEST(Speller, suggests_the_most_frequent_of_the_nearest_words_however_they_are_cut_into_segments) {
  std::size_t num_suggested = 0, num_two = 0;
  for (std::uint32_t seed = 0; seed < 160; ++seed) {
    std::mt19937 rng(seed);
    const std::u32string alphabet = seed % 2 == 0 ? U"abcd" : U"абвг";
    std::vector<std::string> words;
    for (std::size_t i = 0; i < 12; ++i) words.push_back(utf8_of(random_word(rng, 4, 9, alphabet)));
    auto passages = random_passages(rng, words, 1 + rng() % 3);
    const TestCollection collection(passages, 3, 0.0F);
    for (auto& passage : passages) passage.segment = 0;
    const TestCollection in_one(passages, 1, 0.0F);
    const auto known = frequencies(passages);

    auto word = letters_of(words[rng() % words.size()]);
    for (auto edits = 1 + rng() % 2; edits > 0; --edits) {
      const auto near = one_edit_away(word, alphabet);
      word = near[rng() % near.size()];
    }
    const auto found = suggestions(collection, utf8_of(word));
    const auto in_one_found = suggestions(in_one, utf8_of(word));
    ASSERT_EQ(found.size(), in_one_found.size()) << "seed " << seed;
    if (known.contains(word) || word.size() < 4) {
      // One of a thousand times as many passages cannot be among twelve.
      ASSERT_TRUE(found.empty()) << "seed " << seed;
      continue;
    }
    std::size_t nearest = 3, most = 0;
    for (const auto& [letters, passages_with] : known) nearest = std::min(nearest, edit_distance(letters, word, 2));
    if (nearest == 2 && word.size() < 8) nearest = 3;
    for (const auto& [letters, passages_with] : known) {
      if (edit_distance(letters, word, 2) == nearest) most = std::max(most, passages_with);
    }
    ASSERT_EQ(found.size(), nearest <= 2 ? 1U : 0U)
        << "seed " << seed << " word " << utf8_of(word) << (found.empty() ? "" : " found " + found[0].instead);
    if (found.empty()) continue;
    ++num_suggested;
    num_two += nearest == 2 ? 1 : 0;
    ASSERT_EQ(found[0].instead, in_one_found[0].instead) << "seed " << seed;
    ASSERT_EQ(found[0].word, utf8_of(word)) << "seed " << seed;
    const auto instead = letters_of(found[0].instead);
    ASSERT_EQ(edit_distance(instead, word, 2), nearest) << "seed " << seed;
    ASSERT_EQ(known.at(instead), most) << "seed " << seed;
  }
  EXPECT_GT(num_suggested, 50U);
  EXPECT_GT(num_two, 5U);
}

TestCollection english(const std::vector<std::string>& bodies) {
  text::Analyzer analyzer;
  std::mt19937 rng(1);
  std::vector<TestPassage> passages;
  for (const auto& body : bodies) {
    TestPassage passage;
    passage.id = passages.size();
    passage.body = body;
    passage.segment = passages.size() % 2;
    index_passage(analyzer, rng, 3, passage);
    passages.push_back(passage);
  }
  return {passages, 2, 0.0F};
}

TEST(Speller, of_words_with_one_stem_suggests_the_one_that_passages_say_most) {
  const auto collection =
      english({"the informator", "information is power", "information and rotation", "more information", "a rotator"});
  const auto found = suggestions(collection, "Informaton about -rotatiom title:rotatiom \"log rotatiom\" x86_65");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].word, "Informaton");
  EXPECT_EQ(found[0].instead, "Information");
  EXPECT_EQ(found[1].instead, "rotation");
}

TEST(Speller, a_word_that_one_passage_has_yields_to_a_thousand) {
  std::vector<std::string> bodies(999, "weather");
  bodies.push_back("wether");
  EXPECT_TRUE(suggestions(english(bodies), "wether").empty());
  bodies.push_back("weather");
  EXPECT_EQ(suggestions(english(bodies), "wether").size(), 1U);
  bodies.push_back("wether");
  EXPECT_TRUE(suggestions(english(bodies), "wether").empty());
}

TEST(Speller, looks_at_four_words_and_at_none_of_an_odd_length) {
  const auto collection = english({"house garden window kitchen cellar"});
  EXPECT_EQ(suggestions(collection, "hause gerden windaw kitchan celler hause").size(), 4U);
  EXPECT_TRUE(suggestions(collection, "hos " + std::string(40, 'a')).empty());
  EXPECT_TRUE(suggestions(collection, "").empty());
}

TEST(Speller, words_are_replaced_where_they_stand_as_words) {
  const std::vector<WordSuggestion> words = {{"hause", "house"}, {"windaw", "window"}};
  EXPECT_EQ(with_words_replaced("+hause, \"the windaw\" hauses hause", words), "+house, \"the window\" hauses house");
  EXPECT_EQ(with_words_replaced("nothing", words), "nothing");
  EXPECT_EQ(with_words_replaced("", words), "");
}

}  // namespace
}  // namespace tamis::search
