#pragma once

#include <string>
#include <string_view>

namespace tamis::store::test {

/// Whether one set such as "[!a-c]" takes a character; `pattern` is moved behind the ']'.
inline bool naive_set(std::string_view& pattern, char c) {
  pattern.remove_prefix(1);
  bool negated = false;
  if (!pattern.empty() && (pattern[0] == '!' || pattern[0] == '^')) negated = true, pattern.remove_prefix(1);
  bool inside = false;
  for (bool first = true; first || pattern[0] != ']'; first = false) {
    const auto take = [&] {
      if (pattern[0] == '\\') pattern.remove_prefix(1);
      const char taken = pattern[0];
      pattern.remove_prefix(1);
      return taken;
    };
    const char low = take();
    char high = low;
    if (pattern.size() > 1 && pattern[0] == '-' && pattern[1] != ']') {
      pattern.remove_prefix(1);
      high = take();
    }
    inside = inside || (low <= c && c <= high);
  }
  pattern.remove_prefix(1);
  return inside != negated;
}

/// The definition of a glob, tried every way. Bytes only; the pattern's brackets are known to be closed.
/// @param at_part  whether the pattern stands at the beginning of a part of the path
inline bool naive_glob(std::string_view pattern, std::string_view text, bool paths, bool at_part = true) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    const auto stars =
        pattern.find_first_not_of('*') == std::string_view::npos ? pattern.size() : pattern.find_first_not_of('*');
    const auto rest = pattern.substr(stars);
    const bool deep = stars > 1 || !paths;
    if (paths && deep && at_part && !rest.empty() && rest[0] == '/') {  // any number of folders, none too
      for (std::size_t i = 0; i <= text.size(); ++i) {
        const bool border = i == 0 || text[i - 1] == '/';
        if (border && naive_glob(rest.substr(1), text.substr(i), paths, true)) return true;
      }
      return false;
    }
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (naive_glob(rest, text.substr(i), paths, false)) return true;
      if (i < text.size() && text[i] == '/' && !deep) return false;
    }
    return false;
  }
  if (text.empty()) return false;
  const bool slash = paths && text[0] == '/';
  if (pattern[0] == '?') return !slash && naive_glob(pattern.substr(1), text.substr(1), paths, false);
  if (pattern[0] == '[') {
    const bool inside = naive_set(pattern, text[0]);
    return inside && !slash && naive_glob(pattern, text.substr(1), paths, false);
  }
  if (pattern[0] == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
  return pattern[0] == text[0] && naive_glob(pattern.substr(1), text.substr(1), paths, pattern[0] == '/');
}

/// The same with what paths have on top: the base name, and folders with a '/' at the end.
inline bool naive_path_glob(std::string_view pattern, std::string_view path) {
  std::string whole(pattern);
  if (whole.ends_with('/')) whole += "**";
  if (naive_glob(whole, path, true)) return true;
  const auto slash = path.rfind('/');
  return pattern.find('/') == std::string_view::npos && slash != std::string_view::npos &&
         naive_glob(pattern, path.substr(slash + 1), true);
}

}  // namespace tamis::store::test
