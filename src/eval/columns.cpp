#include "columns.h"

#include <algorithm>

namespace tamis::eval {
namespace {

void add(Columns& columns, std::string_view column) {
  if (columns.count < columns.at.size()) columns.at[columns.count] = column;
  ++columns.count;
}

}  // namespace

Columns split_blanks(std::string_view line) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  Columns columns;
  for (auto begin = line.begin(); begin != line.end();) {
    begin = std::find_if_not(begin, line.end(), is_blank);
    const auto end = std::find_if(begin, line.end(), is_blank);
    if (end != begin) add(columns, std::string_view(begin, end));
    begin = end;
  }
  return columns;
}

Columns split_tabs(std::string_view line) {
  Columns columns;
  while (true) {
    const auto tab = line.find('\t');
    add(columns, line.substr(0, tab));
    if (tab == std::string_view::npos) return columns;
    line.remove_prefix(tab + 1);
  }
}

}  // namespace tamis::eval
