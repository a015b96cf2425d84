#include "rst_markers.h"

#include <algorithm>

#include "source_text.h"

namespace tamis::docs {
namespace {

constexpr std::size_t kMaxField = 200;
constexpr std::size_t kMaxOption = 120;

bool is_name_sign(char c) { return is_letter(c) || is_digit(c) || (static_cast<unsigned char>(c) & 0x80U) != 0; }

}  // namespace

std::size_t rst_bullet(std::string_view line) {
  for (const std::string_view bullet : {"*", "-", "+", "\xE2\x80\xA2", "\xE2\x80\xA3", "\xE2\x81\x83"}) {
    if (!line.starts_with(bullet)) continue;
    return line.size() == bullet.size() || is_blank_char(line[bullet.size()]) ? bullet.size() : 0;
  }
  return 0;
}

std::size_t rst_enumerator(std::string_view line) {
  const bool open = line.starts_with('(');
  std::size_t at = open ? 1 : 0;
  const std::size_t begin = at;
  constexpr std::string_view kRoman = "ivxlcdmIVXLCDM";
  if (at < line.size() && line[at] == '#') {
    ++at;
  } else if (at < line.size() && is_digit(line[at])) {
    while (at < line.size() && at < begin + 9 && is_digit(line[at])) ++at;
  } else {
    while (at < line.size() && at < begin + 8 && is_letter(line[at])) ++at;
    const std::string_view letters = line.substr(begin, at - begin);
    if (letters.empty() || (letters.size() > 1 && letters.find_first_not_of(kRoman) != std::string_view::npos))
      return 0;
  }
  if (at >= line.size() || (line[at] != ')' && (open || line[at] != '.'))) return 0;
  ++at;
  return at == line.size() || is_blank_char(line[at]) ? at : 0;
}

std::size_t rst_field(std::string_view line) {
  if (line.size() < 3 || line[0] != ':' || line[1] == ':' || is_blank_char(line[1])) return 0;
  const std::size_t limit = std::min(line.size(), kMaxField);
  for (std::size_t at = 1; at < limit; ++at) {
    if (line[at] == '\\') {
      ++at;
    } else if (line[at] == ':' && (at + 1 == line.size() || is_blank_char(line[at + 1]))) {
      return is_blank_char(line[at - 1]) ? 0 : at + 1;
    } else if (line[at] == ':' && line[at + 1] == '`') {
      return 0;
    }
  }
  return 0;
}

std::size_t rst_option(std::string_view line, bool more) {
  if (line.size() < 2 || (line[0] != '-' && line[0] != '/')) return 0;
  const std::size_t name = line.starts_with("--") ? 2 : 1;
  if (name >= line.size() || (!is_letter(line[name]) && !is_digit(line[name]) && line[name] != '?')) return 0;
  const std::size_t end = std::min(line.find("  "), line.size());
  if (end > kMaxOption || (end == line.size() && !more)) return 0;
  // "-a" and "/V" are options; "-1 is the usual answer" and "/usr/bin" are text.
  std::size_t words = 0;
  for (std::size_t at = 0; at < end; ++at) {
    if (line[at] == ' ' && (at == 0 || line[at - 1] != ',')) ++words;
    if (line[at] == '/' && at > 0 && line[at - 1] != ' ') return 0;
  }
  return words <= 3 ? end : 0;
}

std::size_t rst_directive_name(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && at < 80) {
    const char c = text[at];
    const bool sign = c == '-' || c == '_' || c == '.' || c == '+' || (c == ':' && text.substr(at, 2) != "::");
    if (!is_name_sign(c) && !sign) break;
    ++at;
  }
  const std::string_view behind = text.substr(at);
  const bool marks = behind.starts_with("::") || behind.starts_with(" ::");
  return marks ? at : 0;
}

std::size_t rst_columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace tamis::docs
