#include "code_points.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace tamis::text {

namespace {

struct Block {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

// What Unicode 16 has and Unicode 15 had not, in order: no ICU from 72 on may change the answer.
constexpr Block kNewLetters[] = {{0x1C89, 0x1C8A},   {0xA7CB, 0xA7CD},   {0xA7DA, 0xA7DC},   {0x105C0, 0x105F3},
                                 {0x10D4A, 0x10D65}, {0x10D6F, 0x10D85}, {0x10EC2, 0x10EC4}, {0x11380, 0x11389},
                                 {0x1138B, 0x1138B}, {0x1138E, 0x1138E}, {0x11390, 0x113B5}, {0x113B7, 0x113B7},
                                 {0x113D1, 0x113D1}, {0x113D3, 0x113D3}, {0x11BC0, 0x11BE0}, {0x13460, 0x143FA},
                                 {0x16100, 0x1611D}, {0x16D40, 0x16D6C}, {0x18CFF, 0x18CFF}, {0x1E5D0, 0x1E5ED},
                                 {0x1E5F0, 0x1E5F0}, {0x2EBF0, 0x2EE5D}};
constexpr Block kNewNumbers[] = {{0x10D40, 0x10D49}, {0x116D0, 0x116E3}, {0x11BF0, 0x11BF9}, {0x16130, 0x16139},
                                 {0x16D70, 0x16D79}, {0x1CCF0, 0x1CCF9}, {0x1E5F1, 0x1E5FA}};
constexpr Block kNewWords[] = {{0x897, 0x897},     {0x1C89, 0x1C8A},   {0xA7CB, 0xA7CD},   {0xA7DA, 0xA7DC},
                               {0x105C0, 0x105F3}, {0x10D40, 0x10D65}, {0x10D69, 0x10D6D}, {0x10D6F, 0x10D85},
                               {0x10EC2, 0x10EC4}, {0x10EFC, 0x10EFC}, {0x11380, 0x11389}, {0x1138B, 0x1138B},
                               {0x1138E, 0x1138E}, {0x11390, 0x113B5}, {0x113B7, 0x113C0}, {0x113C2, 0x113C2},
                               {0x113C5, 0x113C5}, {0x113C7, 0x113CA}, {0x113CC, 0x113D3}, {0x113E1, 0x113E2},
                               {0x116D0, 0x116E3}, {0x11BC0, 0x11BE0}, {0x11BF0, 0x11BF9}, {0x11F5A, 0x11F5A},
                               {0x13460, 0x143FA}, {0x16100, 0x16139}, {0x16D40, 0x16D6C}, {0x16D70, 0x16D79},
                               {0x18CFF, 0x18CFF}, {0x1CCF0, 0x1CCF9}, {0x1E5D0, 0x1E5FA}, {0x2EBF0, 0x2EE5D}};
// Numbers of Unicode 17.
constexpr Block kNewestNumbers[] = {{0x11DE0, 0x11DE9}, {0x16FF4, 0x16FF6}};

/// Capital letters that Unicode 15 had not, as blocks that move alike.
struct Shift {
  Block letters;
  std::int32_t by = 0;
};
constexpr Shift kNewCapitals[] = {{{0x1C89, 0x1C89}, 1},   {{0xA7CB, 0xA7CB}, -42343}, {{0xA7CC, 0xA7CC}, 1},
                                  {{0xA7CE, 0xA7CE}, 1},   {{0xA7D2, 0xA7D2}, 1},      {{0xA7D4, 0xA7D4}, 1},
                                  {{0xA7DA, 0xA7DA}, 1},   {{0xA7DC, 0xA7DC}, -42561}, {{0x10D50, 0x10D65}, 32},
                                  {{0x16EA0, 0x16EB8}, 27}};

template <std::size_t N>
[[nodiscard]] bool listed(const Block (&blocks)[N], std::uint32_t point) noexcept {
  const auto* const block = std::ranges::lower_bound(blocks, point, {}, &Block::last);
  return block != std::end(blocks) && block->first <= point;
}

/// Whether a character had been given out by a version of Unicode.
[[nodiscard]] bool known_by(std::uint32_t point, std::uint8_t version) noexcept {
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(point), age);
  return age[0] != 0 && (age[0] < version || (age[0] == version && age[1] == 0));
}

[[nodiscard]] bool has_category(std::uint32_t point, std::uint32_t mask) noexcept {
  return (U_GET_GC_MASK(static_cast<UChar32>(point)) & mask) != 0;
}

}  // namespace

