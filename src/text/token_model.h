#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer_spec.h"
#include "vocabulary.h"

namespace tamis::text {

/// A token and the bytes of the word that it covers.
struct WordToken {
  std::uint32_t id = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend bool operator==(const WordToken&, const WordToken&) = default;
};

/// Buffers of the models, reused from word to word. One a thread.
struct ModelScratch {
  /// A symbol of byte-pair encoding, linked to its neighbours.
  struct Symbol {
    std::uint32_t id = 0;
    std::uint32_t size = 0;  ///< bytes; 0 once it went into its left neighbour
    std::int32_t previous = -1;
    std::int32_t next = -1;
  };
  struct Merge {
    std::uint32_t rank = 0;
    std::uint32_t position = 0;
    std::uint32_t made = 0;
  };
  /// The best way of Unigram to a place in the word.
  struct Step {
    double score = 0;
    std::uint32_t id = 0;
    std::uint32_t begin = 0;
    bool reached = false;
  };
  std::vector<Symbol> symbols;
  std::vector<Merge> merges;
  std::vector<Step> steps;
  std::vector<SpellingHash> hashes;  ///< of the beginnings of what is left of a word
  std::string spelling;              ///< of a word by GPT-2's letters
};

/// What cuts a word into tokens. Immutable.
class TokenModel {
 public:
  virtual ~TokenModel() = default;
  /// Appends the tokens of a well-formed, non-empty word.
  virtual void encode(std::string_view word, ModelScratch& scratch, std::vector<WordToken>& out) const = 0;
  /// The id of what the vocabulary does not have.
  [[nodiscard]] virtual std::optional<std::uint32_t> unknown() const noexcept = 0;
};

/// `vocabulary` must outlive the model. kCorrupt where the parts of `spec` do not fit each other.
[[nodiscard]] Result<std::unique_ptr<TokenModel>> make_word_piece(const ModelSpec& spec, const Vocabulary& vocabulary);
/// `raw_bytes`: words come as plain bytes and the vocabulary spells them with GPT-2's letters for bytes, of which it
/// has all.
[[nodiscard]] Result<std::unique_ptr<TokenModel>> make_byte_pair(const ModelSpec& spec, const Vocabulary& vocabulary,
                                                                 bool raw_bytes);
/// Whether each of GPT-2's letters for bytes is a token.
[[nodiscard]] bool spells_all_bytes(const Vocabulary& vocabulary);
[[nodiscard]] Result<std::unique_ptr<TokenModel>> make_unigram(const ModelSpec& spec, const Vocabulary& vocabulary);

}  // namespace tamis::text
