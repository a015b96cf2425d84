#include "rst_parser.h"

#include <algorithm>

#include "rst_markers.h"

namespace tamis::docs {
RstParser::RstParser(std::string_view text) : lines_(text), substitutions_(text.size()) {
  columns_.reserve(lines_.size());
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const Indent indent = indent_of(lines_[i]);
    const bool empty = is_blank(lines_[i].substr(indent.bytes));
    columns_.push_back(empty ? kBlank : static_cast<std::uint32_t>(indent.columns));
  }
}

std::string_view RstParser::without_columns(std::string_view line, std::size_t columns, bool marker) {
  std::size_t at = 0;
  for (std::size_t column = 0; at < line.size() && column < columns; ++at) {
    const char c = line[at];
    if (!marker && c != ' ' && c != '\t') break;
    if (c == '\t') {
      column = (column / 8 + 1) * 8;
    } else {
      // Characters of several bytes count when they are complete.
      const bool more = at + 1 < line.size() && (static_cast<unsigned char>(line[at + 1]) & 0xC0U) == 0x80U;
      column += more ? 0 : 1;
    }
  }
  return line.substr(at);
}

Result<ExtractedDocument> RstParser::run() {
  define_substitutions();
  Frame whole;
  whole.last = lines_.size();
  whole.titles = true;
  body(whole);
  end_term();
  TAMIS_TRY(ExtractedDocument document, builder_.take());
  document.title = first_heading(document);
  document.metadata = std::move(metadata_);
  return document;
}

std::string_view RstParser::text(const Frame& frame, std::size_t line) const {
  const bool marker = frame.marker && line == frame.first;
  return without_columns(lines_[line], marker ? frame.first_column : frame.column, marker);
}

bool RstParser::blank(const Frame& frame, std::size_t line) const {
  if (frame.marker && line == frame.first) return is_blank(text(frame, line));
  return columns_[line] == kBlank;
}

std::size_t RstParser::indent(const Frame& frame, std::size_t line) const {
  if ((frame.marker && line == frame.first) || columns_[line] < frame.column) return 0;
  return columns_[line] - frame.column;
}

bool RstParser::indented(const Frame& frame, std::size_t line) const {
  return line < frame.last && !blank(frame, line) && indent(frame, line) > 0;
}

std::size_t RstParser::start_column(const Frame& frame, std::size_t line) const {
  return frame.marker && line == frame.first ? frame.first_column : frame.column;
}

std::size_t RstParser::end_of_text(const Frame& frame, std::size_t line) const {
  while (line < frame.last && !blank(frame, line) && indent(frame, line) == 0) ++line;
  return line;
}

std::size_t RstParser::end_of_indented(const Frame& frame, std::size_t line) const {
  std::size_t end = line;
  for (; line < frame.last; ++line) {
    if (columns_[line] == kBlank) continue;
    if (indent(frame, line) == 0) break;
    end = line + 1;
  }
  return end;
}

std::size_t RstParser::least_column(std::size_t first, std::size_t last) const {
  const auto begin = columns_.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = columns_.begin() + static_cast<std::ptrdiff_t>(last);
  return begin < end ? *std::min_element(begin, end) : kBlank;
}

RstParser::Frame RstParser::inside(const Frame& frame, std::size_t first, std::size_t last) {
  Frame inner = frame;
  inner.first = first;
  inner.last = last;
  inner.marker = inner.titles = false;
  ++inner.depth;
  return inner;
}

RstParser::Frame RstParser::indented_part(const Frame& frame, std::size_t first, std::size_t last) const {
  Frame inner = inside(frame, first, last);
  inner.column = least_column(first, last);
  return inner;
}

RstParser::Frame RstParser::behind_marker(const Frame& frame, std::size_t line, std::size_t last,
                                          std::size_t column) const {
  Frame inner = inside(frame, line, last);
  inner.marker = true;
  inner.first_column = column;
  inner.column = line + 1 < last ? least_column(line + 1, last) : column;
  return inner;
}

void RstParser::body(const Frame& frame) {
  for (std::size_t line = frame.first; line < frame.last;) {
    if (blank(frame, line)) {
      ++line;
    } else if (frame.depth < kMaxDepth) {
      line = std::max(line + 1, element(frame, line));  // odd white space must not stop it
    } else {
      std::size_t end = line + 1;
      while (end < frame.last && !blank(frame, end)) ++end;
      paragraph(frame, line, end, false);
      line = end;
    }
  }
}

