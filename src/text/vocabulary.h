#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "byte_trie.h"
#include "tokenizer_spec.h"

namespace tamis::text {

/// The spellings of a model's tokens, by id and by spelling. Immutable; views stay valid while it lives and moves.
class Vocabulary {
 public:
  /// kCorrupt when two tokens have one id (Unigram: one spelling may stand twice, the last one counts).
  [[nodiscard]] static Result<Vocabulary> make(const ModelSpec& spec);
  Vocabulary() = default;

  /// One more than the highest id.
  [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(spelling_.size()); }
  /// The number of different tokens.
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  /// Empty for an id that no token has.
  [[nodiscard]] std::string_view spelling(std::uint32_t id) const noexcept {
    if (id >= spelling_.size()) return {};
    return std::string_view(letters_).substr(spelling_[id].begin, spelling_[id].end - spelling_[id].begin);
  }
  [[nodiscard]] std::optional<std::uint32_t> id(std::string_view spelling) const noexcept {
    const std::uint32_t node = trie_.find(spelling);
    const std::uint32_t value = node == ByteTrie::kNone ? ByteTrie::kNone : trie_.value(node);
    return value == ByteTrie::kNone ? std::nullopt : std::optional(value);
  }
  [[nodiscard]] const ByteTrie& trie() const noexcept { return trie_; }

 private:
  std::string letters_;
  std::vector<Range> spelling_;
  std::uint32_t count_ = 0;
  ByteTrie trie_;
};

}  // namespace tamis::text