bool is_space(std::uint32_t point) noexcept {
  if (point < 0x80) return point == ' ' || (point >= 9 && point <= 13);
  return u_isUWhiteSpace(static_cast<UChar32>(point)) != 0;
}

bool is_punctuation(std::uint32_t point) noexcept {
  if (point < 0x80) {
    return (point >= '!' && point <= '/') || (point >= ':' && point <= '@') || (point >= '[' && point <= '`') ||
           (point >= '{' && point <= '~');
  }
  if (point == 0x166D || point == 0x111C9) return true;  // reclassified since
  return has_category(point, U_GC_P_MASK) && known_by(point, 8);
}

bool is_other(std::uint32_t point) noexcept {
  if (has_category(point, U_GC_CO_MASK)) return true;
  return has_category(point, U_GC_CC_MASK | U_GC_CF_MASK) && known_by(point, 8);
}

bool is_nonspacing_mark(std::uint32_t point) noexcept {
  if (point < 0x300) return false;
  if (point == 0x1734) return true;  // these four were reclassified since
  if (point == 0x1885 || point == 0x1886 || point == 0xA9BD || point == 0x111C9) return false;
  return has_category(point, U_GC_MN_MASK) && known_by(point, 8);
}

bool is_mark(std::uint32_t point) noexcept {
  if (point < 0x300) return false;
  if (point == 0x1CF2 || point == 0x1CF3) return true;  // reclassified since, as is the next
  return point != 0x111C9 && has_category(point, U_GC_M_MASK) && known_by(point, 9);
}

bool is_chinese(std::uint32_t point) noexcept {
  return (point >= 0x4E00 && point <= 0x9FFF) || (point >= 0x3400 && point <= 0x4DBF) ||
         (point >= 0x20000 && point <= 0x2A6DF) || (point >= 0x2A700 && point <= 0x2B81F) ||
         (point >= 0x2B920 && point <= 0x2CEAF) || (point >= 0xF900 && point <= 0xFAFF) ||
         (point >= 0x2F800 && point <= 0x2FA1F);
}

bool is_letter(std::uint32_t point) noexcept {
  if (point < 0x80) return (point | 0x20) >= 'a' && (point | 0x20) <= 'z';
  return (has_category(point, U_GC_L_MASK) && known_by(point, 15)) || listed(kNewLetters, point);
}

bool is_number(std::uint32_t point) noexcept {
  if (point < 0x80) return point >= '0' && point <= '9';
  return (has_category(point, U_GC_N_MASK) && known_by(point, 15)) || listed(kNewNumbers, point);
}

bool is_numeric(std::uint32_t point) noexcept { return is_number(point) || listed(kNewestNumbers, point); }

bool is_word(std::uint32_t point) noexcept {
  if (point < 0x80) return is_letter(point) || is_number(point) || point == '_';
  if (point == 0x200C || point == 0x200D) return true;
  const bool word = has_category(point, U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK) ||
                    u_hasBinaryProperty(static_cast<UChar32>(point), UCHAR_ALPHABETIC) != 0;
  return (word && known_by(point, 15)) || listed(kNewWords, point);
}

std::uint32_t lower(std::uint32_t point) noexcept {
  if (point < 0x80) return point >= 'A' && point <= 'Z' ? point | 0x20 : point;
  if (known_by(point, 15)) return static_cast<std::uint32_t>(u_tolower(static_cast<UChar32>(point)));
  for (const Shift& shift : kNewCapitals) {
    if (point >= shift.letters.first && point <= shift.letters.last)
      return static_cast<std::uint32_t>(static_cast<std::int32_t>(point) + shift.by);
  }
  return point;
}

}  // namespace tamis::text
