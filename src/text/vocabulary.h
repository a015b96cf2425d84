#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "byte_trie.h"
#include "tokenizer_spec.h"

namespace tamis::text {

/// The hash of a string, made a byte at a time: those of all its beginnings come on the way.
class SpellingHash {
 public:
  SpellingHash() = default;
  explicit SpellingHash(std::string_view spelling) noexcept {
    for (const char byte : spelling) add(byte);
  }
  void add(char byte) noexcept { value_ = (value_ + static_cast<unsigned char>(byte) + 1) * 0x9E3779B97F4A7C15ULL; }
  [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

 private:
  std::uint64_t value_ = 0;
};

/// The spellings of a model's tokens, by id and by spelling (open addressing, at most half full). Immutable; views stay
/// valid while it lives and moves.
class Vocabulary {
 public:
  /// kCorrupt when two tokens have one id (Unigram: one spelling may stand twice, the last one counts).
  [[nodiscard]] static Result<Vocabulary> make(const ModelSpec& spec);
  Vocabulary() = default;

  /// One more than the highest id.
  [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(spelling_.size()); }
  /// The number of different tokens.
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  /// The bytes of the longest token.
  [[nodiscard]] std::size_t longest() const noexcept { return longest_; }
  /// Empty for an id that no token has.
  [[nodiscard]] std::string_view spelling(std::uint32_t id) const noexcept {
    if (id >= spelling_.size()) return {};
    return std::string_view(letters_).substr(spelling_[id].begin, spelling_[id].end - spelling_[id].begin);
  }
  /// Nothing for the empty string.
  [[nodiscard]] std::optional<std::uint32_t> id(std::string_view spelling) const noexcept {
    const std::uint32_t id = find({}, spelling, SpellingHash(spelling));
    return id == kNone ? std::nullopt : std::optional(id);
  }
  /// The id of the string that two parts make together, given its hash, or kNone.
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  [[nodiscard]] std::uint32_t find(std::string_view front, std::string_view back, SpellingHash hash) const noexcept {
    if (slots_.empty()) return kNone;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = place(hash) & mask;; at = (at + 1) & mask) {
      const Slot& slot = slots_[at];
      if (slot.id == kNone) return kNone;
      if (slot.tag == tag(hash) && spells(slot.id, front, back)) return slot.id;
    }
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t id = kNone;
  };
  [[nodiscard]] static std::size_t place(SpellingHash hash) noexcept {
    return static_cast<std::size_t>(hash.value() >> 32U);
  }
  [[nodiscard]] static std::uint32_t tag(SpellingHash hash) noexcept {
    return static_cast<std::uint32_t>(hash.value() ^ (hash.value() >> 29U));
  }
  [[nodiscard]] bool spells(std::uint32_t id, std::string_view front, std::string_view back) const noexcept {
    const std::string_view whole = spelling(id);
    return whole.size() == front.size() + back.size() && whole.starts_with(front) && whole.ends_with(back);
  }
  void put(std::string_view spelling, std::uint32_t id);

  std::string letters_;
  std::vector<Range> spelling_;
  std::vector<Slot> slots_;
  std::uint32_t count_ = 0;
  std::size_t longest_ = 0;
};

}  // namespace tamis::text
