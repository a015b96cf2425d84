#include <gtest/gtest.h>

#include "reading.h"

namespace tamis::docs {
namespace {

std::string txt(std::string_view text) { return outline(read_one("page.txt", text)); }

TEST(TextReader, sees_paragraphs_headings_and_lists) {
  EXPECT_EQ(txt("Title\n=====\n\nText one\nand two.\n\n  indented\n\nPart\n----\ntext\n"),
            "H1 Title|=====\nP Text one|and two.\nP   indented\nH2 Part|----\nP text\n");
  EXPECT_EQ(txt("== Heading\n\ntext == not\n\n- a\n- b\n  more\n\n  still b\n\nend - not\n- a list\n"),
            "H2 == Heading\nP text == not\nL1 - a\nL1 - b|  more\nL1   still b\nP end - not|- a list\n");
  EXPECT_EQ(txt("1. a\n2. b\n\n3 apples\n"), "L1 1. a\nL1 2. b\nP 3 apples\n");
  EXPECT_EQ(txt("-----\n\na ; b\n===\n\n***\n---\n"), "P -----\nH1 a ; b|===\nP ***|---\n");
  EXPECT_EQ(read_one("a.txt", "  Title\n  =====\n\nText").title, "Title");
  EXPECT_EQ(txt(""), "");
  EXPECT_EQ(txt(" \n\n\t\n"), "");
}

TEST(TextReader, keeps_the_text_as_it_is) {
  static constexpr std::string_view kPieces[] = {
      "a", "word ", "\n", "\n\n", "  ", "\t", "====", "- ", "1. ", "\n---\n", "\xC3\xA9", "== ", "\f"};
  for (std::uint32_t seed = 0; seed < 5000; ++seed) {
    std::mt19937 rng(seed);
    std::string text;
    for (auto n = rng() % 40; n > 0; --n) text += kPieces[rng() % std::size(kPieces)];
    ASSERT_EQ(read_one("a.txt", text).text, text) << "seed " << seed;
  }
}

TEST(TextReader, lines_are_right_in_long_files) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 rng(seed);
    std::string text;
    for (unsigned word = 0; word < 2000; ++word) {
      text += 'w' + std::to_string(word) + 'x';
      text += rng() % 3 == 0 ? std::string(1 + rng() % 3, '\n') : " ";
      if (rng() % 500 == 0) text += std::string(rng() % 9000, '-');
    }
    std::string windows;
    for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
    const auto document = read_one("a.txt", windows);
    std::uint32_t line = 1;
    for (std::size_t at = 0; at < document.text.size(); ++at) {
      if (document.text[at] == 'w') {
        ASSERT_EQ(origin_of(document, static_cast<std::uint32_t>(at)), line) << "seed " << seed;
      }
      line += document.text[at] == '\n' ? 1 : 0;
    }
  }
}

TEST(TextReader, survives_ten_thousand_damaged_files) {
  expect_survives_mutation("text", {"Title\n=====\n\nText\n\n- a\n- b\n\n1. c\n", "== A\n\ntext\n----\n\xFF\xFEx\0y\0"},
                           {"\n", "\r\n", "====", "- ", "1. ", "\t", "== ", "\xC3", "\xFE\xFF", "\xEF\xBB\xBF"});
  expect_no_blow_up("text", {"a\n", "\n", "- ", "- a\n", "=", "a\n==\n", "== a\n", "1. a\n\n", " ", "\r", "\xC3",
                             std::string_view("\0", 1), "a\r\n"});
}

}  // namespace
}  // namespace tamis::docs
