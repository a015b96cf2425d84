#include "source_text.h"

#include <algorithm>

namespace tamis::docs {

Result<DecodedText> read_text(ByteStream& stream, const ReadOptions& options) {
  TAMIS_TRY(std::string bytes, read_all(stream, options.limits.file_bytes));
  return decode_text(std::move(bytes));
}

LineTable::LineTable(std::string_view text) : text_(text), end_(text.size()) {
  if (text.ends_with('\n')) --end_;
  std::size_t at = 0;
  while (at < text.size()) {
    begins_.push_back(static_cast<std::uint32_t>(at));
    const std::size_t newline = text.find('\n', at);
    if (newline == std::string_view::npos) break;
    at = newline + 1;
  }
}

bool is_blank(std::string_view text) noexcept { return std::ranges::all_of(text, is_blank_char); }

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank_char(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank_char(text.back())) text.remove_suffix(1);
  return text;
}

Indent indent_of(std::string_view line, std::size_t tab) noexcept {
  Indent indent;
  for (const char c : line) {
    if (c != ' ' && c != '\t') break;
    indent.columns = c == ' ' ? indent.columns + 1 : (indent.columns / tab + 1) * tab;
    ++indent.bytes;
  }
  return indent;
}

bool starts_with_nocase(std::string_view text, std::string_view prefix) noexcept {
  if (text.size() < prefix.size()) return false;
  return std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) { return a == lower(b); });
}

char ruler(std::string_view line, std::size_t least) noexcept {
  line = trim(line);
  if (line.size() < least || line.empty()) return 0;
  const char c = line.front();
  if (c <= ' ' || c > '~' || is_letter(c) || is_digit(c)) return 0;
  return line.find_first_not_of(c) == std::string_view::npos ? c : '\0';
}

std::string language_code(std::string_view declared) {
  declared = trim(declared);
  std::string code;
  for (const char c : declared) {
    if (!is_letter(c)) break;
    code += lower(c);
  }
  return code.size() == 2 || code.size() == 3 ? code : std::string();
}

}  // namespace tamis::docs
