#include "utf8.h"

#include <tamis/text/unicode.h>

#include <cstring>

namespace tamis::text {

std::size_t ascii_prefix(std::string_view text, std::size_t at) noexcept {
  std::size_t i = at;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + i, 8);
    if ((eight & 0x8080808080808080ULL) != 0) break;
  }
  while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) ++i;
  return i - at;
}

bool is_valid_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    at += ascii_prefix(text, at);
    for (; at < text.size() && static_cast<unsigned char>(text[at]) >= 0x80;) {
      const Decoded c = decode_utf8(text, at);
      if (!c.valid) return false;
      at += c.size;
    }
  }
  return true;
}

std::string repair_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t ascii = ascii_prefix(text, at);
    out.append(text.substr(at, ascii));
    at += ascii;
    if (at == text.size()) break;
    const Decoded c = decode_utf8(text, at);
    if (c.valid) {
      out.append(text.substr(at, c.size));
    } else {
      out.append("\xEF\xBF\xBD");
    }
    at += c.size;
  }
  return out;
}

std::size_t utf8_floor(std::string_view text, std::size_t offset) noexcept {
  if (offset >= text.size()) return text.size();
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; };
  if (!continues(offset)) return offset;
  // A character has at most three continuation bytes; its first byte tells whether it reaches over the offset.
  for (std::size_t back = 1; back <= 3 && back <= offset; ++back) {
    if (continues(offset - back)) continue;
    return decode_utf8(text, offset - back).size > back ? offset - back : offset;
  }
  return offset;
}

}  // namespace tamis::text
