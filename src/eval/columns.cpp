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
  constexpr std::string_view kBlanks = " \t";
  Columns columns;
  for (auto begin = line.find_first_not_of(kBlanks); begin != std::string_view::npos;
       begin = line.find_first_not_of(kBlanks, begin)) {
    const auto end = std::min(line.find_first_of(kBlanks, begin), line.size());
    add(columns, line.substr(begin, end - begin));
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
