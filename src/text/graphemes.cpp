#include "graphemes.h"

#include <unicode/uchar.h>

#include <cstdint>

#include "utf8.h"

namespace tamis::text {

namespace {

[[nodiscard]] std::int32_t break_class(std::uint32_t point) noexcept {
  return u_getIntPropertyValue(static_cast<UChar32>(point), UCHAR_GRAPHEME_CLUSTER_BREAK);
}

[[nodiscard]] bool is_control(std::int32_t kind) noexcept {
  return kind == U_GCB_CONTROL || kind == U_GCB_CR || kind == U_GCB_LF;
}

[[nodiscard]] bool is_picture(std::uint32_t point) noexcept {
  return u_hasBinaryProperty(static_cast<UChar32>(point), UCHAR_EXTENDED_PICTOGRAPHIC) != 0;
}

/// GB6 to GB8: syllables of conjoining letters stay together.
[[nodiscard]] bool joins_hangul(std::int32_t left, std::int32_t right) noexcept {
  if (left == U_GCB_L) return right == U_GCB_L || right == U_GCB_V || right == U_GCB_LV || right == U_GCB_LVT;
  if (left == U_GCB_LV || left == U_GCB_V) return right == U_GCB_V || right == U_GCB_T;
  return (left == U_GCB_LVT || left == U_GCB_T) && right == U_GCB_T;
}

}  // namespace

std::size_t grapheme_end(std::string_view text, std::size_t begin) noexcept {
  Decoded c = decode_utf8(text, begin);
  std::size_t at = begin + c.size;
  std::int32_t left = c.point < 0x80 ? -1 : break_class(c.point);
  bool after_picture = c.point >= 0x80 && is_picture(c.point);  // a picture and marks behind it
  bool joiner = false;                                          // the last of those marks is a joiner
  bool lone_flag = left == U_GCB_REGIONAL_INDICATOR;
  for (; at < text.size(); at += c.size) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (left == -1) {  // ASCII so far
      if (byte < 0x80 && !(text[at - 1] == '\r' && byte == '\n')) return at;
      left = break_class(c.point);
    }
    c = decode_utf8(text, at);
    const std::int32_t right = break_class(c.point);
    if (left == U_GCB_CR && right == U_GCB_LF) return at + c.size;
    if (is_control(left) || is_control(right)) return at;
    const bool mark = right == U_GCB_EXTEND || right == U_GCB_ZWJ;
    const bool joins = mark || right == U_GCB_SPACING_MARK || left == U_GCB_PREPEND || joins_hangul(left, right) ||
                       (joiner && is_picture(c.point)) || (lone_flag && right == U_GCB_REGIONAL_INDICATOR);
    if (!joins) return at;
    joiner = after_picture && right == U_GCB_ZWJ;
    after_picture = (after_picture && mark) || is_picture(c.point);
    lone_flag = !lone_flag && right == U_GCB_REGIONAL_INDICATOR;
    left = right;
  }
  return at;
}

}  // namespace tamis::text
