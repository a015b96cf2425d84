#pragma once

#include <tamis/text/language.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::text {

/// A word of a text as the index sees it.
struct Token {
  std::uint32_t term = 0;   ///< the analyzer's own number of the normalised term: see Analyzer::term()
  std::uint32_t begin = 0;  ///< [begin, end) bytes of the text that it came from
  std::uint32_t end = 0;
};

/// Text to normalised terms: UAX #29 words, folded (NFKC, case, diacritics where the language allows), stemmed by
/// Snowball; character bigrams (and single characters) for Chinese, Japanese, Korean and Thai runs in any language.
/// Identifiers (snake_case, camelCase, dotted) give their parts. Never fails: broken UTF-8 separates words.
///
/// Terms are interned: a term has one small number per analyzer, so callers map numbers, not strings. Words seen before
/// cost one hash look-up. Terms longer than 64 bytes after normalisation are cut at a character border.
/// Not thread-safe: one a worker. Two analyzers number differently but give the same term strings.
class Analyzer {
 public:
  Analyzer();
  ~Analyzer();
  Analyzer(Analyzer&&) noexcept;
  Analyzer& operator=(Analyzer&&) noexcept;

  /// Appends the tokens of `text` in order of `begin`. Overlapping tokens (bigrams, identifier parts) are allowed.
  void analyze(std::string_view text, Language language, std::vector<Token>& out);
  /// The normalised term, valid until clear().
  [[nodiscard]] std::string_view term(std::uint32_t number) const noexcept;
  [[nodiscard]] std::size_t num_terms() const noexcept;
  /// Forgets all terms; numbers start again at 0.
  void clear();
  /// Changes whenever the same text may give other terms: stored in the index.
  [[nodiscard]] static std::string fingerprint();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tamis::text
