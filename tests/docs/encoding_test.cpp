#include "encoding.h"

#include <gtest/gtest.h>
#include <tamis/text/unicode.h>

#include <random>

namespace tamis::docs {
namespace {

std::string decoded(std::string bytes) {
  auto result = decode_text(std::move(bytes));
  if (!result) return result.error().message;
  return result->encoding + ": " + result->text;
}

std::string utf16(std::u16string_view text, bool little) {
  std::string bytes;
  for (const char16_t unit : text) {
    const auto high = static_cast<char>(unit >> 8U), low = static_cast<char>(unit & 0xFFU);
    bytes += little ? low : high;
    bytes += little ? high : low;
  }
  return bytes;
}

TEST(Encoding, byte_order_marks_decide_and_go) {
  EXPECT_EQ(decoded("\xEF\xBB\xBFgr\xC3\xBCn"), "UTF-8: grün");
  EXPECT_EQ(decoded("\xFF\xFE" + utf16(u"grün 😀", true)), "UTF-16LE: grün 😀");
  EXPECT_EQ(decoded("\xFE\xFF" + utf16(u"grün 😀", false)), "UTF-16BE: grün 😀");
}

TEST(Encoding, utf16_is_seen_by_its_nuls) {
  for (const auto* text :
       {u"The quick brown fox", u"Широкая электрификация южных губерний", u"Zwölf große Boxkämpfer 😀\r\n"}) {
    EXPECT_EQ(detect_encoding(utf16(text, true)), "UTF-16LE");
    EXPECT_EQ(detect_encoding(utf16(text, false)), "UTF-16BE");
  }
  EXPECT_EQ(detect_encoding(std::string("\x01\0\x02\0\x03\0\x04\0\x05\0", 10)), "UTF-8") << "numbers are not text";
}

TEST(Encoding, a_little_damage_does_not_turn_utf8_into_latin1) {
  EXPECT_EQ(decoded("grün, schön, \xC3 kaputt"), "UTF-8: grün, schön, \xEF\xBF\xBD kaputt");
  EXPECT_EQ(decoded("caf\xE9"), "ISO-8859-1: café");
  EXPECT_EQ(decoded("\x93quoted\x94"), "windows-1252: “quoted”");
  EXPECT_EQ(decoded("plain"), "UTF-8: plain");
  EXPECT_EQ(decoded(""), "UTF-8: ");
}

TEST(Encoding, line_ends_become_newlines_and_keep_their_number) {
  EXPECT_EQ(decoded("a\r\nb\nc\r\n"), "UTF-8: a\nb\nc\n");
  EXPECT_EQ(decoded("a\rb\rc"), "UTF-8: a\nb\nc");
  EXPECT_EQ(decoded("10%\r20%\nb"), "UTF-8: 10% 20%\nb");
  EXPECT_EQ(decoded(std::string("a\0b\n", 4)), "UTF-8: a b\n");
}

TEST(Encoding, a_declared_charset_counts_where_the_bytes_do_not_decide) {
  const auto as = [](std::string bytes, std::string_view charset) {
    return decode_text(std::move(bytes), charset).value();
  };
  EXPECT_EQ(as("\xD0\xD2\xC9\xD7\xC5\xD4", "KOI8-R").text, "привет");
  EXPECT_EQ(as("\xD0\xD2\xC9\xD7\xC5\xD4", "KOI8-R").encoding, "koi8-r");
  EXPECT_EQ(as("\xC4\xE3\xBA\xC3", "gb2312").text, "你好");
  EXPECT_EQ(as("grün", "koi8-r").text, "grün") << "valid UTF-8 wins";
  EXPECT_EQ(as("caf\xE9", "no-such-charset").text, "café");
  EXPECT_EQ(as("\x82\xFF\x82", "shift_jis").encoding, "shift_jis");
}

TEST(Encoding, any_bytes_give_valid_text_without_nul_or_carriage_return) {
  constexpr std::string_view kCharsets[] = {"", "koi8-r", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "x"};
  for (std::uint32_t seed = 0; seed < 10000; ++seed) {
    std::mt19937 rng(seed);
    std::string bytes(rng() % 200, '\0');
    const auto mode = rng() % 4;
    for (auto& byte : bytes)
      byte = static_cast<char>(mode == 0   ? rng()
                               : mode == 1 ? rng() % 4
                               : mode == 2 ? "\r\nab\xC3\xA9"[rng() % 6]
                                           : rng() % 256);
    if (mode == 1 && bytes.size() > 2) bytes.replace(0, 2, seed % 2 == 0 ? "\xFF\xFE" : "\xFE\xFF");
    for (const bool declared : {false, true}) {
      const auto result = declared ? decode_text(bytes, kCharsets[rng() % 8]) : decode_text(bytes);
      ASSERT_TRUE(result.has_value()) << "seed " << seed;
      ASSERT_TRUE(text::is_valid_utf8(result->text)) << "seed " << seed;
      ASSERT_EQ(result->text.find_first_of(std::string_view("\0\r", 2)), std::string::npos) << "seed " << seed;
    }
  }
}

TEST(Encoding, binary_files_are_told_from_text) {
  EXPECT_TRUE(looks_binary(std::string("\x7F"
                                       "ELF\x02\x01\x01\0\0\0\0\0\0",
                                       13),
                           false));
  EXPECT_TRUE(looks_binary(std::string("\x89PNG\r\n\x1A\n\0\0\0\rIHDR", 16), true));
  EXPECT_TRUE(looks_binary(std::string("one\0nul", 7), false));
  EXPECT_FALSE(looks_binary(std::string("a long line of text, one\0nul", 28), true));
  EXPECT_FALSE(looks_binary(utf16(u"text in two bytes", true), false));
  EXPECT_FALSE(looks_binary("caf\xE9 \x1B[1mbold\x1B[0m\n", false));
  EXPECT_FALSE(looks_binary("", false));
}

}  // namespace
}  // namespace tamis::docs
