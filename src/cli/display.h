#pragma once

#include <tamis/text/unicode.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::cli {

/// Columns that a text takes on a terminal: two for wide (Chinese, Japanese, Korean) characters and emoji, none for
/// combining marks.
[[nodiscard]] std::size_t display_width(std::string_view text);
/// At most `columns` wide, the end cut off with "…".
[[nodiscard]] std::string shorten(std::string_view text, std::size_t columns);
/// Control characters taken out, so that a document cannot command the terminal: newlines and tabs stay.
[[nodiscard]] std::string harmless(std::string_view text);

/// A piece of running text and whether it is lit.
struct Piece {
  std::string text;
  bool lit = false;
};
/// Cuts text[begin, end) at the borders of `lit` (in order, inside); white space of any length becomes one space,
/// control characters go.
[[nodiscard]] std::vector<Piece> running_text(std::string_view text, std::size_t begin, std::size_t end,
                                              std::span<const text::Range> lit);
/// Fills lines of `columns` at spaces (at characters where there are none for a line's length), each after `indent`;
/// lit pieces between `on` and `off`. Ends with a newline.
[[nodiscard]] std::string fill_lines(std::span<const Piece> pieces, std::size_t columns, std::string_view indent,
                                     std::string_view on, std::string_view off);
/// The same for plain text; the first line is not indented, and there is no newline at the end.
[[nodiscard]] std::string fill_plain(std::string_view text, std::size_t columns, std::size_t indent);

/// A text with its own lines: those that are wider than `columns` are broken at spaces.
[[nodiscard]] std::string break_lines(std::string_view text, std::size_t columns);

/// 1234567 → "1,234,567".
[[nodiscard]] std::string with_commas(std::uint64_t number);
/// 1536 → "1.5 KB" (powers of 1024).
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);
/// "0.42 s", "12.3 s", "3:07 min", "1:02:03 h".
[[nodiscard]] std::string human_seconds(double seconds);
/// "1 file", "2 files", "0 files".
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view noun);

}  // namespace tamis::cli
