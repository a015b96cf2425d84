#include <gtest/gtest.h>
#include <tamis/docs/document.h>

#include <functional>
#include <random>

#include "document_builder.h"

namespace tamis::docs {
namespace {

std::string shown(const MetaValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return "text " + *text;
  if (const auto* number = std::get_if<double>(&value)) return "number " + std::to_string(*number);
  return "date " + std::to_string(std::get<Date>(value).seconds);
}

TEST(TypedValue, tells_numbers_and_dates_from_names) {
  EXPECT_EQ(shown(typed_value("42")), "number 42.000000");
  EXPECT_EQ(shown(typed_value(" -1.5e3 ")), "number -1500.000000");
  EXPECT_EQ(shown(typed_value("0")), "number 0.000000");
  EXPECT_EQ(shown(typed_value("0.5")), "number 0.500000");
  EXPECT_EQ(shown(typed_value("1970-01-01")), "date 0");
  EXPECT_EQ(shown(typed_value("2024-05-01")), "date 1714521600");
  EXPECT_EQ(shown(typed_value("2024-05-01T10:00:00Z")), "date 1714557600");
  EXPECT_EQ(shown(typed_value("2024-05-01 12:00:00.25+02:00")), "date 1714557600");
  EXPECT_EQ(shown(typed_value("1969-12-31T23:59")), "date -60");
  for (const char* name :
       {"", "007", "0123", "nan", "inf", "1,5", "1.2.3", "2024-13-01", "2023-02-29", "2024-05-01T25:00", "2024-05-01x",
        "--1", "+1", "0x10", "1e999", "12345678901234567890", "v1", "-", "."}) {
    EXPECT_EQ(shown(typed_value(name)), std::string("text ") + name);
  }
}

TEST(TypedValue, counts_every_day_of_eight_hundred_years) {
  std::int64_t seconds = std::get<Date>(typed_value("1600-01-01")).seconds;
  for (int year = 1600; year < 2400; ++year) {
    for (int month = 1; month <= 12; ++month) {
      for (int day = 1; day <= 31; ++day) {
        char text[40];  // wide enough for any three numbers, which is what the compiler looks at
        std::snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
        const MetaValue value = typed_value(text);
        if (!std::holds_alternative<Date>(value)) continue;
        ASSERT_EQ(std::get<Date>(value).seconds, seconds) << text;
        seconds += 86400;
      }
    }
  }
  EXPECT_EQ(seconds, std::get<Date>(typed_value("2400-01-01")).seconds);
}

ExtractedDocument sound() {
  ExtractedDocument document;
  document.text = "Title\n\nSome text.";
  document.blocks = {{BlockKind::kHeading, 1, 0, 5}, {BlockKind::kParagraph, 0, 7, 17}};
  document.origins = {{0, 1}, {7, 3}};
  return document;
}

TEST(CheckDocument, names_every_broken_law) {
  ASSERT_TRUE(check_document(sound()).has_value());
  ASSERT_TRUE(check_document(ExtractedDocument()).has_value());
  const std::vector<std::pair<std::string, std::function<void(ExtractedDocument&)>>> breaks = {
      {"UTF-8", [](auto& d) { d.text[8] = '\xFF'; }},
      {"NUL", [](auto& d) { d.text[8] = '\0'; }},
      {"carriage", [](auto& d) { d.text[8] = '\r'; }},
      {"title", [](auto& d) { d.title = "\xC3"; }},
      {"item", [](auto& d) { d.item = "\xC3"; }},
      {"key",
       [](auto& d) {
         d.metadata.push_back({"key", MetaValue(std::string("\xC3"))});
       }},
      {"block 1", [](auto& d) { d.blocks[1].begin = 3; }},
      {"block 1", [](auto& d) { d.blocks[1].end = 99; }},
      {"empty",
       [](auto& d) {
         d.blocks[1].begin = d.blocks[1].end = 17;
         d.text.resize(17);
         d.blocks[0].end = 17;
       }},
      {"outside", [](auto& d) { d.blocks.pop_back(); }},
      {"outside", [](auto& d) { d.blocks[0].end = 4; }},
      {"level", [](auto& d) { d.blocks[0].level = 0; }},
      {"level", [](auto& d) { d.blocks[0].level = 7; }},
      {"character",
       [](auto& d) {
         d.text.replace(16, 1, "\xC3\xA9");
         d.blocks.push_back({BlockKind::kCode, 0, 17, 18});
       }},
      {"origin", [](auto& d) { d.origins.clear(); }},
      {"origin", [](auto& d) { d.origins[0].offset = 1; }},
      {"origin", [](auto& d) { d.origins[1].number = 0; }},
      {"origin", [](auto& d) { d.origins[1].offset = 99; }},
      {"origin",
       [](auto& d) {
         d.origins.push_back({6, 4});
       }},
  };
  for (const auto& [word, apply] : breaks) {
    ExtractedDocument document = sound();
    apply(document);
    const Status status = check_document(document);
    ASSERT_FALSE(status.has_value()) << word;
    EXPECT_EQ(status.error().code, Code::kCorrupt);
    EXPECT_NE(status.error().message.find(word), std::string::npos) << status.error().message;
  }
}

TEST(OriginOf, pages_do_not_count_lines) {
  ExtractedDocument document = sound();
  document.origin_kind = OriginKind::kPage;
  document.origins = {{0, 1}, {7, 2}};
  EXPECT_EQ(origin_of(document, 6), 1U);
  EXPECT_EQ(origin_of(document, 16), 2U);
  EXPECT_EQ(origin_of(ExtractedDocument(), 5), 1U);
}

// A second bookkeeping of the same thing: the line of every byte as it was appended.
TEST(DocumentBuilder, every_byte_comes_from_the_line_it_was_appended_for) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    const auto below = [&](std::uint32_t n) { return std::uint32_t{static_cast<std::uint32_t>(rng())} % n; };
    DocumentBuilder builder;
    std::vector<std::pair<char, std::uint32_t>> wanted;
    std::uint32_t line = 1;
    for (std::uint32_t blocks = below(8); blocks > 0; --blocks) {
      line += below(4);
      builder.begin(static_cast<BlockKind>(below(6)), 1 + below(6), line);
      for (std::uint32_t pieces = below(5); pieces > 0; --pieces) {
        if (below(3) == 0) builder.at_line(line += below(3));
        std::string text;
        const std::uint32_t length = below(40) == 0 ? below(9000) : below(12);
        for (std::uint32_t i = 0; i < length; ++i) {
          text += "ab \n"[below(4)];
          if (text.back() == 'a' || text.back() == 'b') wanted.emplace_back(text.back(), line);
          line += text.back() == '\n' ? 1 : 0;
        }
        builder.append(text);
      }
      builder.end();
    }
    const auto document = builder.take().value();
    ASSERT_TRUE(check_document(document).has_value()) << "seed " << seed << check_document(document).error().message;
    std::size_t next = 0;
    for (std::size_t at = 0; at < document.text.size(); ++at) {
      if (document.text[at] != 'a' && document.text[at] != 'b') continue;
      ASSERT_LT(next, wanted.size());
      ASSERT_EQ(document.text[at], wanted[next].first);
      if (wanted.size() < 500 || next % 64 == 0) {
        ASSERT_EQ(origin_of(document, static_cast<std::uint32_t>(at)), wanted[next].second)
            << "seed " << seed << " at " << at;
      }
      ++next;
    }
    ASSERT_EQ(next, wanted.size());
  }
}

}  // namespace
}  // namespace tamis::docs
