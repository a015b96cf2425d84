#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tamis::text {

/// What an ASCII character does in a word.
enum AsciiKind : std::uint8_t {
  kAsciiLower = 1,
  kAsciiUpper = 2,
  kAsciiDigit = 4,
  kAsciiMark = 8,      ///< '_' and '@': always part of the word that they touch
  kAsciiMid = 16,      ///< '.', '\'', ',', ';': part of it between letters or digits
  kAsciiForeign = 32,  ///< not ASCII
  kAsciiLetter = kAsciiLower | kAsciiUpper,
  kAsciiInside = kAsciiLetter | kAsciiDigit | kAsciiMark,
};

inline constexpr std::array<std::uint8_t, 256> kAsciiKind = [] {
  std::array<std::uint8_t, 256> made{};
  for (std::size_t c = 0; c < 256; ++c) {
    if (c >= 'a' && c <= 'z') made[c] = kAsciiLower;
    if (c >= 'A' && c <= 'Z') made[c] = kAsciiUpper;
    if (c >= '0' && c <= '9') made[c] = kAsciiDigit;
    if (c == '_' || c == '@') made[c] = kAsciiMark;
    if (c == '.' || c == '\'' || c == ',' || c == ';') made[c] = kAsciiMid;
    if (c >= 0x80) made[c] = kAsciiForeign;
  }
  return made;
}();

[[nodiscard]] constexpr std::uint8_t ascii_kind(char c) noexcept { return kAsciiKind[static_cast<unsigned char>(c)]; }

/// Whether the middle character `mid` joins its two neighbours (WB6, WB7, WB11, WB12). '@' counts as a letter.
[[nodiscard]] constexpr bool ascii_joins(char left, char mid, char right) noexcept {
  const auto letter = [](char c) { return (ascii_kind(c) & kAsciiLetter) != 0 || c == '@'; };
  if (letter(left)) return letter(right) && (mid == '.' || mid == '\'');
  return (ascii_kind(left) & kAsciiDigit) != 0 && (ascii_kind(right) & kAsciiDigit) != 0;
}

/// One bit a byte for 64 bytes of text, the first byte in the lowest bit.
struct AsciiMasks {
  std::uint64_t inside = 0;   ///< letters, digits, '_', '@'
  std::uint64_t foreign = 0;  ///< not ASCII
};

/// @pre 64 bytes may be read
[[nodiscard]] inline AsciiMasks ascii_masks(const char* bytes) noexcept {
  AsciiMasks masks;
#if defined(__SSE2__)
  const auto all = [](int c) { return _mm_set1_epi8(static_cast<char>(c)); };
  // x - low < count as unsigned bytes, by shifting the range to the bottom of the signed ones.
  const auto in_range = [&](__m128i x, int low, int count) {
    return _mm_cmplt_epi8(_mm_sub_epi8(x, all(low + 128)), all(count - 128));
  };
  for (unsigned i = 0; i < 4; ++i) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
    const __m128i letters = in_range(_mm_or_si128(x, all(0x20)), 'a', 26);
    const __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(x, all('_')), _mm_cmpeq_epi8(x, all('@')));
    const __m128i inside = _mm_or_si128(_mm_or_si128(letters, marks), in_range(x, '0', 10));
    masks.inside |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(inside))} << (16 * i);
    masks.foreign |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(x))} << (16 * i);
  }
#else
  for (unsigned i = 0; i < 64; ++i) {
    const std::uint8_t kind = ascii_kind(bytes[i]);
    masks.inside |= std::uint64_t{(kind & kAsciiInside) != 0} << i;
    masks.foreign |= std::uint64_t{kind == kAsciiForeign} << i;
  }
#endif
  return masks;
}

/// Walks the ASCII words of a text: one mask computation for 64 bytes, one bit scan for a word's begin and end.
class AsciiWords {
 public:
  explicit AsciiWords(std::string_view text) noexcept : text_(text) {}

  /// What is found at or after a place: an ASCII word (it has at least one letter, digit, '_' or '@'), or a place from
  /// where next_segment() must decide, or the end of the text.
  struct Found {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool ascii = false;  ///< [begin, end) is a segment; otherwise a segment begins at begin, not ASCII alone
  };

  /// @param at  the start of the text or the end of a segment
  [[nodiscard]] Found next(std::size_t at) noexcept {
    const std::size_t begin = skip(at);
    if (begin >= text_.size() || at_foreign(begin)) {
      // A mark that is not ASCII may attach to the character before it.
      return {begin > at && begin < text_.size() ? begin - 1 : begin, 0, false};
    }
    for (std::size_t end = begin;;) {
      end = run_end(end);
      if (end >= text_.size()) return {begin, end, true};
      if (ascii_kind(text_[end]) == kAsciiForeign) return {begin, 0, false};
      if (ascii_kind(text_[end]) != kAsciiMid || end + 1 >= text_.size()) return {begin, end, true};
      if (ascii_kind(text_[end + 1]) == kAsciiForeign) return {begin, 0, false};
      if (!ascii_joins(text_[end - 1], text_[end], text_[end + 1])) return {begin, end, true};
      ++end;
    }
  }

 private:
  [[nodiscard]] bool at_foreign(std::size_t at) const noexcept { return ascii_kind(text_[at]) == kAsciiForeign; }

  /// The first place from `at` on with a character that is inside a word or not ASCII.
  [[nodiscard]] std::size_t skip(std::size_t at) noexcept {
    for (;; at = block_ + 64) {
      if (at >= text_.size()) return text_.size();
      load(at);
      const std::uint64_t rest = (masks_.inside | masks_.foreign) >> (at - block_);
      if (rest != 0) return at + static_cast<std::size_t>(std::countr_zero(rest));
    }
  }
  /// The first place from `at` on with a character that is not inside a word.
  [[nodiscard]] std::size_t run_end(std::size_t at) noexcept {
    for (;; at = block_ + 64) {
      if (at >= text_.size()) return text_.size();
      load(at);
      const std::uint64_t rest = ~masks_.inside >> (at - block_);
      if (rest != 0) return at + static_cast<std::size_t>(std::countr_zero(rest));
    }
  }
  void load(std::size_t at) noexcept {
    if (at - block_ < 64 && loaded_) return;
    loaded_ = true;
    block_ = at;
    if (text_.size() - at >= 64) {
      masks_ = ascii_masks(text_.data() + at);
    } else {
      std::array<char, 64> last{};  // zeros are neither inside nor foreign
      std::memcpy(last.data(), text_.data() + at, text_.size() - at);
      masks_ = ascii_masks(last.data());
    }
  }

  std::string_view text_;
  AsciiMasks masks_;
  std::size_t block_ = 0;  ///< where the masks begin
  bool loaded_ = false;
};

}  // namespace tamis::text