std::size_t RstParser::element(const Frame& frame, std::size_t line) {
  if (indent(frame, line) > 0) return quote(frame, line);
  const std::string_view shown = text(frame, line);
  if (is_letter(shown.front()) && rst_enumerator(shown) == 0) return text_block(frame, line);
  return marked_element(frame, line);
}

std::size_t RstParser::marked_element(const Frame& frame, std::size_t line) {
  const std::string_view shown = text(frame, line);
  if (shown.starts_with(">>> ")) return doctest(frame, line);
  if (shown == ".." || shown.starts_with(".. ")) return explicit_markup(frame, line);
  if (shown.starts_with("__ ")) return end_of_text(frame, line + 1);
  if (rst_bullet(shown) > 0) return item(frame, line, 1);
  if (const std::size_t columns = enumerator(frame, line); columns > 0) return item(frame, line, columns);
  if (const std::size_t marker = rst_field(shown); marker > 0) return field(frame, line, marker);
  const bool more = line + 1 < frame.last && indented(frame, line + 1);
  if (const std::size_t bytes = rst_option(shown, more); bytes > 0) return option(frame, line, bytes);
  if (shown == "|" || shown.starts_with("| ")) return line_block(frame, line);
  if (is_grid_border(shown)) return grid_table(frame, line);
  if (is_simple_border(shown)) {
    if (const std::size_t end = simple_table_end(frame, line); end > 0) return simple_table(frame, line, end);
  }
  if (trim(shown) != "::" && ruler(shown, 1) != 0) return adornment(frame, line);
  return text_block(frame, line);
}

std::size_t RstParser::quote(const Frame& frame, std::size_t line) {
  const std::size_t end = end_of_indented(frame, line);
  Frame inner = indented_part(frame, line, end);
  inner.quote = true;
  body(inner);
  return end;
}

std::size_t RstParser::doctest(const Frame& frame, std::size_t line) {
  std::size_t end = line;
  while (end < frame.last && !blank(frame, end)) ++end;
  code(frame, line, end, frame.column);
  return end;
}

// "1. " and "a) " open an item when the next line does not make a paragraph of it.
std::size_t RstParser::enumerator(const Frame& frame, std::size_t line) const {
  const std::size_t columns = rst_enumerator(text(frame, line));
  if (columns == 0 || line + 1 >= frame.last || blank(frame, line + 1) || indent(frame, line + 1) > 0) return columns;
  return rst_enumerator(text(frame, line + 1)) > 0 ? columns : 0;
}

std::size_t RstParser::item(const Frame& frame, std::size_t line, std::size_t marker_columns) {
  const std::size_t end = std::max(line + 1, end_of_indented(frame, line + 1));
  const std::string_view behind = without_columns(text(frame, line), marker_columns, true);
  std::size_t column = start_column(frame, line) + marker_columns, at = 0;
  for (; at < behind.size() && is_blank_char(behind[at]); ++at)
    column = behind[at] == '\t' ? (column / 8 + 1) * 8 : column + 1;
  Frame inner = behind_marker(frame, line, end, column);
  if (at < behind.size()) inner.column = std::min(inner.column, column);
  ++inner.list;
  body(inner);
  return end;
}

std::size_t RstParser::field(const Frame& frame, std::size_t line, std::size_t marker) {
  const std::string_view shown = text(frame, line);
  const std::string_view name = shown.substr(1, marker - 2);
  const std::size_t end = std::max(line + 1, end_of_indented(frame, line + 1));
  if (front_field(frame, name, line, end)) return end;
  Frame inner = behind_marker(frame, line, end, 0);
  const std::size_t space = std::min(shown.find_first_not_of(" \t", marker), shown.size());
  inner.first_column = start_column(frame, line) + rst_columns(shown.substr(0, space));
  ++inner.list;
  term(inner, std::string(name) + ":", line, " ");
  body(inner);
  end_term();
  return end;
}

std::size_t RstParser::option(const Frame& frame, std::size_t line, std::size_t bytes) {
  const std::string_view shown = text(frame, line);
  const std::size_t end = std::max(line + 1, end_of_indented(frame, line + 1));
  const std::size_t space = std::min(shown.find_first_not_of(" \t", bytes), shown.size());
  Frame inner = behind_marker(frame, line, end, start_column(frame, line) + rst_columns(shown.substr(0, space)));
  ++inner.list;
  term(inner, shown.substr(0, bytes), line, "  ");
  body(inner);
  end_term();
  return end;
}

std::size_t RstParser::line_block(const Frame& frame, std::size_t line) {
  std::size_t end = line;
  std::string verse;
  for (; end < frame.last && !blank(frame, end); ++end) {
    std::string_view shown = text(frame, end);
    const bool bar = shown == "|" || shown.starts_with("| ");
    if (!bar && indent(frame, end) == 0) break;
    if (bar) shown.remove_prefix(1);
    if (end > line) verse += '\n';
    verse += trim(shown);
  }
  emit(frame, verse, line);
  return end;
}

