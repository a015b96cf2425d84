#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tamis::text {

/// What an ASCII character does in a word; the bits of a word's characters, or-ed, say how to treat it.
enum AsciiKind : std::uint8_t {
  kAsciiLower = 1,
  kAsciiUpper = 2,
  kAsciiDigit = 4,
  kAsciiMark = 8,      ///< '_' and '@': always part of the word that they touch
  kAsciiMid = 16,      ///< '.', '\'', ',', ';': part of it between letters or digits
  kAsciiForeign = 32,  ///< not ASCII
  kAsciiLetter = kAsciiLower | kAsciiUpper,
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

/// Whether the middle character `mid` joins its two neighbours (WB6, WB7, WB11, WB12). '@' counts as a letter.
[[nodiscard]] constexpr bool ascii_joins(char left, char mid, char right) noexcept {
  const auto kind = [](char c) { return kAsciiKind[static_cast<unsigned char>(c)]; };
  const auto letter = [&](char c) { return (kind(c) & kAsciiLetter) != 0 || c == '@'; };
  if (letter(left)) return letter(right) && (mid == '.' || mid == '\'');
  return (kind(left) & kAsciiDigit) != 0 && (kind(right) & kAsciiDigit) != 0;
}

/// A word of ASCII characters, or the news that the text is not ASCII here.
struct AsciiWord {
  std::size_t end = 0;
  std::uint8_t kinds = 0;  ///< of all its characters; kAsciiForeign: next_segment() must decide
};

/// The segment that begins at `begin`, which is a letter, a digit or a kAsciiMark, as next_segment() would give it.
[[nodiscard]] inline AsciiWord ascii_word(std::string_view text, std::size_t begin) noexcept {
  constexpr std::uint8_t kInside = kAsciiLetter | kAsciiDigit | kAsciiMark;
  AsciiWord word{begin, 0};
  for (;;) {
    std::uint8_t kind = 0;
    while (word.end < text.size() && ((kind = kAsciiKind[static_cast<unsigned char>(text[word.end])]) & kInside) != 0) {
      word.kinds |= kind;
      ++word.end;
    }
    if (word.end >= text.size() || kind == 0) return word;
    if (kind == kAsciiForeign) break;
    if (word.end + 1 >= text.size()) return word;
    const char right = text[word.end + 1];
    if (static_cast<unsigned char>(right) >= 0x80) break;
    if (!ascii_joins(text[word.end - 1], text[word.end], right)) return word;
    word.kinds |= kind;
    ++word.end;
  }
  word.kinds = kAsciiForeign;
  return word;
}

}  // namespace tamis::text
