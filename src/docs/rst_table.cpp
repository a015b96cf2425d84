#include "rst_table.h"

#include <algorithm>
#include <utility>

#include "source_text.h"

namespace tamis::docs {
namespace {

constexpr std::size_t kMost = 256;  // cells and lines of a row

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::string_view without_borders(std::string_view cell) {
  // A border that other columns have in the middle of this row.
  for (const std::string_view border : {"+--", "+=="}) cell = cell.substr(0, cell.find(border));
  return trim(cell);
}

/// The pieces of "| a | b |". A bar without white space around it belongs to the text.
RstLines bar_pieces(std::string_view line) {
  RstLines pieces;
  line = trim(line);
  if (line.starts_with('|')) line.remove_prefix(1);
  if (line.ends_with('|')) line.remove_suffix(1);
  std::size_t begin = 0;
  for (std::size_t at = line.find('|'); at != std::string_view::npos; at = line.find('|', at + 1)) {
    const bool border = at == 0 || at + 1 == line.size() || is_blank_char(line[at - 1]) || is_blank_char(line[at + 1]);
    if (!border || pieces.size() + 1 >= kMost) continue;
    pieces.push_back(without_borders(line.substr(begin, at - begin)));
    begin = at + 1;
  }
  pieces.push_back(without_borders(line.substr(begin)));
  return pieces;
}

/// Puts one line of a row under what its cells have so far; missing lines between are kept as empty ones.
void add_line(RstRow& row, const RstLines& pieces, std::size_t line) {
  if (row.size() < pieces.size()) row.resize(pieces.size());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].empty()) continue;
    RstCell& cell = row[i];
    if (cell.text.empty()) {
      cell.line = line;
    } else {
      const auto held = static_cast<std::size_t>(std::count(cell.text.begin(), cell.text.end(), '\n'));
      cell.text.append(line - cell.line - held, '\n');
    }
    cell.text += pieces[i];
  }
}

/// Hands out the lines of one row of a grid. Where all have as many cells, those of one column belong together; else
/// each line is a row.
void flush_grid_row(std::vector<std::pair<std::size_t, RstLines>>& lines, const RstRowSink& sink) {
  if (lines.empty()) return;
  const bool even =
      std::ranges::all_of(lines, [&](const auto& line) { return line.second.size() == lines.front().second.size(); });
  RstRow row;
  for (const auto& [number, pieces] : lines) {
    add_line(row, pieces, number);
    if (even) continue;
    sink(row);
    row.clear();
  }
  if (even) sink(row);
  lines.clear();
}

struct Column {
  std::size_t begin = 0, end = 0;  // in characters; the last one has no end
};

std::vector<Column> columns_of(std::string_view border) {
  std::vector<Column> columns;
  for (std::size_t at = 0; at < border.size();) {
    const std::size_t begin = border.find('=', at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(border.find_first_not_of('=', begin), border.size());
    if (columns.size() < kMost) columns.push_back({begin, end});
    at = end;
  }
  return columns;
}

RstLines column_pieces(std::string_view line, const std::vector<Column>& columns) {
  RstLines pieces;
  std::size_t at = 0, character = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::size_t until = i + 1 < columns.size() ? columns[i + 1].begin : line.size();
    const std::size_t begin = at;
    while (at < line.size() && (character < until || continues_character(line[at]))) {
      character += continues_character(line[at]) ? 0 : 1;
      ++at;
    }
    pieces.push_back(trim(line.substr(begin, at - begin)));
  }
  return pieces;
}

}  // namespace

bool is_grid_border(std::string_view line) {
  line = trim(line);
  if (line.size() < 3 || !line.starts_with("+") || !line.ends_with('+')) return false;
  return line.find_first_not_of("+-=") == std::string_view::npos && line[1] != '+';
}

bool is_simple_border(std::string_view line) {
  line = trim(line);
  return line.starts_with("==") && line.find(' ') != std::string_view::npos &&
         line.find_first_not_of("= ") == std::string_view::npos;
}

void grid_rows(const RstLines& lines, const RstRowSink& sink) {
  std::vector<std::pair<std::size_t, RstLines>> open;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool border = trim(lines[i]).starts_with('+');
    if (border || open.size() >= kMost) flush_grid_row(open, sink);
    if (!border) open.emplace_back(i, bar_pieces(lines[i]));
  }
  flush_grid_row(open, sink);
}

void simple_rows(const RstLines& lines, const RstRowSink& sink) {
  const auto columns = columns_of(lines.front());
  RstRow row;
  std::size_t held = 0;  // lines of the open row
  const auto flush = [&] {
    if (held > 0) sink(row);
    row.clear();
    held = 0;
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool border = lines[i].find_first_not_of("= ") == std::string_view::npos ||
                        lines[i].find_first_not_of("- ") == std::string_view::npos;
    const auto pieces = border ? RstLines() : column_pieces(lines[i], columns);
    if (border || !pieces.front().empty() || held >= kMost) flush();
    if (border) continue;
    add_line(row, pieces, i);
    ++held;
  }
  flush();
}

void list_rows(const RstLines& lines, const RstRowSink& sink) {
  RstRow row;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string_view text = trim(lines[i]);
    const bool begins_row = text.starts_with("* -");
    if (begins_row) {
      if (!row.empty()) sink(row);
      row.clear();
      text = trim(text.substr(1));
    }
    const bool begins_cell = begins_row || text == "-" || text.starts_with("- ");
    if (begins_cell) text = trim(text.substr(1));
    if ((begins_cell && row.size() < kMost) || row.empty()) row.emplace_back();
    RstCell& open = row.back();
    if (open.text.empty()) {
      open.line = i;
    } else {
      open.text += '\n';
    }
    open.text += text;
  }
  if (!row.empty()) sink(row);
}

void comma_rows(const RstLines& lines, const RstRowSink& sink) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    RstCell cell{"", i};
    bool quoted = false;
    for (const char c : trim(lines[i])) {
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cell.text += " | ";
      } else {
        cell.text += c;
      }
    }
    sink({std::move(cell)});
  }
}

}  // namespace tamis::docs
