#include <gtest/gtest.h>
#include <tamis/text/unicode.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "utf8.h"

namespace tamis::text {
namespace {

/// Random bytes, most of them near to UTF-8: whole characters, cut ones, lone continuation bytes.
[[nodiscard]] std::string random_bytes(std::mt19937& rng) {
  std::string text;
  for (std::size_t n = rng() % 40; n > 0; --n) {
    char bytes[4];
    const auto point = static_cast<std::uint32_t>(rng() % 2 == 0 ? rng() % 0x3000 : rng() % 0x110000);
    const bool surrogate = point >= 0xD800 && point < 0xE000;
    const auto size = surrogate ? std::size_t{0} : static_cast<std::size_t>(encode_utf8(point, bytes) - bytes);
    const auto what = rng() % 4;
    if (what == 0) text.push_back(static_cast<char>(rng() % 256));
    if (what == 1 && size > 0) text.append(bytes, size - 1);
    if (what > 1) text.append(bytes, size);
  }
  return text;
}

TEST(Utf8, every_character_survives_encoding_and_decoding) {
  for (std::uint32_t point = 0; point < 0x110000; ++point) {
    if (point >= 0xD800 && point < 0xE000) continue;
    char bytes[4];
    const std::string_view text(bytes, static_cast<std::size_t>(encode_utf8(point, bytes) - bytes));
    const Decoded c = decode_utf8(text, 0);
    ASSERT_EQ(c.point, point);
    ASSERT_EQ(c.size, text.size()) << point;
    ASSERT_TRUE(is_valid_utf8(text)) << point;
    for (std::size_t cut = 1; cut < text.size(); ++cut) ASSERT_FALSE(is_valid_utf8(text.substr(0, cut))) << point;
  }
}

TEST(Utf8, what_the_standard_forbids_is_invalid) {
  for (const std::string_view bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                                     "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xE2\x82", "\xC3("}) {
    EXPECT_FALSE(is_valid_utf8(bad)) << testing::PrintToString(std::string(bad));
  }
  EXPECT_TRUE(is_valid_utf8(std::string_view("\0a", 2)));
}

TEST(Utf8, repaired_text_is_valid_and_valid_text_is_not_touched) {
  EXPECT_EQ(repair_utf8("a\xF0\x9F\x98z\xFF"), "a\xEF\xBF\xBDz\xEF\xBF\xBD");  // one U+FFFD for a cut character
  for (std::uint32_t seed = 0; seed < 20000; ++seed) {
    std::mt19937 rng(seed);
    const std::string text = random_bytes(rng);
    const std::string repaired = repair_utf8(text);
    ASSERT_TRUE(is_valid_utf8(repaired)) << "seed=" << seed;
    ASSERT_EQ(is_valid_utf8(text), text == repaired) << "seed=" << seed;
  }
}

TEST(Utf8, floor_is_the_last_border_not_behind_the_offset) {
  for (std::uint32_t seed = 0; seed < 20000; ++seed) {
    std::mt19937 rng(seed);
    const std::string text = random_bytes(rng);
    std::vector<bool> border(text.size() + 1, false);  // by walking from the start
    for (std::size_t at = 0; at < text.size(); at += decode_utf8(text, at).size) border[at] = true;
    border[text.size()] = true;
    std::size_t last = 0;
    for (std::size_t offset = 0; offset <= text.size(); ++offset) {
      if (border[offset]) last = offset;
      ASSERT_EQ(utf8_floor(text, offset), last) << "seed=" << seed << " offset=" << offset;
    }
    ASSERT_EQ(utf8_floor(text, text.size() + 7), text.size());
  }
}

TEST(SegmentSentences, ranges_cover_the_text_without_gaps) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    std::string text = random_bytes(rng);
    for (std::size_t n = rng() % 8; n > 0; --n)
      text.insert(rng() % (text.size() + 1), rng() % 2 == 0 ? ". A" : "!\n\n");
    std::vector<Range> sentences;
    segment_sentences(text, sentences);
    std::uint32_t at = 0;
    for (const Range& sentence : sentences) {
      ASSERT_EQ(sentence.begin, at) << "seed=" << seed;
      ASSERT_GT(sentence.end, at) << "seed=" << seed;
      at = sentence.end;
    }
    ASSERT_EQ(at, text.size()) << "seed=" << seed;
  }
}

