#include "display.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "json.h"

namespace tamis::cli {
namespace {

TEST(Display, width_counts_columns_not_bytes) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("äöü"), 3U);
  EXPECT_EQ(display_width("a\xCC\x88"), 1U);  // a and combining dots
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("한국"), 4U);
  EXPECT_EQ(display_width("😀"), 2U);
  EXPECT_EQ(display_width("\xFF\xFE"), 2U);
}

TEST(Display, shortened_text_fits_and_ends_at_a_character) {
  EXPECT_EQ(shorten("abcdef", 6), "abcdef");
  EXPECT_EQ(shorten("abcdef", 5), "abcd…");
  EXPECT_EQ(shorten("日本語", 4), "日…");
  EXPECT_EQ(shorten("abc", 0), "");
  std::mt19937 rng(1);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (auto n = rng() % 20; n > 0; --n) text += static_cast<char>(rng() % 256);
    const std::size_t columns = rng() % 12;
    EXPECT_LE(display_width(shorten(text, columns)), columns);
  }
}

TEST(Display, nothing_reaches_the_terminal_that_it_would_obey) {
  EXPECT_EQ(harmless("a\x1b[31mb\tc\nd\x07\x7f"), "a[31mb\tc\nd");
  EXPECT_EQ(harmless("a\xC2\x9B"
                     "31m"),
            "a31m");  // C1 control sequence introducer
  EXPECT_EQ(harmless("a\xE2\x80\xAE"
                     "b"),
            "ab");  // right-to-left override
  EXPECT_EQ(harmless("grün 日本"), "grün 日本");
}

std::string joined(const std::vector<Piece>& pieces) {
  std::string out;
  for (const auto& piece : pieces) out += piece.lit ? "<" + piece.text + ">" : piece.text;
  return out;
}

TEST(Display, running_text_joins_white_space_and_lights_the_hits) {
  const std::string text = "  one\n\n two\x1b[2J three four ";
  const std::vector<text::Range> lit = {{2, 5}, {16, 21}};
  EXPECT_EQ(joined(running_text(text, 0, text.size(), lit)), "<one> two[2J <three> four ");
  EXPECT_EQ(joined(running_text(text, 3, 20, lit)), "<ne> two[2J <thre>");
  EXPECT_TRUE(running_text(text, 5, 5, lit).empty());
}

TEST(Display, filled_lines_keep_every_word_and_the_width) {
  std::mt19937 rng(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    std::string squeezed;
    for (auto words = rng() % 30; words > 0; --words) {
      std::string word;
      for (auto n = 1 + rng() % 12; n > 0; --n) word += static_cast<char>('a' + rng() % 26);
      text += (text.empty() ? "" : " ") + word;
      squeezed += word;
    }
    const std::size_t columns = 24 + rng() % 60;
    const Piece piece{text, false};
    const auto lines = fill_lines({&piece, 1}, columns, "  ", "<", ">");
    std::string seen;
    std::size_t width = 0;
    for (const char c : lines) {
      width = c == '\n' ? 0 : width + 1;
      EXPECT_LE(width, columns);
      if (c != ' ' && c != '\n') seen += c;
    }
    EXPECT_EQ(seen, squeezed);
    EXPECT_TRUE(lines.empty() || lines.ends_with('\n'));
  }
}

TEST(Display, long_words_and_wide_characters_are_cut_and_lights_are_closed) {
  const Piece pieces[] = {{std::string(100, 'x'), true}, {" y", false}};
  const auto lines = fill_lines(pieces, 40, "  ", "<", ">");
  std::size_t from = 0;
  for (std::size_t end; (end = lines.find('\n', from)) != std::string::npos; from = end + 1) EXPECT_LE(end - from, 42U);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '<'), std::count(lines.begin(), lines.end(), '>'));
  const Piece lit{"end", true};
  EXPECT_EQ(fill_lines({&lit, 1}, 40, " ", "<", ">"), " <end>\n");
}

TEST(Display, broken_lines_keep_what_fits_and_the_margin) {
  EXPECT_EQ(break_lines("a  b\n\n  c\n", 20), "a  b\n\n  c\n");
  EXPECT_EQ(break_lines("no newline", 20), "no newline\n");
  EXPECT_EQ(break_lines("  one two three four five six seven", 24), "  one two three four\n  five six seven\n");
  EXPECT_EQ(break_lines("", 20), "");
}

TEST(Display, numbers_for_people) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
  EXPECT_EQ(human_bytes(1023), "1023 bytes");
  EXPECT_EQ(human_bytes(1536), "1.5 KB");
  EXPECT_EQ(human_bytes(1 << 20), "1.0 MB");
  EXPECT_EQ(human_bytes(3ULL << 30), "3.0 GB");
  EXPECT_EQ(human_seconds(0.123), "0.12 s");
  EXPECT_EQ(human_seconds(187), "3:07 min");
  EXPECT_EQ(human_seconds(3723), "1:02:03 h");
  EXPECT_EQ(counted(1, "file"), "1 file");
  EXPECT_EQ(counted(2000, "file"), "2,000 files");
}

TEST(Json, escapes_what_must_be_and_repairs_what_is_no_utf8) {
  EXPECT_EQ(json_text("a\"b\\c\n\t\x01"), "\"a\\\"b\\\\c\\n\\t\\u0001\"");
  EXPECT_EQ(json_text("grün"), "\"grün\"");
  EXPECT_EQ(json_text("a\xFF"), "\"a\xEF\xBF\xBD\"");
  JsonObject object;
  object.number("n", std::uint64_t{3}).number("f", 0.5F).boolean("b", true).null("z").raw("r", "[1]").text("t", "x");
  EXPECT_EQ(std::move(object).finish(), R"({"n":3,"f":0.5,"b":true,"z":null,"r":[1],"t":"x"})");
  EXPECT_EQ(JsonObject().finish(), "{}");
}

}  // namespace
}  // namespace tamis::cli
