#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::docs {

/// One cell of a table in reStructuredText: its lines joined by '\n', the first one counted from the table's first
/// line.
struct RstCell {
  std::string text;
  std::size_t line = 0;
};
using RstRow = std::vector<RstCell>;
using RstLines = std::vector<std::string_view>;
/// Takes one row after the other, so that a large table is never held twice.
using RstRowSink = std::function<void(const RstRow&)>;

/// "+-----+----+"
[[nodiscard]] bool is_grid_border(std::string_view line);
/// "===== ====", at least two columns
[[nodiscard]] bool is_simple_border(std::string_view line);

/// The rows of each kind of table, from all its lines. What does not fit the columns is kept, cell or not. Linear in
/// the text; at most 256 cells and 256 lines a row.
void grid_rows(const RstLines& lines, const RstRowSink& sink);
void simple_rows(const RstLines& lines, const RstRowSink& sink);
/// `* - a` and `  - b`: items of items.
void list_rows(const RstLines& lines, const RstRowSink& sink);
/// Values parted by commas, quoted or not, a line a row.
void comma_rows(const RstLines& lines, const RstRowSink& sink);

}  // namespace tamis::docs
