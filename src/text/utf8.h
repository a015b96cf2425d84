#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tamis::text {

/// One decoded character: `size` is at least 1, also for a broken sequence, which decodes as U+FFFD.
struct Decoded {
  std::uint32_t point = 0;
  std::uint32_t size = 0;
  bool valid = true;
};

inline constexpr std::uint32_t kReplacement = 0xFFFD;

/// The character that starts at `at`, by the table of well-formed sequences in the Unicode standard (3-7). A broken
/// sequence takes as many bytes as a well-formed one could have begun with, so that it becomes one U+FFFD.
/// @pre at < text.size()
[[nodiscard]] inline Decoded decode_utf8(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) -> std::uint32_t { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t lead = byte(at);
  if (lead < 0x80) return {lead, 1, true};
  if (lead < 0xC2 || lead > 0xF4) return {kReplacement, 1, false};
  const std::uint32_t wanted = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  // The second byte alone decides about overlong forms, surrogates and points above U+10FFFF.
  const std::uint32_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const std::uint32_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  std::uint32_t point = lead & (0x7FU >> wanted);
  for (std::uint32_t i = 1; i < wanted; ++i) {
    if (at + i >= text.size()) return {kReplacement, i, false};
    const std::uint32_t next = byte(at + i);
    if (next < (i == 1 ? low : 0x80) || next > (i == 1 ? high : 0xBF)) return {kReplacement, i, false};
    point = (point << 6) | (next & 0x3F);
  }
  return {point, wanted, true};
}

/// Writes a character as UTF-8 and returns the end. @pre room for 4 bytes; point <= 0x10FFFF, no surrogate
[[nodiscard]] inline char* encode_utf8(std::uint32_t point, char* out) noexcept {
  if (point < 0x80) {
    *out++ = static_cast<char>(point);
  } else if (point < 0x800) {
    *out++ = static_cast<char>(0xC0 | (point >> 6));
    *out++ = static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    *out++ = static_cast<char>(0xE0 | (point >> 12));
    *out++ = static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    *out++ = static_cast<char>(0x80 | (point & 0x3F));
  } else {
    *out++ = static_cast<char>(0xF0 | (point >> 18));
    *out++ = static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    *out++ = static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    *out++ = static_cast<char>(0x80 | (point & 0x3F));
  }
  return out;
}

/// The number of ASCII bytes from `at` on, eight at a time.
[[nodiscard]] std::size_t ascii_prefix(std::string_view text, std::size_t at) noexcept;

/// Whether all bytes are below 0x80.
[[nodiscard]] inline bool is_ascii(std::string_view text) noexcept {
  unsigned char seen = 0;
  for (const char byte : text) seen |= static_cast<unsigned char>(byte);
  return seen < 0x80;
}

}  // namespace tamis::text
