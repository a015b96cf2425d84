#include <gtest/gtest.h>
#include <tamis/text/tokenizer.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "byte_trie.h"
#include "gpt2_words.h"
#include "text_pattern.h"
#include "token_cache.h"
#include "token_model.h"
#include "worlds.h"

namespace tamis::text {
namespace {

std::string random_word(std::mt19937& rng, std::size_t longest, int letters) {
  std::string word(1 + rng() % longest, 'a');
  for (char& c : word) c = static_cast<char>('a' + static_cast<int>(rng() % static_cast<unsigned>(letters)));
  return word;
}

/// A vocabulary of random words with and without a prefix, scores of whole numbers so that sums are exact.
ModelSpec random_model(std::mt19937& rng, ModelSpec::Kind kind) {
  ModelSpec spec;
  spec.kind = kind;
  spec.unknown = "?";
  spec.unknown_id = 0;
  if (kind == ModelSpec::Kind::kWordPiece) spec.continuing_prefix = "##";
  std::map<std::string, bool> seen{{"?", true}};
  spec.vocabulary.add("?", 0, -9);
  for (std::size_t n = 3 + rng() % 25; n > 0; --n) {
    std::string word = random_word(rng, 4, 3);
    if (kind == ModelSpec::Kind::kWordPiece && rng() % 2 == 0) word.insert(0, "##");
    if (!seen.emplace(word, true).second) continue;
    spec.vocabulary.add(word, static_cast<std::uint32_t>(spec.vocabulary.size()), -static_cast<double>(rng() % 12));
  }
  return spec;
}

/// The id of a token; nothing where the list has none.
std::optional<std::uint32_t> id_in(const TokenList& tokens, std::string_view token) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].token == token) return tokens[i].id;
  }
  return std::nullopt;
}

std::vector<WordToken> encode(const TokenModel& model, std::string_view word) {
  ModelScratch scratch;
  std::vector<WordToken> tokens;
  model.encode(word, scratch, tokens);
  return tokens;
}

namespace ref {

/// WordPiece by its definition: the longest piece first, tried from the whole rest down.
std::vector<WordToken> word_piece(const ModelSpec& spec, std::string_view word) {
  std::vector<WordToken> tokens;
  const WordToken unknown{0, 0, static_cast<std::uint32_t>(word.size())};
  if (word.size() > spec.max_word_characters) return {unknown};
  for (std::size_t begin = 0; begin < word.size();) {
    std::size_t end = word.size();
    for (; end > begin; --end) {
      const std::string piece =
          (begin > 0 ? spec.continuing_prefix : "") + std::string(word.substr(begin, end - begin));
      const auto id = id_in(spec.vocabulary, piece);
      if (!id) continue;
      tokens.push_back({*id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
      break;
    }
    if (end == begin) return {unknown};
    begin = end;
  }
  return tokens;
}

/// Pair encoding by its definition: joins the leftmost pair of the earliest merge until there is none.
std::vector<std::string> byte_pair(const ModelSpec& spec, std::string_view word) {
  std::vector<std::string> parts;
  for (const char c : word) parts.emplace_back(1, c);
  for (bool joined = true; joined;) {
    joined = false;
    for (const auto& [left, right] : spec.merges) {
      for (std::size_t i = 0; i + 1 < parts.size() && !joined; ++i) {
        if (parts[i] != left || parts[i + 1] != right) continue;
        parts[i] += parts[i + 1];
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1);
        joined = true;
      }
      if (joined) break;
    }
  }
  return parts;
}

/// The best sum of scores over all cuts of a word.
double best_score(const ModelSpec& spec, std::string_view word, double unknown_score) {
  if (word.empty()) return 0;
  double best = -1e300;
  bool single = false;
  for (std::size_t i = 0; i < spec.vocabulary.size(); ++i) {
    const TokenList::Entry entry = spec.vocabulary[i];
    if (!word.starts_with(entry.token)) continue;
    single = single || entry.token.size() == 1;
    best = std::max(best, entry.score + best_score(spec, word.substr(entry.token.size()), unknown_score));
  }
  if (!single) best = std::max(best, unknown_score + best_score(spec, word.substr(1), unknown_score));
  return best;
}

}  // namespace ref

TEST(WordPiece, equals_the_definition_on_random_vocabularies) {
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 rng(seed);
    ModelSpec spec = random_model(rng, ModelSpec::Kind::kWordPiece);
    spec.max_word_characters = 4 + rng() % 12;
    const auto vocabulary = Vocabulary::make(spec).value();
    const auto model = make_word_piece(spec, vocabulary).value();
    for (int i = 0; i < 10; ++i) {
      const std::string word = random_word(rng, 14, 3);
      ASSERT_EQ(encode(*model, word), ref::word_piece(spec, word)) << word << " seed=" << seed;
    }
  }
}

