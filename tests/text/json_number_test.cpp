#include "json_number.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>

namespace tamis::text {
namespace {

/// What the package `tokenizers` 0.23 makes of them.
TEST(JsonNumber, rounds_twice_as_the_package_does) {
  const std::pair<const char*, double> kKnown[] = {
      {"-9.343525423345529", -0x1.2afe290753a29p+3},
      {"-2.4742421974979694", -0x1.3cb3f7e45187bp+1},
      {"-13.584595142617811", -0x1.b2b500df5e34fp+3},
      {"1.8446744073709551615999", 0x1.d83c94fb6d2acp+0},
      {"0.1234567890123456789012345", 0x1.f9add3746f65fp-4},
      {"123456789012345678901234567890", 0x1.8ee90ff6c373ep+96},
      {"18446744073709551615.9", 0x1p+64},
      {"99999999999999999999.99999e-5", 0x1.c6bf526340000p+49},
      {"3.5e-310", 0x0.0406de80b2597p-1022},
      {"4.9e-324", 0x0.0000000000001p-1022},
      {"1.7976931348623157e308", 0x1.fffffffffffffp+1023},
      {"1e-400", 0.0},
      {"1e-4000000000000", 0.0},
      {"0e999", 0.0},
      {" 7 \n", 7.0},
      {"-0", -0.0},
      {"1E+5", 1e5},
      {"12.50e-3", 12.5e-3},
  };
  for (const auto& [text, wanted] : kKnown) {
    const auto seen = parse_json_number(text);
    ASSERT_TRUE(seen.has_value()) << text;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(*seen), std::bit_cast<std::uint64_t>(wanted)) << text;
  }
}

TEST(JsonNumber, is_at_most_two_doubles_beside_the_nearest) {
  std::mt19937_64 rng(1);
  int others = 0;
  for (int i = 0; i < 20'000; ++i) {
    const double wanted = std::ldexp(static_cast<double>(rng() >> 11U), static_cast<int>(rng() % 120) - 110);
    const double seen = parse_json_number(fmt::format("{}", wanted)).value();
    others += seen != wanted ? 1 : 0;
    ASSERT_LE(std::abs(std::bit_cast<std::int64_t>(seen) - std::bit_cast<std::int64_t>(wanted)), 2) << wanted;
  }
  EXPECT_GT(others, 200);
  for (int i = 0; i < 20'000; ++i) {  // digits and the power of ten are doubles: rounded once
    const std::string text = fmt::format("{}e{}", rng() >> 11U, static_cast<int>(rng() % 45) - 22);
    ASSERT_EQ(parse_json_number(text).value(), std::strtod(text.c_str(), nullptr)) << text;
  }
}

TEST(JsonNumber, what_is_no_number_is_none) {
  for (const char* text : {"", " ", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x1", "nan", "inf", "1 2", "1e400",
                           "2e308", "1e999999999999999999999", "--1", "1.e5"})
    EXPECT_FALSE(parse_json_number(text).has_value()) << text;
}

}  // namespace
}  // namespace tamis::text
