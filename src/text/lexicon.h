#pragma once

#include <tamis/text/analyzer.h>
#include <tamis/text/language.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stemmer.h"
#include "term_table.h"
#include "word_cache.h"
#include "word_parts.h"

namespace tamis::text {

/// What a raw word is looked up as: the number of a language, or a bigram, which means the same in all languages.
using WordTag = std::uint8_t;
inline constexpr WordTag kGramTag = 0xFF;

/// Raw words to terms. The terms are numbered for good; what a raw word gives is cached, and forgetting it changes
/// nothing but the time it takes.
class Lexicon {
 public:
  /// Appends the tokens of a word that stands at `begin` in its text.
  /// @param key  WordCache::key(word, tag, …); not read for a word longer than WordCache::kMaxBytes
  void append(const WordCache::Key& key, std::string_view word, WordTag tag, std::uint32_t begin,
              std::vector<Token>& out) {
    if (word.size() <= WordCache::kMaxBytes) {
      const std::uint32_t value = words_.find(key, word);
      if (value < kListBit) {
        out.push_back({value, begin, begin + static_cast<std::uint32_t>(word.size())});
        return;
      }
      if (value != WordCache::kAbsent) return append_list(value, begin, out);
    }
    learn(key, word, tag, begin, out);
  }

  [[nodiscard]] const WordCache& cache() const noexcept { return words_; }
  [[nodiscard]] const TermTable& terms() const noexcept { return terms_; }
  void clear();

 private:
  static constexpr std::uint32_t kListBit = 0x80000000;
  static constexpr std::uint32_t kNoTerm = 0xFFFFFFFF;

  void learn(const WordCache::Key& key, std::string_view word, WordTag tag, std::uint32_t begin,
             std::vector<Token>& out);
  void append_list(std::uint32_t value, std::uint32_t begin, std::vector<Token>& out) const;
  void find_tokens(std::string_view word, WordTag tag);
  [[nodiscard]] std::uint32_t make_term(std::string_view part, Language language);
  [[nodiscard]] std::uint32_t make_gram(std::string_view gram);
  void forget_words();

  TermTable terms_;
  WordCache words_;
  /// Words that do not give just one token over all of their bytes: a cached value with kListBit is a place here, where
  /// a count stands (in `term`) and then the tokens, as if the word began at 0.
  std::vector<Token> lists_;
  Stemmers stemmers_;
  std::vector<WordPart> parts_;  // the rest is scratch
  std::vector<Token> tokens_;
  std::string normalized_;
  std::string stripped_;
};

}  // namespace tamis::text
