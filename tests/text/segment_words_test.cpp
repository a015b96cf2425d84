#include <gtest/gtest.h>
#include <tamis/text/unicode.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "utf8.h"
#include "word_break.h"

namespace tamis::text {
namespace {

using Ranges = std::vector<Range>;

[[nodiscard]] bool has_letter_or_digit(std::string_view piece) {
  for (std::size_t at = 0; at < piece.size();) {
    const Decoded c = decode_utf8(piece, at);
    const auto point = static_cast<UChar32>(c.point);
    const bool attaches = u_getIntPropertyValue(point, UCHAR_WORD_BREAK) == U_WB_EXTEND;
    if (!attaches && (U_GET_GC_MASK(point) & (U_GC_L_MASK | U_GC_N_MASK)) != 0) return true;
    at += c.size;
  }
  return false;
}

/// The definition: ICU's word breaks over the whole text, pieces with a letter or digit kept.
[[nodiscard]] Ranges by_icu(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  UText* utext = utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status);
  static UBreakIterator* const breaks = [] {
    UErrorCode opened = U_ZERO_ERROR;
    return ubrk_open(UBRK_WORD, "", nullptr, 0, &opened);
  }();
  ubrk_setUText(breaks, utext, &status);
  EXPECT_TRUE(U_SUCCESS(status));
  Ranges out;
  std::uint32_t begin = 0;
  for (auto at = ubrk_next(breaks); at != UBRK_DONE; at = ubrk_next(breaks)) {
    const auto end = static_cast<std::uint32_t>(at);
    if (has_letter_or_digit(text.substr(begin, end - begin))) out.push_back({begin, end});
    begin = end;
  }
  utext_close(utext);
  return out;
}

[[nodiscard]] Ranges ours(std::string_view text) {
  Ranges out;
  segment_words(text, out);
  return out;
}

/// Where two lists differ first, or an empty string.
[[nodiscard]] std::string difference(std::string_view text, const Ranges& got, const Ranges& wanted) {
  const auto show = [&](const Ranges& list, std::size_t i) {
    if (i >= list.size()) return std::string("none");
    return std::to_string(list[i].begin) + ".." + std::to_string(list[i].end) + " '" +
           std::string(text.substr(list[i].begin, list[i].end - list[i].begin)) + "'";
  };
  for (std::size_t i = 0; i < std::max(got.size(), wanted.size()); ++i) {
    if (i < got.size() && i < wanted.size() && got[i].begin == wanted[i].begin && got[i].end == wanted[i].end) continue;
    return "word " + std::to_string(i) + ": got " + show(got, i) + ", wanted " + show(wanted, i);
  }
  return {};
}

void append_point(std::uint32_t point, std::string& out) {
  char bytes[4];
  out.append(bytes, encode_utf8(point, bytes));
}

TEST(SegmentWords, ascii_equals_icu_on_random_bytes) {
  // Half of the bytes from the characters that the rules are about.
  const std::string_view special = "..,,;;''::__@@\"  \n\r\t-aA1b2Zz09";
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    std::mt19937 rng(seed);
    std::string text(1 + rng() % 3000, ' ');
    for (char& c : text) c = rng() % 2 == 0 ? special[rng() % special.size()] : static_cast<char>(rng() % 128);
    ASSERT_EQ(difference(text, ours(text), by_icu(text)), "") << "seed=" << seed;
  }
}

TEST(SegmentWords, every_short_string_of_the_special_characters_equals_icu) {
  const std::string_view alphabet = "a1_.,':@ \"";
  std::size_t count = 1;
  for (int length = 1; length <= 5; ++length) {
    count *= alphabet.size();
    for (std::size_t number = 0; number < count; ++number) {
      std::string text;
      for (std::size_t rest = number; text.size() < static_cast<std::size_t>(length); rest /= alphabet.size()) {
        text.push_back(alphabet[rest % alphabet.size()]);
      }
      ASSERT_EQ(difference(text, ours(text), by_icu(text)), "") << "text='" << text << "'";
    }
  }
}

/// Characters of every class that the rules know; `grams` adds those that ICU looks up in dictionaries.
[[nodiscard]] std::vector<std::uint32_t> interesting_points(bool grams) {
  std::vector<std::uint32_t> points = {
      'a',     'Z',     '1',     '_',     '.',     ',',    '\'',   '"',    ':',    '@',    ' ',    '\n',
      '\r',    '-',     0x85,    0xAD,    0xB7,    0xE9,   0x301,  0x308,  0x387,  0x3B1,  0x5D0,  0x5D1,
      0x5F4,   0x5F3,   0x627,   0x661,   0x66B,   0x915,  0x94D,  0x200D, 0x200C, 0x2019, 0x2018, 0x2024,
      0x2028,  0x203F,  0x2044,  0x24C2,  0x2139,  0x2764, 0xFE0F, 0xFE13, 0xFE55, 0xFF1A, 0xFF0E, 0x3000,
      0x1F1E6, 0x1F1E7, 0x1F468, 0x1F3FB, 0x1D7D8, 0x430,  0x10D0, 0x1200, 0x2003, 0xB2,   0x20E3, 0xFF11};
  if (grams)
    points.insert(points.end(), {0x4E00, 0x6771, 0x3042, 0x30A2, 0x30FC, 0xFF71, 0xFF9E, 0x0E01, 0x0E33, 0xAC00, 0x1100,
                                 0x1161, 0x20000});
  return points;
}

TEST(SegmentWords, unicode_without_dictionaries_equals_icu_on_random_text) {
  const auto points = interesting_points(false);
  for (std::uint32_t seed = 0; seed < 6000; ++seed) {
    std::mt19937 rng(seed);
    std::string text;
    for (std::size_t n = 1 + rng() % 60; n > 0; --n) append_point(points[rng() % points.size()], text);
    ASSERT_EQ(difference(text, ours(text), by_icu(text)), "") << "seed=" << seed << " text=" << text;
  }
}

TEST(SegmentWords, unicode_with_dictionaries_equals_icu_on_random_text) {
  const auto points = interesting_points(true);
  for (std::uint32_t seed = 0; seed < 6000; ++seed) {
    std::mt19937 rng(seed);
    std::string text;
    for (std::size_t n = 1 + rng() % 60; n > 0; --n) append_point(points[rng() % points.size()], text);
    ASSERT_EQ(difference(text, ours(text), by_icu(text)), "") << "seed=" << seed << " text=" << text;
  }
}

TEST(SegmentWords, every_character_between_letters_equals_icu) {
  for (std::uint32_t point = 1; point < 0x20000; ++point) {  // the planes beyond hold ideographs and nothing
    if (point >= 0xD800 && point < 0xE000) continue;
    std::string text = "a";
    append_point(point, text);
    text += "b 1";
    append_point(point, text);
    text += "2";
    ASSERT_EQ(difference(text, ours(text), by_icu(text)), "") << "point=" << point;
  }
}

}  // namespace
}  // namespace tamis::text
