#include "ignore_pattern.h"

#include <cctype>
#include <cstddef>

namespace tamis::docs {
namespace {

/// Trailing blanks do not count unless a backslash stands before them.
std::string_view without_trailing_blanks(std::string_view line) {
  std::size_t keep = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ') continue;
    if (line[i] == '\\') {
      if (i + 1 == line.size()) return line;
      ++i;
    }
    keep = i + 1;
  }
  return line.substr(0, keep);
}

bool is_wildcard(char c) { return c == '*' || c == '?' || c == '[' || c == '\\'; }

struct NamedClass {
  std::string_view name;
  bool (*holds)(int c);
};
// ASCII only, whatever the locale: a pattern must mean the same on every machine.
constexpr NamedClass kClasses[] = {
    {"alnum", [](int c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'); }},
    {"alpha", [](int c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }},
    {"blank", [](int c) { return c == ' ' || c == '\t'; }},
    {"cntrl", [](int c) { return c < 32 || c == 127; }},
    {"digit", [](int c) { return c >= '0' && c <= '9'; }},
    {"graph", [](int c) { return c > 32 && c < 127; }},
    {"lower", [](int c) { return c >= 'a' && c <= 'z'; }},
    {"print", [](int c) { return c >= 32 && c < 127; }},
    {"punct",
     [](int c) { return (c > 32 && c < 48) || (c > 57 && c < 65) || (c > 90 && c < 97) || (c > 122 && c < 127); }},
    {"space", [](int c) { return c == ' ' || (c >= 9 && c <= 13); }},
    {"upper", [](int c) { return c >= 'A' && c <= 'Z'; }},
    {"xdigit", [](int c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f'); }},
};

template <class ByteSet>
void add_byte(ByteSet& set, unsigned char byte) {
  set[byte / 64] |= std::uint64_t{1} << (byte % 64);
}

template <class ByteSet>
bool add_class(ByteSet& set, std::string_view name) {
  for (const auto& known : kClasses) {
    if (known.name != name) continue;
    for (int c = 0; c < 128; ++c) {
      if (known.holds(c)) add_byte(set, static_cast<unsigned char>(c));
    }
    return true;
  }
  return false;
}

}  // namespace

std::optional<IgnorePattern> IgnorePattern::parse(std::string_view line) {
  if (line.empty() || line.front() == '#') return std::nullopt;
  line = line.substr(0, line.find('\0'));
  line = without_trailing_blanks(line);
  IgnorePattern pattern;
  if (!line.empty() && line.front() == '!') {
    pattern.negated_ = true;
    line.remove_prefix(1);
  }
  if (!line.empty() && line.back() == '/') {
    pattern.folders_only_ = true;
    line.remove_suffix(1);
  }
  if (line.empty()) return std::nullopt;
  pattern.name_only_ = line.find('/') == std::string_view::npos;
  if (line.front() == '/') line.remove_prefix(1);
  std::size_t literal = 0;
  while (literal < line.size() && !is_wildcard(line[literal])) ++literal;
  pattern.literal_ = line.substr(0, literal);
  pattern.valid_ = pattern.compile(line.substr(literal));
  return pattern;
}

bool IgnorePattern::compile(std::string_view glob) {
  for (std::size_t at = 0; at < glob.size(); ++at) {
    switch (glob[at]) {
      case '?':
        parts_.push_back({Kind::kAny, 0, 0});
        break;
      case '*':
        if (!compile_star(glob, at)) return false;
        break;
      case '[':
        if (!compile_set(glob, at)) return false;
        break;
      case '\\':
        if (++at == glob.size()) return false;  // a backslash with nothing behind it matches nothing
        [[fallthrough]];
      default:
        parts_.push_back({Kind::kByte, static_cast<std::uint8_t>(glob[at]), 0});
    }
  }
  return true;
}

/// `at` stands on the first star and is left on the last byte used. Two stars mean "across folders" only as a whole
/// part of the path; git looks at the part of the pattern behind its literal beginning, so `a**/b` counts as well.
bool IgnorePattern::compile_star(std::string_view glob, std::size_t& at) {
  const std::size_t first = at;
  while (at + 1 < glob.size() && glob[at + 1] == '*') ++at;
  const auto rest = glob.substr(at + 1);
  const bool starts_part = first == 0 || glob[first - 1] == '/';
  const bool ends_part = rest.empty() || rest.front() == '/' || rest.substr(0, 2) == "\\/";
  Kind kind = Kind::kStar;
  if (!name_only_ && at > first && starts_part && ends_part) {
    kind = !rest.empty() && rest.front() == '/' ? Kind::kFolders : Kind::kAnything;
    if (kind == Kind::kFolders) ++at;
  }
  parts_.push_back({kind, 0, 0});
  return true;
}

/// `at` stands on '[' and is left on the closing ']'. False: there is none, or the class has no known name.
bool IgnorePattern::compile_set(std::string_view glob, std::size_t& at) {
  const auto peek = [&](std::size_t i) { return i < glob.size() ? glob[i] : '\0'; };
  ByteSet set{};
  std::size_t i = at + 1;
  const bool inverted = peek(i) == '!' || peek(i) == '^';
  if (inverted) ++i;
  int previous = -1;  // what a following '-' would start a range from
  for (bool first = true; first || peek(i) != ']'; first = false, ++i) {
    if (i >= glob.size()) return false;
    unsigned char c = static_cast<unsigned char>(glob[i]);
    if (c == '-' && previous >= 0 && i + 1 < glob.size() && glob[i + 1] != ']') {
      ++i;
      if (glob[i] == '\\' && ++i == glob.size()) return false;
      for (int b = previous; b <= static_cast<unsigned char>(glob[i]); ++b)
        add_byte(set, static_cast<unsigned char>(b));
      previous = -1;
      continue;
    }
    if (c == '[' && peek(i + 1) == ':') {
      const std::size_t close = glob.find(']', i + 2);
      if (close == std::string_view::npos) return false;
      if (close > i + 2 && glob[close - 1] == ':') {
        if (!add_class(set, glob.substr(i + 2, close - i - 3))) return false;
        i = close;
        previous = -1;
        continue;
      }
    } else if (c == '\\') {
      if (++i == glob.size()) return false;
      c = static_cast<unsigned char>(glob[i]);
    }
    add_byte(set, c);
    previous = c;
  }
  if (inverted) {
    for (auto& word : set) word = ~word;
  }
  parts_.push_back({Kind::kSet, 0, static_cast<std::uint32_t>(sets_.size())});
  sets_.push_back(set);
  at = i;
  return true;
}

bool IgnorePattern::matches(std::string_view path, bool is_folder) const {
  if (!valid_ || (folders_only_ && !is_folder)) return false;
  if (name_only_) path = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  if (path.substr(0, literal_.size()) != literal_) return false;
  path.remove_prefix(literal_.size());
  return parts_.empty() ? path.empty() : match_parts(path);
}

bool IgnorePattern::match_one(const Part& part, char c) const {
  const auto byte = static_cast<unsigned char>(c);
  switch (part.kind) {
    case Kind::kByte:
      return part.byte == byte;
    case Kind::kAny:
      return c != '/';
    case Kind::kSet:
      return c != '/' && ((sets_[part.set][byte / 64] >> (byte % 64)) & 1) != 0;
    default:
      return false;
  }
}

// Two places to go back to are enough: the last star inside the current part of the path, and the last wildcard that
// crosses folders. An earlier wildcard could only make the text consumed before a later one longer, which never helps.
bool IgnorePattern::match_parts(std::string_view text) const {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t part = 0, at = 0;
  std::size_t star_part = kNone, star_at = 0;  // the part behind the star, and where it was tried last
  std::size_t deep_part = kNone, deep_at = 0;
  while (true) {
    if (part == parts_.size()) {
      if (at == text.size()) return true;
    } else if (parts_[part].kind == Kind::kStar) {
      star_part = ++part;
      star_at = at;
      continue;
    } else if (parts_[part].kind == Kind::kFolders || parts_[part].kind == Kind::kAnything) {
      deep_part = ++part;
      deep_at = at;
      star_part = kNone;
      continue;
    } else if (at < text.size() && match_one(parts_[part], text[at])) {
      ++part;
      ++at;
      continue;
    }
    if (star_part != kNone && star_at < text.size() && text[star_at] != '/') {
      part = star_part;
      at = ++star_at;
      continue;
    }
    if (deep_part == kNone) return false;
    const bool folders = parts_[deep_part - 1].kind == Kind::kFolders;
    const std::size_t step = folders ? text.find('/', deep_at) : deep_at;
    if (step == std::string_view::npos || step >= text.size()) return false;
    deep_at = step + 1;
    at = deep_at;
    part = deep_part;
    star_part = kNone;
  }
}

}  // namespace tamis::docs