// A line of signs: a title between two of them, or a mere line across the page.
std::size_t RstParser::adornment(const Frame& frame, std::size_t line) {
  const std::string_view rule = trim(text(frame, line));
  const char sign = rule.front();
  if (frame.titles && line + 2 < frame.last && !blank(frame, line + 1) && ruler(text(frame, line + 2), 1) == sign) {
    const std::string_view words = trim(text(frame, line + 1));
    const std::size_t least = std::min<std::size_t>(rst_columns(words), 4);
    if (rule.size() >= least && trim(text(frame, line + 2)).size() >= least && ruler(words, 4) == 0) {
      title(sign, true, words, line + 1);
      return line + 3;
    }
  }
  return rule.size() >= 4 ? line + 1 : text_block(frame, line);
}

std::size_t RstParser::text_block(const Frame& frame, std::size_t line) {
  if (line + 1 < frame.last && !blank(frame, line + 1) && indent(frame, line + 1) == 0) {
    const std::string_view rule = trim(text(frame, line + 1));
    const std::string_view words = trim(text(frame, line));
    if (ruler(rule, std::min<std::size_t>(rst_columns(words), 4)) != 0 && rule != "::" && rule != "..") {
      if (frame.titles) {
        title(rule.front(), false, words, line);
      } else {
        paragraph(frame, line, line + 1, false);
      }
      return line + 2;
    }
  }
  const std::size_t end = std::max(line + 1, end_of_text(frame, line));
  const bool announces = trim(text(frame, end - 1)).ends_with("::");
  if (!announces && indented(frame, end)) {  // a term, or several, and what they mean
    const std::size_t last = end_of_indented(frame, end);
    Frame inner = indented_part(frame, end, last);
    ++inner.list;
    for (std::size_t i = line; i < end; ++i) term(inner, trim(text(frame, i)), i, "\n");
    body(inner);
    end_term();
    return last;
  }
  paragraph(frame, line, end, announces);
  return announces ? literal(frame, end) : end;
}

// What follows "::": indented text, or lines that begin with one and the same sign.
std::size_t RstParser::literal(const Frame& frame, std::size_t line) {
  std::size_t first = line;
  while (first < frame.last && blank(frame, first)) ++first;
  if (first >= frame.last) return first;
  if (indent(frame, first) > 0) {
    const std::size_t end = end_of_indented(frame, first);
    code(frame, first, end, least_column(first, end));
    return end;
  }
  const std::string_view shown = text(frame, first);
  const char sign = shown.front();
  const bool quoted = sign > ' ' && sign <= '~' && !is_letter(sign) && !is_digit(sign) && !shown.starts_with("..");
  if (!quoted || first == line) return first;
  std::size_t end = first;
  while (end < frame.last && !blank(frame, end) && text(frame, end).starts_with(sign)) ++end;
  code(frame, first, end, frame.column);
  return end;
}

std::size_t RstParser::grid_table(const Frame& frame, std::size_t line) {
  std::size_t end = line + 1;
  while (end < frame.last && !blank(frame, end)) {
    const std::string_view shown = text(frame, end);
    if (!shown.starts_with('+') && !shown.starts_with('|')) break;
    ++end;
  }
  open(BlockKind::kTable, 0, line);
  grid_rows(frame_lines(frame, line, end), [&](const RstRow& row) { table_row(row, line); });
  builder_.end();
  return end;
}

// One past the last border of the table that begins here, which a blank line or the end follows; 0 if there is none,
// and then none begins later in the frame.
std::size_t RstParser::simple_table_end(const Frame& frame, std::size_t line) {
  if (no_table_[frame.depth] == frame.last) return 0;
  std::size_t borders = 0;
  for (std::size_t i = line; i < frame.last; ++i) {
    if (blank(frame, i) || text(frame, i).find_first_not_of("= ") != std::string_view::npos) continue;
    if (++borders >= 2 && (i + 1 == frame.last || blank(frame, i + 1))) return i + 1;
  }
  no_table_[frame.depth] = frame.last;
  return 0;
}

std::size_t RstParser::simple_table(const Frame& frame, std::size_t line, std::size_t end) {
  open(BlockKind::kTable, 0, line);
  simple_rows(frame_lines(frame, line, end), [&](const RstRow& row) { table_row(row, line); });
  builder_.end();
  return end;
}

}  // namespace tamis::docs
