#include "ignore_pattern.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "docs/git_oracle.h"

namespace tamis::docs {
namespace {

bool matches(std::string_view pattern, std::string_view path, bool is_folder = false) {
  const auto parsed = IgnorePattern::parse(pattern);
  return parsed && parsed->matches(path, is_folder);
}

TEST(IgnorePattern, follows_the_examples_of_the_manual) {
  EXPECT_TRUE(matches("hello.*", "hello.txt"));
  EXPECT_TRUE(matches("hello.*", "a/hello.java"));
  EXPECT_TRUE(matches("/hello.*", "hello.c"));
  EXPECT_FALSE(matches("/hello.*", "a/hello.java"));
  EXPECT_TRUE(matches("foo/", "a/foo", true));
  EXPECT_FALSE(matches("foo/", "foo", false));
  EXPECT_TRUE(matches("doc/frotz/", "doc/frotz", true));
  EXPECT_FALSE(matches("doc/frotz/", "a/doc/frotz", true));
  EXPECT_TRUE(matches("foo/*", "foo/test.json"));
  EXPECT_FALSE(matches("foo/*", "foo/bar/hello.c"));
  EXPECT_TRUE(matches("**/foo/bar", "x/y/foo/bar"));
  EXPECT_TRUE(matches("abc/**", "abc/x/y"));
  EXPECT_FALSE(matches("abc/**", "abc", true));
  EXPECT_TRUE(matches("a/**/b", "a/b"));
  EXPECT_TRUE(matches("a/**/b", "a/x/y/b"));
  EXPECT_TRUE(matches("\\#x", "#x"));
  EXPECT_TRUE(matches("x\\ ", "x "));
  EXPECT_TRUE(matches("x  ", "x"));
}

TEST(IgnorePattern, comments_and_blank_lines_are_no_patterns) {
  for (const auto* line : {"", "   ", "# comment", "/", "!", "!/"}) EXPECT_FALSE(IgnorePattern::parse(line)) << line;
  EXPECT_TRUE(IgnorePattern::parse("!a")->negated());
}

TEST(IgnorePattern, hostile_patterns_cost_linear_time) {
  std::string pattern, deep;
  for (int i = 0; i < 2000; ++i) {
    pattern += "*a";
    deep += "**/*a/";
  }
  const std::string path(4000, 'a');
  std::string folders;
  for (int i = 0; i < 2000; ++i) folders += "xa/";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(matches(pattern + "b", path));
  EXPECT_FALSE(matches(deep + "b", folders + "c"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

std::string random_path(std::mt19937& rng) {
  std::string path = random_name(rng);
  for (auto parts = rng() % 4; parts > 0; --parts) path += "/" + random_name(rng);
  return path;
}

/// git asks the folders above a path first, so that is how one pattern decides about a path.
bool ignored_by_one_pattern(const std::string& pattern, const std::string& path) {
  const auto parsed = IgnorePattern::parse(pattern);
  if (!parsed || parsed->negated()) return false;
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (path[i] == '/' && parsed->matches(std::string_view(path).substr(0, i), true)) return true;
  }
  return parsed->matches(path, false);
}

TEST(IgnorePattern, random_patterns_mean_what_git_says) {
  if (!git_is_there()) GTEST_SKIP() << "git is not installed: nothing to compare with";
  const ScratchFolder folder;
  git(folder.path(), "init -q .");
  std::mt19937 rng(20240501);
  std::string questions;
  std::vector<std::pair<std::string, std::string>> asked;  // pattern, path
  for (int world = 0; world < 1200; ++world) {
    const std::string base = "w" + std::to_string(world);
    const std::string pattern = random_pattern(rng);
    folder.write(base + "/.gitignore", pattern + "\n");
    for (int i = 0; i < 25; ++i) {
      const std::string path = random_path(rng);
      questions += base + "/" + path + '\0';
      asked.emplace_back(pattern, path);
    }
  }
  folder.write("questions", questions);
  // Answers: source, line, pattern, path, each ended by NUL; empty source = no pattern matches.
  const auto answers = split_at(
      git(folder.path(), "check-ignore --no-index -z -v -n --stdin < '" + folder.path().string() + "/questions'"),
      '\0');
  ASSERT_EQ(answers.size(), asked.size() * 4);
  std::size_t hits = 0;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto& [pattern, path] = asked[i];
    const bool expected = !answers[4 * i].empty() && answers[4 * i + 2].substr(0, 1) != "!";
    hits += expected ? 1 : 0;
    EXPECT_EQ(ignored_by_one_pattern(pattern, path), expected) << "pattern '" << pattern << "' path '" << path << "'";
  }
  EXPECT_GT(hits, asked.size() / 50) << "the patterns hardly match anything: the test tests nothing";
}

}  // namespace
}  // namespace tamis::docs
