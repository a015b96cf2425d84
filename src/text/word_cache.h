#pragma once

#include <tamis/base/buffer.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tamis::text {

/// From the raw bytes of a word and a language to a number that the owner chooses. Open addressing; a word of up to 16
/// bytes is compared as two machine words, so that a hit costs one cache line and no call. Holds at most kMaxWords
/// words of at most kMaxBytes bytes (24 MiB of slots and the bytes of words longer than 16) and forgets all of them
/// when it is full: it is a cache.
class WordCache {
 public:
  static constexpr std::size_t kMaxBytes = 64;
  static constexpr std::size_t kMaxWords = 700'000;
  static constexpr std::uint32_t kAbsent = 0xFFFFFFFF;

  /// A word as the cache compares it.
  struct Key {
    std::uint64_t first = 0;   ///< the first 8 bytes; of a long word its hash
    std::uint64_t second = 0;  ///< the next 8 bytes
    std::uint64_t hash = 0;
    std::uint32_t meta = 0;  ///< length and language
  };

  WordCache() { clear(); }

  /// @param readable  bytes that may be read from word.data() on; 16 or more save a copy
  /// @pre 0 < word.size() <= kMaxBytes
  [[nodiscard]] static Key key(std::string_view word, std::uint8_t language, std::size_t readable) noexcept {
    Key made;
    made.meta = static_cast<std::uint32_t>(word.size()) | (static_cast<std::uint32_t>(language) << 8);
    if (word.size() <= 16) {
      load16(word, readable, made.first, made.second);
    } else {
      made.first = long_hash(word);
    }
    made.hash = mix(made.first ^ kSalt1, made.second ^ kSalt2 ^ made.meta);
    return made;
  }

  /// Starts to fetch the line where find() will look first.
  void prefetch(const Key& key) const noexcept {
    const Slot* slot = &slots_[key.hash & mask_];
    __builtin_prefetch(&slot->first);
    __builtin_prefetch(&slot->value);  // a quarter of the slots lies on two lines
  }

  /// The value, or kAbsent.
  [[nodiscard]] std::uint32_t find(const Key& key, std::string_view word) const noexcept {
    for (std::size_t at = key.hash & mask_;; at = (at + 1) & mask_) {
      const Slot& slot = slots_[at];
      if (slot.meta == key.meta && slot.first == key.first &&
          (word.size() <= 16 ? slot.second == key.second : same_bytes(slot, word))) {
        return slot.value;
      }
      if (slot.meta == 0) return kAbsent;
    }
  }

  /// Whether the next insert must be preceded by clear().
  [[nodiscard]] bool full() const noexcept { return num_words_ >= kMaxWords; }
  /// Adds a word that find() did not find. @pre !full(), value != kAbsent
  void insert(const Key& key, std::string_view word, std::uint32_t value);
  void clear();

 private:
  struct Slot {
    std::uint64_t first = 0;
    std::uint64_t second = 0;  ///< of a long word where its bytes stand
    std::uint32_t meta = 0;    ///< 0: empty
    std::uint32_t value = 0;
  };
  static constexpr std::uint64_t kSalt1 = 0x9E3779B97F4A7C15ULL;
  static constexpr std::uint64_t kSalt2 = 0xD6E8FEB86659FD93ULL;

  static void load16(std::string_view word, std::size_t readable, std::uint64_t& first,
                     std::uint64_t& second) noexcept {
    char bytes[16] = {};
    if (readable < 16) {
      std::memcpy(bytes, word.data(), word.size());
      std::memcpy(&first, bytes, 8);
      std::memcpy(&second, bytes + 8, 8);
      return;
    }
    std::memcpy(&first, word.data(), 8);
    std::memcpy(&second, word.data() + 8, 8);
    if (word.size() < 8) {
      first &= low_bytes(word.size());
      second = 0;
    } else {
      second &= word.size() == 16 ? ~std::uint64_t{0} : low_bytes(word.size() - 8);
    }
  }
  [[nodiscard]] static std::uint64_t low_bytes(std::size_t count) noexcept {
    return (std::uint64_t{1} << (8 * count)) - 1;
  }
  [[nodiscard]] static std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
    a *= kSalt2;
    b *= kSalt1;
    std::uint64_t hash = a ^ (b << 32 | b >> 32);
    hash *= kSalt1;
    return hash ^ (hash >> 32);
  }
  [[nodiscard]] static std::uint64_t long_hash(std::string_view word) noexcept;
  [[nodiscard]] bool same_bytes(const Slot& slot, std::string_view word) const noexcept {
    return std::string_view(long_words_).substr(slot.second, word.size()) == word;
  }
  void place(const Slot& slot, std::uint64_t hash) noexcept;
  void grow();

  AlignedBuffer<Slot> slots_;  ///< size is a power of two
  std::size_t mask_ = 0;
  std::size_t num_words_ = 0;
  std::string long_words_;  ///< the bytes of words longer than 16
};

}  // namespace tamis::text