TEST(BytePair, equals_the_definition_on_random_merges_for_short_and_long_words) {
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    std::mt19937 rng(seed);
    ModelSpec spec;
    spec.kind = ModelSpec::Kind::kBytePair;
    for (const char* letter : {"a", "b", "c"})
      spec.vocabulary.add(letter, static_cast<std::uint32_t>(spec.vocabulary.size()));
    for (std::size_t n = rng() % 15; n > 0; --n) {
      const std::string left(spec.vocabulary[rng() % spec.vocabulary.size()].token);
      const std::string right(spec.vocabulary[rng() % spec.vocabulary.size()].token);
      if (id_in(spec.vocabulary, left + right)) continue;
      spec.merges.emplace_back(left, right);
      spec.vocabulary.add(left + right, static_cast<std::uint32_t>(spec.vocabulary.size()));
    }
    const auto vocabulary = Vocabulary::make(spec).value();
    const auto model = make_byte_pair(spec, vocabulary, false).value();
    for (const std::size_t longest : {10, 100}) {
      const std::string word = random_word(rng, longest, 3);
      std::vector<std::string> parts;
      for (const WordToken& token : encode(*model, word)) {
        parts.emplace_back(vocabulary.spelling(token.id));
        ASSERT_EQ(word.substr(token.begin, token.end - token.begin), parts.back()) << "seed=" << seed;
      }
      ASSERT_EQ(parts, ref::byte_pair(spec, word)) << word << " seed=" << seed;
    }
  }
}

TEST(Unigram, no_cut_of_a_word_has_a_higher_score) {
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    std::mt19937 rng(seed);
    const ModelSpec spec = random_model(rng, ModelSpec::Kind::kUnigram);
    const auto vocabulary = Vocabulary::make(spec).value();
    const auto model = make_unigram(spec, vocabulary).value();
    const double unknown_score = *std::ranges::min_element(spec.vocabulary.scores()) - 10;
    const std::string word = random_word(rng, 10, 4);
    double score = 0;
    std::uint32_t at = 0;
    for (const WordToken& token : encode(*model, word)) {
      ASSERT_EQ(token.begin, at) << "seed=" << seed;
      at = token.end;
      score += token.id == 0 ? unknown_score * (token.end - token.begin) : spec.vocabulary[token.id].score;
    }
    ASSERT_EQ(at, word.size());
    ASSERT_EQ(score, ref::best_score(spec, word, unknown_score)) << word << " seed=" << seed;
  }
}

TEST(ByteTrie, finds_the_longest_of_its_strings_and_nothing_else) {
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    std::mt19937 rng(seed);
    std::vector<std::string> words;
    for (std::size_t n = rng() % 40; n > 0; --n) words.push_back(random_word(rng, 5, 3));
    std::vector<ByteTrie::Entry> entries;
    std::map<std::string, std::uint32_t> wanted;
    for (std::uint32_t i = 0; i < words.size(); ++i) {
      entries.push_back({words[i], i});
      wanted[words[i]] = i;
    }
    const ByteTrie trie(entries);
    const std::string text = random_word(rng, 8, 4);
    ByteTrie::Match best;
    for (const auto& [word, value] : wanted) {
      if (text.starts_with(word) && word.size() > best.size) best = {value, word.size()};
    }
    const ByteTrie::Match found = trie.longest(ByteTrie::kRoot, text);
    ASSERT_EQ(found.size, best.size) << text << " seed=" << seed;
    ASSERT_EQ(found.value, best.value) << text << " seed=" << seed;
  }
}

TEST(Gpt2Words, equal_the_regular_expression) {
  const auto pattern =
      TextPattern::make(R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", true, "test")
          .value();
  for (std::uint32_t seed = 0; seed < 5000; ++seed) {
    std::mt19937 rng(seed);
    std::string text;
    constexpr std::string_view kParts[] = {" ", "  ", "\n", "\xC2\xA0", "a", "é",   "漢",  "1",
                                           "²", "!",  "'s", "'re",      "'", "'ll", "x'v", "\xCC\x81"};
    for (std::size_t n = 1 + rng() % 12; n > 0; --n) text += kParts[rng() % std::size(kParts)];
    std::vector<Match> wanted;
    pattern.cover(text, 0, text.size(), wanted);
    std::vector<std::pair<std::size_t, std::size_t>> seen, expected;
    for (const Match& match : wanted) expected.emplace_back(match.begin, match.end);
    each_gpt2_word(text, 0, text.size(), [&](std::size_t begin, std::size_t end) { seen.emplace_back(begin, end); });
    ASSERT_EQ(seen, expected) << text << " seed=" << seed;
  }
}

TEST(TokenCache, gives_back_what_was_put_in_or_nothing) {
  std::mt19937 rng(5);
  TokenCache cache;
  std::map<std::string, std::uint32_t> put;
  std::size_t found = 0;
  for (std::uint32_t i = 0; i < 40'000; ++i) {
    const std::string word = random_word(rng, TokenCache::kMaxBytes, 3);
    const auto key = TokenCache::key(word, word.size(), 0);
    const std::string longer = word + std::string(TokenCache::kMaxBytes, 'z');
    ASSERT_EQ(TokenCache::key(std::string_view(longer).substr(0, word.size()), longer.size(), 0).words, key.words);
    ASSERT_EQ(cache.find(TokenCache::key(word, word.size(), 1)), nullptr) << word;
    if (const auto* const entry = cache.find(key)) {
      ++found;
      ASSERT_TRUE(put.contains(word)) << word;
      ASSERT_EQ(entry->ids[0], put[word]) << word;
    }
    const WordToken token{i, 0, static_cast<std::uint32_t>(word.size())};
    cache.insert(key, {&token, 1});
    put[word] = i;
    ASSERT_EQ(cache.find(key)->ids[0], i);
  }
  EXPECT_GT(found, 100U);
}

}  // namespace
}  // namespace tamis::text
