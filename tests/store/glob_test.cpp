#include "glob.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "naive_glob.h"

namespace tamis::store {
namespace {

bool path_matches(std::string_view pattern, std::string_view path) {
  return Glob::compile(pattern, Glob::Kind::kPath).value().matches(path);
}
bool value_matches(std::string_view pattern, std::string_view value) {
  return Glob::compile(pattern, Glob::Kind::kValue).value().matches(value);
}

TEST(Glob, patterns_mean_what_people_expect) {
  EXPECT_TRUE(path_matches("*.md", "readme.md"));
  EXPECT_TRUE(path_matches("*.md", "docs/deep/readme.md")) << "no '/' in it: the base name counts";
  EXPECT_FALSE(path_matches("docs/*.md", "docs/deep/readme.md"));
  EXPECT_TRUE(path_matches("docs/**.md", "docs/deep/readme.md"));
  EXPECT_TRUE(path_matches("docs/**/readme.md", "docs/readme.md"));
  EXPECT_TRUE(path_matches("docs/**/readme.md", "docs/a/b/readme.md"));
  EXPECT_FALSE(path_matches("docs/**/readme.md", "docs/a/b/xreadme.md"));
  EXPECT_TRUE(path_matches("**/src/*", "src/a"));
  EXPECT_TRUE(path_matches("docs/", "docs/a/b"));
  EXPECT_FALSE(path_matches("docs/", "other/docs/a"));
  EXPECT_TRUE(path_matches("a?c", "aéc")) << "a character, not a byte";
  EXPECT_FALSE(path_matches("a??c", "aéc"));
  EXPECT_FALSE(path_matches("a?c", "a/c"));
  EXPECT_TRUE(path_matches("[à-é]", "ç"));
  EXPECT_FALSE(path_matches("[!à-é]", "ç"));
  EXPECT_TRUE(path_matches("[]]", "]"));
  EXPECT_TRUE(path_matches("\\*", "*"));
  EXPECT_FALSE(path_matches("\\*", "x"));
  EXPECT_TRUE(path_matches("\\", "\\"));
  EXPECT_TRUE(path_matches("?\xFF", "\xFE\xFF")) << "a broken byte is a character";
  EXPECT_FALSE(path_matches("README.md", "readme.md"));
  EXPECT_TRUE(value_matches("a*c", "a/b/c"));
  EXPECT_TRUE(value_matches("*", ""));
  EXPECT_FALSE(value_matches("?", ""));
}

TEST(Glob, a_pattern_that_makes_no_sense_is_refused) {
  EXPECT_EQ(Glob::compile("[a", Glob::Kind::kPath).error().code, Code::kInvalidArgument);
  EXPECT_EQ(Glob::compile("[", Glob::Kind::kPath).error().code, Code::kInvalidArgument);
  EXPECT_EQ(Glob::compile("[a-\\", Glob::Kind::kPath).error().code, Code::kInvalidArgument);
  EXPECT_EQ(Glob::compile(std::string(5000, 'a'), Glob::Kind::kPath).error().code, Code::kInvalidArgument);
}

TEST(Glob, random_patterns_equal_trying_every_way) {
  std::size_t matched = 0;
  for (std::uint32_t seed = 0; seed < 40000; ++seed) {
    std::mt19937 rng(seed);
    const auto random_text = [&](std::string_view alphabet, std::size_t longest) {
      std::string text(rng() % (longest + 1), ' ');
      for (auto& c : text) c = alphabet[rng() % alphabet.size()];
      return text;
    };
    const auto pattern = random_text(seed % 2 == 0 ? "ab/**?" : "ab/*?[]!-\\", 7);
    const auto text = random_text("ab/", 7);
    const auto path_glob = Glob::compile(pattern, Glob::Kind::kPath);
    const auto value_glob = Glob::compile(pattern, Glob::Kind::kValue);
    ASSERT_EQ(path_glob.has_value(), value_glob.has_value());
    if (!path_glob) continue;
    ASSERT_EQ(path_glob->matches(text), test::naive_path_glob(pattern, text))
        << "'" << pattern << "' on '" << text << "' seed=" << seed;
    ASSERT_EQ(value_glob->matches(text), test::naive_glob(pattern, text, false))
        << "'" << pattern << "' on '" << text << "' seed=" << seed;
    matched += path_glob->matches(text) ? 1U : 0U;
  }
  EXPECT_GT(matched, 1000U) << "the worlds are too poor to show anything";
}

TEST(Glob, many_stars_on_a_long_path_end_soon) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "*a";
  EXPECT_FALSE(path_matches(pattern + "b", std::string(4000, 'a')));
}

}  // namespace
}  // namespace tamis::store
