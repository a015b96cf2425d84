#include "encoder_text.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tamis::engine {
namespace {

TEST(EncoderText, is_title_headings_and_text_with_blanks_in_between) {
  EXPECT_EQ(encoder_text("", "", "Words."), "Words.");
  EXPECT_EQ(encoder_text("Title", "", "Words."), "Title Words.");
  EXPECT_EQ(encoder_text("", "Part › Section", "Words."), "Part Section Words.");
  EXPECT_EQ(encoder_text("Title", "Part › Section", "Words."), "Title Part Section Words.");
  EXPECT_EQ(encoder_text("Title", "", ""), "Title ");
}

TEST(EncoderText, names_the_title_once) {
  EXPECT_EQ(encoder_text("Title", "Title", "Words."), "Title Words.");
  EXPECT_EQ(encoder_text("Title", "Title › Section", "Words."), "Title Section Words.");
  EXPECT_EQ(encoder_text("Title", "Titles › Section", "Words."), "Title Titles Section Words.");
}

TEST(EncoderText, leaves_out_the_headings_that_the_text_begins_with) {
  EXPECT_EQ(encoder_text("Title", "Part › Section", "Section\n\nWords."), "Title Part Section\n\nWords.");
  EXPECT_EQ(encoder_text("Title", "Part › Section", "Title\nPart\n\nSection\nWords."),
            "Title\nPart\n\nSection\nWords.");
  EXPECT_EQ(encoder_text("Title", "Part", "Words.\nPart\nTitle"), "Title Part Words.\nPart\nTitle")
      << "further down it is text";
}

TEST(EncoderText, always_ends_with_the_text_and_is_made_of_nothing_else) {
  std::mt19937 rng(3);
  const std::vector<std::string> pieces = {"", " › ", "›", " ", "\n", "a", "b", "a › b", "Title", "\xe2\x80"};
  const auto random = [&] {
    std::string out;
    for (auto i = rng() % 6; i > 0; --i) out += pieces[rng() % pieces.size()];
    return out;
  };
  for (int i = 0; i < 20000; ++i) {
    const auto title = random(), heading = random(), text = random();
    const auto made = encoder_text(title, heading, text);
    ASSERT_TRUE(made.ends_with(text)) << title << '|' << heading << '|' << text;
    ASSERT_LE(made.size(), title.size() + heading.size() + text.size() + 8) << title << '|' << heading << '|' << text;
  }
}

}  // namespace
}  // namespace tamis::engine
