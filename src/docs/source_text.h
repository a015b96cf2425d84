#pragma once

#include <tamis/docs/reader.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "encoding.h"

namespace tamis::docs {

/// The whole stream as text: read up to limits.file_bytes, decoded.
[[nodiscard]] Result<DecodedText> read_text(ByteStream& stream, const ReadOptions& options);

/// The lines of a text, without their '\n', by 0-based number; four bytes a line. A last line end adds no empty line.
/// The text must outlive the table.
class LineTable {
 public:
  explicit LineTable(std::string_view text);
  [[nodiscard]] std::size_t size() const noexcept { return begins_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t line) const noexcept {
    const std::size_t end = line + 1 < begins_.size() ? begins_[line + 1] - 1 : end_;
    return text_.substr(begins_[line], end - begins_[line]);
  }
  [[nodiscard]] std::uint32_t begin_of(std::size_t line) const noexcept { return begins_[line]; }

 private:
  std::string_view text_;
  std::vector<std::uint32_t> begins_;
  std::size_t end_ = 0;
};

[[nodiscard]] constexpr bool is_blank_char(char c) {
  return c == ' ' || c == '\t' || c == '\f' || c == '\v' || c == '\n';
}
[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
[[nodiscard]] constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
[[nodiscard]] bool is_blank(std::string_view text) noexcept;
/// Without white space at both ends.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;
/// Columns of white space in front, tabs up to the next multiple of 8 (`tab`), and the bytes that they take.
struct Indent {
  std::size_t columns = 0;
  std::size_t bytes = 0;
};
[[nodiscard]] Indent indent_of(std::string_view line, std::size_t tab = 8) noexcept;
/// Whether ASCII `prefix` (lower case) begins the text, ignoring case.
[[nodiscard]] bool starts_with_nocase(std::string_view text, std::string_view prefix) noexcept;
/// The character of which a line consists, at least `least` times and nothing else ("====", "----"); 0 if it does not.
[[nodiscard]] char ruler(std::string_view line, std::size_t least) noexcept;
/// "de" from "de-CH", "DE" or "de_DE.UTF-8"; "" when it does not begin with a two- or three-letter code.
[[nodiscard]] std::string language_code(std::string_view declared);

}  // namespace tamis::docs
