#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "docs/scratch_folder.h"

namespace tamis::docs {

/// git itself, to compare with: nothing of the user's or the machine's configuration reaches it.
inline std::string git(const std::filesystem::path& folder, const std::string& arguments) {
  return output_of("HOME=/nonexistent XDG_CONFIG_HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 git -C '" + folder.string() +
                   "' " + arguments);
}
inline bool git_is_there() { return std::system("git --version > /dev/null 2>&1") == 0; }

inline std::vector<std::string> split_at(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// A name over few letters, so that patterns hit.
inline std::string random_name(std::mt19937& rng) {
  static const std::vector<std::string> kNames = {
      "a",   "b",   "ab",      "aab", "c.o", "b.o", "a b", "x[y", "-",   "!a", "#b",    "a*",  "]",  "a\\b", "ba",
      "abc", "foo", "foo.txt", "f0",  "Foo", "é",   "a ",  "_",   "x-y", "^",  "\xFFq", "bar", "..", ".hid", "a\tb"};
  while (true) {
    const auto& name = kNames[rng() % kNames.size()];
    if (name != "..") return name;
  }
}

/// Mostly well-formed pieces in any order, sometimes a random byte: what people write, and what nobody should.
inline std::string random_pattern(std::mt19937& rng) {
  static const std::vector<std::string> kPieces = {"a",
                                                   "b",
                                                   "c",
                                                   "foo",
                                                   ".o",
                                                   "*",
                                                   "*",
                                                   "**",
                                                   "**/",
                                                   "/**",
                                                   "/**/",
                                                   "/",
                                                   "/",
                                                   "?",
                                                   "[ab]",
                                                   "[!ab]",
                                                   "[^a]",
                                                   "[a-c]",
                                                   "[]a]",
                                                   "[a",
                                                   "\\*",
                                                   "\\",
                                                   "\\ ",
                                                   " ",
                                                   "!",
                                                   "#",
                                                   "\\!",
                                                   "\\#",
                                                   ".txt",
                                                   "[[:alpha:]]",
                                                   "[[:digit:]a]",
                                                   "[[:x:]]",
                                                   "[a-]",
                                                   "[-a]",
                                                   "[\\]a]",
                                                   "[a\\-c]",
                                                   "[[:al",
                                                   "é",
                                                   "[c-a]",
                                                   "a/b",
                                                   "ab",
                                                   "-",
                                                   "x",
                                                   "[",
                                                   "]",
                                                   "[[]",
                                                   "[a/b]",
                                                   "\\/",
                                                   "[[:space:]]",
                                                   "[[:punct:]]",
                                                   "^",
                                                   "[!]a]",
                                                   "[]-a]",
                                                   "[[:upper:][:digit:]]"};
  std::string pattern;
  if (rng() % 8 == 0) pattern += "!";
  if (rng() % 4 == 0) pattern += "/";
  const std::size_t pieces = 1 + rng() % 5;
  for (std::size_t i = 0; i < pieces; ++i)
    pattern += rng() % 3 == 0 ? random_name(rng) : kPieces[rng() % kPieces.size()];
  if (rng() % 5 == 0) pattern += "/";
  if (rng() % 20 == 0) pattern += static_cast<char>(1 + rng() % 255);
  for (auto& c : pattern) {
    if (c == '\n') c = 'n';
  }
  return pattern;
}

}  // namespace tamis::docs