TEST(SegmentSentences, sentences_are_those_of_the_standard) {
  const auto pieces = [](std::string_view text) {
    std::vector<Range> ranges;
    segment_sentences(text, ranges);
    std::vector<std::string> out;
    for (const Range& range : ranges) out.emplace_back(text.substr(range.begin, range.end - range.begin));
    return out;
  };
  using Strings = std::vector<std::string>;
  EXPECT_EQ(pieces("One. Two? Three 3.5 e.g. that."), (Strings{"One. ", "Two? ", "Three 3.5 e.g. that."}));
  EXPECT_EQ(pieces("line\nnext"), (Strings{"line\n", "next"}));
  EXPECT_EQ(pieces("これは文。次。"), (Strings{"これは文。", "次。"}));
  EXPECT_EQ(pieces(""), Strings{});
}

TEST(CountWords, counts_runs_of_letters_and_digits_and_single_ideographs) {
  EXPECT_EQ(count_words(""), 0U);
  EXPECT_EQ(count_words("two words"), 2U);
  EXPECT_EQ(count_words("  a-b_c  d2 "), 4U);
  EXPECT_EQ(count_words("東京 and Zürich"), 4U);
  EXPECT_EQ(count_words("cafe\xCC\x81s"), 1U);  // a combining accent is inside
}

TEST(Fold, case_width_and_diacritics_go) {
  EXPECT_EQ(fold("ÀÉÎ ß Œ Łódź ﬁ ＡＢＣ ①"), "aei ss oe lodz fi abc 1");
  EXPECT_EQ(fold("e\xCC\x81"), "e");  // combining accent
  EXPECT_EQ(fold("soft\xC2\xADhyphen"), "softhyphen");
  EXPECT_EQ(fold("Ёлка й Й"), "елка й й");  // another letter than и
  EXPECT_EQ(fold("ガ ｶﾞ カ\xE3\x82\x99"), "ガ ガ ガ");
  EXPECT_EQ(fold("हिन्दी"), "हिन्दी");  // vowel signs are no diacritics
  EXPECT_EQ(fold("don’t"), "don't");
  EXPECT_EQ(fold("a\xFF"
                 "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(fold(std::string_view("A\0B", 3)), std::string_view("a\0b", 3));
}

TEST(Fold, folding_twice_changes_nothing) {
  for (std::uint32_t point = 0; point < 0x110000; ++point) {
    if (point >= 0xD800 && point < 0xE000) continue;
    char bytes[4];
    const std::string once = fold(std::string_view(bytes, static_cast<std::size_t>(encode_utf8(point, bytes) - bytes)));
    ASSERT_EQ(fold(once), once) << point;
  }
  for (std::uint32_t seed = 0; seed < 20000; ++seed) {
    std::mt19937 rng(seed);
    const std::string once = fold(random_bytes(rng));
    ASSERT_TRUE(is_valid_utf8(once)) << "seed=" << seed;
    ASSERT_EQ(fold(once), once) << "seed=" << seed;
  }
}

/// Hostile texts of a megabyte or more: each call is to be linear, so that seconds mean it is not.
TEST(Hostile, long_runs_take_linear_time) {
  const auto repeat = [](std::string_view piece, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text.append(piece);
    return text;
  };
  const std::string texts[] = {std::string(10'000'000, 'a'),
                               "a" + repeat("\xCC\x81", 1'000'000),
                               repeat("\xCC\x81\xCC\xA3", 500'000),
                               repeat("\xE2\x80\x8D", 1'000'000),
                               "a'" + repeat("\xE2\x80\x8D", 1'000'000),
                               repeat("a.", 2'000'000),
                               repeat("\xFF", 3'000'000),
                               repeat("漢", 300'000),
                               repeat("漢a", 300'000),
                               std::string(3'000'000, '\0'),
                               repeat("\xF0\x9F\x87\xA9", 500'000),
                               repeat("a\xE2\x80\x8D'", 500'000),
                               repeat("\n", 1'000'000),
                               repeat("\xE1\x84\x80\xE1\x85\xA1", 300'000)};
  for (const std::string& text : texts) {
    std::vector<Range> ranges;
    segment_words(text, ranges);
    for (std::size_t i = 1; i < ranges.size(); ++i) ASSERT_LE(ranges[i - 1].end, ranges[i].begin);
    ranges.clear();
    segment_sentences(text, ranges);
    EXPECT_FALSE(ranges.empty());
    EXPECT_LE(count_words(text), text.size());
    EXPECT_TRUE(is_valid_utf8(fold(text)));
  }
}

}  // namespace
}  // namespace tamis::text
