#include "roff_table.h"

#include <algorithm>
#include <string>

#include "source_text.h"

namespace tamis::docs {

void RoffTable::line(std::string_view text, std::uint32_t number) {
  if (part_ == Part::kOptions) {
    part_ = Part::kFormat;
    if (trim(text).ends_with(';')) {
      const std::size_t tab = text.find("tab");
      const std::size_t open = tab == std::string_view::npos ? tab : text.find('(', tab);
      if (open != std::string_view::npos && open + 1 < text.size() && text[open + 1] > ' ') tab_ = text[open + 1];
      return;
    }
  }
  if (part_ == Part::kFormat) {
    if (trim(text).ends_with('.')) part_ = Part::kRows;
    return;
  }
  if (text.starts_with('.') || text.starts_with('\'')) {  // fonts inside a cell
    const std::string_view rest = text.substr(std::min(text.find(' '), text.size()));
    if (!in_cell_ || text.starts_with(".\\")) return;
    std::string words;
    for (const auto& word : roff_arguments(rest)) words += word;
    builder_.at_line(number);
    if (!words.empty()) cells(words);
    return;
  }
  if (ruler(text, 1) == '_' || ruler(text, 1) == '=') return;
  if (!in_cell_ && !builder_.current().empty()) builder_.append("\n");
  builder_.at_line(number);
  cells(text);
}

// "a<tab>T{" opens a cell of several lines, "T}<tab>b" closes it.
void RoffTable::cells(std::string_view text) {
  std::string row;
  const bool cell_begun = !builder_.current().ends_with('\n') && !builder_.current().ends_with("| ");
  if (in_cell_ && cell_begun && !text.starts_with("T}")) row += ' ';
  while (true) {
    const std::size_t end = std::min(text.find(tab_), text.size());
    std::string_view cell = trim(text.substr(0, end));
    if (cell.starts_with("T}")) {
      in_cell_ = false;
      cell.remove_prefix(2);
    }
    if (cell == "T{") {
      in_cell_ = true;
    } else {
      roff_.decode(cell, row);
    }
    if (end == text.size()) break;
    row += " | ";
    text.remove_prefix(end + 1);
  }
  builder_.append(row);
}

}  // namespace tamis::docs
