#pragma once

#include <tamis/base/result.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "byte_trie.h"
#include "pre_tokenizer.h"
#include "tokenizer_spec.h"

namespace tamis::text {

/// An added token with its id.
struct AddedToken {
  AddedTokenSpec spec;
  std::uint32_t id = 0;
};

/// Finds added tokens in a text: leftmost first, of several at one place the longest. Immutable.
class AddedTokenFinder {
 public:
  AddedTokenFinder() = default;
  /// The spellings, one for each of `tokens`.
  AddedTokenFinder(std::vector<AddedToken> tokens, std::span<const std::string> spellings);

  [[nodiscard]] bool empty() const noexcept { return tokens_.empty(); }
  /// Appends pieces that cover `text`: its tokens and what lies between them. `offset` is added to all of them.
  void find(std::string_view text, std::uint32_t offset, std::vector<Piece>& out) const;

 private:
  [[nodiscard]] std::size_t next_start(std::string_view text, std::size_t at) const noexcept;

  std::vector<AddedToken> tokens_;
  ByteTrie trie_;  // values are places in tokens_
  std::array<bool, 256> begins_{};
  std::string only_;  // the one byte that all begin with, if it is one
};

}  // namespace tamis::text
