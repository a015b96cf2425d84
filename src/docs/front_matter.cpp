#include "front_matter.h"

namespace tamis::docs {
namespace {

constexpr std::size_t kMaxLines = 500;

std::string_view unquoted(std::string_view value) {
  value = trim(value);
  const bool quoted =
      value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front();
  const bool listed = value.size() >= 2 && value.front() == '[' && value.back() == ']';
  return quoted || listed ? value.substr(1, value.size() - 2) : value;
}

bool is_key(std::string_view key) {
  if (key.empty() || key.size() > 64) return false;
  for (const char c : key) {
    if (!is_letter(c) && !is_digit(c) && c != '_' && c != '-' && c != '.') return false;
  }
  return true;
}

void store(ExtractedDocument& document, std::string_view key, std::string_view value) {
  if (key.empty() || value.empty()) return;
  if (key == "title") {
    document.title = value;
  } else if (key == "lang" || key == "language") {
    document.language = language_code(value);
  } else {
    document.metadata.push_back({std::string(key), typed_value(value)});
  }
}

}  // namespace

std::size_t read_front_matter(const LineTable& lines, ExtractedDocument& document) {
  if (lines.size() < 2) return 0;
  const std::string_view fence = trim(lines[0]);
  if ((fence != "---" && fence != "+++") || lines[0].front() != fence.front()) return 0;
  const char assign = fence == "---" ? ':' : '=';
  std::size_t end = 1;
  while (end < lines.size() && end < kMaxLines && lines[end] != fence && lines[end] != "...") ++end;
  if (end == lines.size() || end == kMaxLines) return 0;
  // A rule at the start of a file is no front matter: some line must be "key: value".
  bool any = false;
  for (std::size_t i = 1; i < end; ++i) any = any || is_key(trim(lines[i].substr(0, lines[i].find(assign))));
  if (!any) return 0;
  std::string_view key;
  std::string list;
  for (std::size_t i = 1; i < end; ++i) {
    const std::string_view line = lines[i];
    const std::string_view trimmed = trim(line);
    if (trimmed.starts_with("- ") && !key.empty()) {
      list += list.empty() ? "" : ", ";
      list += unquoted(trimmed.substr(2));
      continue;
    }
    const std::size_t sign = line.find(assign);
    const bool top = !line.empty() && !is_blank_char(line.front()) && line.front() != '#';
    if (!top || sign == std::string_view::npos || !is_key(trim(line.substr(0, sign)))) continue;
    store(document, key, list);
    list.clear();
    key = trim(line.substr(0, sign));
    const std::string_view value = unquoted(line.substr(sign + 1));
    if (value.empty() || value == ">" || value == "|") continue;
    store(document, key, value);
    key = {};
  }
  store(document, key, list);
  return end + 1;
}

}  // namespace tamis::docs
