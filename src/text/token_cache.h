#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "token_model.h"

namespace tamis::text {

/// The tokens of words seen lately. A line of the processor's cache a word, two places for each, the older one goes: no
/// growth, no lists. Words of more than 24 bytes or five tokens are not kept. One a thread.
class TokenCache {
 public:
  static constexpr std::size_t kMaxBytes = 24;
  static constexpr std::size_t kMaxTokens = 5;

  struct Key {
    std::array<std::uint64_t, 3> words{};
    std::uint32_t hash = 0;
    std::uint8_t size = 0;
    std::uint8_t kind = 0;
  };
  struct alignas(64) Entry {
    std::array<std::uint64_t, 3> words{};
    std::array<std::uint32_t, kMaxTokens> ids{};
    std::array<std::uint8_t, kMaxTokens> begins{};
    std::array<std::uint8_t, kMaxTokens> ends{};
    std::uint8_t size = 0;  ///< of the word; 0: the place is free
    std::uint8_t kind = 0;
    std::uint8_t count = 0;
  };

  TokenCache() : entries_(kSets * 2) {}

  /// The key of a word. `readable` bytes may be read from its begin on. `kind` keeps apart words that are cut by
  /// different rules. @pre 0 < word.size() <= kMaxBytes
  [[nodiscard]] static Key key(std::string_view word, std::size_t readable, std::uint8_t kind) noexcept {
    Key made;
    if (readable >= kMaxBytes) {
      std::memcpy(made.words.data(), word.data(), kMaxBytes);
      for (std::size_t i = 0; i < made.words.size(); ++i) {
        const std::size_t bytes = word.size() > 8 * i ? word.size() - 8 * i : 0;
        made.words[i] &= bytes >= 8 ? ~0ULL : (1ULL << (8 * bytes)) - 1;
      }
    } else {
      std::memcpy(made.words.data(), word.data(), word.size());
    }
    made.size = static_cast<std::uint8_t>(word.size());
    made.kind = kind;
    std::uint64_t mixed = (made.words[0] ^ (word.size() << 8) ^ kind) * 0x9E3779B97F4A7C15ULL;
    mixed = (mixed ^ (mixed >> 29) ^ made.words[1]) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 31) ^ made.words[2]) * 0x94D049BB133111EBULL;
    made.hash = static_cast<std::uint32_t>(mixed >> 32);
    return made;
  }

  [[nodiscard]] const Entry* find(const Key& key) const noexcept {
    const Entry* const set = &entries_[(key.hash & (kSets - 1)) * 2];
    if (holds(set[0], key)) return &set[0];
    return holds(set[1], key) ? &set[1] : nullptr;
  }

  /// Keeps the tokens of a word if they fit, in place of the older one of the set.
  void insert(const Key& key, std::span<const WordToken> tokens) noexcept {
    if (tokens.size() > kMaxTokens) return;
    Entry* const set = &entries_[(key.hash & (kSets - 1)) * 2];
    set[1] = set[0];
    Entry& entry = set[0];
    entry.words = key.words;
    entry.size = key.size;
    entry.kind = key.kind;
    entry.count = static_cast<std::uint8_t>(tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      entry.ids[i] = tokens[i].id;
      entry.begins[i] = static_cast<std::uint8_t>(tokens[i].begin);
      entry.ends[i] = static_cast<std::uint8_t>(tokens[i].end);
    }
  }

  void clear() noexcept {
    for (Entry& entry : entries_) entry.size = 0;
  }

 private:
  static constexpr std::size_t kSets = 8192;
  [[nodiscard]] static bool holds(const Entry& entry, const Key& key) noexcept {
    return entry.words == key.words && entry.size == key.size && entry.kind == key.kind;
  }
  std::vector<Entry> entries_;
};

}  // namespace tamis::text
