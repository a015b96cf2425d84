#include <fmt/format.h>
#include <tamis/eval/files.h>

#include <charconv>
#include <string_view>
#include <utility>

#include "columns.h"
#include "line_reader.h"

namespace tamis::eval {
namespace {

constexpr Grade kLargestGrade = 1'000'000'000;

Result<Grade> parse_grade(std::string_view text) {
  Grade grade = 0;
  const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), grade);
  if (error == std::errc{} && end == digits.data() + digits.size() && grade <= kLargestGrade &&
      grade >= -kLargestGrade) {
    return grade;
  }
  return Error{Code::kCorrupt, fmt::format("the grade \"{}\" (wanted a whole number of at most 10^9)", text)};
}

/// Which columns a file has, as its first line says.
struct Layout {
  bool tabs = false;         ///< BEIR: between single tabs
  std::size_t columns = 4;   ///< 4: query, iteration, document, grade
  bool skip_header = false;  ///< the first line
};

Result<Layout> layout_of(std::string_view first_line) {
  const Columns by_tabs = split_tabs(first_line);
  if (by_tabs.count == 3) {
    return Layout{true, 3, by_tabs.at[0].starts_with("query") && !parse_grade(by_tabs.at[2])};
  }
  const Columns by_blanks = split_blanks(first_line);
  if (by_blanks.count == 4) return Layout{};
  return Error{Code::kCorrupt,
               fmt::format("{} columns (wanted 4: query, iteration, document, grade; or 3 between tabs: "
                           "query, document, grade)",
                           by_blanks.count)};
}

Result<QueryLine<Judgement>> parse_line(std::string_view line, const Layout& layout, Ids& ids) {
  const Columns columns = layout.tabs ? split_tabs(line) : split_blanks(line);
  if (columns.count != layout.columns) {
    return Error{Code::kCorrupt, fmt::format("{} columns (wanted {}, as before)", columns.count, layout.columns)};
  }
  const std::string_view query = columns.at[0], document = columns.at[layout.columns - 2];
  if (query.empty() || document.empty()) return Error{Code::kCorrupt, "an empty id"};
  QueryLine<Judgement> out;
  TAMIS_TRY(out.item.grade, parse_grade(columns.at[layout.columns - 1]));
  TAMIS_TRY(out.query, ids.queries.intern(query));
  TAMIS_TRY(out.item.document, ids.documents.intern(document));
  return out;
}

}  // namespace

Result<Qrels> read_qrels(docs::ByteStream& stream, Ids& ids) {
  LineReader reader(stream, kMaxTableLineBytes);
  std::vector<QueryLine<Judgement>> lines;
  std::string_view line;
  Layout layout;
  for (bool first = true;; first = false) {
    TAMIS_TRY(const bool more, reader.next(line));
    if (!more) break;
    const auto where = [&] { return fmt::format("line {}", reader.number()); };
    if (first) {
      auto found = layout_of(line);
      if (!found) return within(where(), std::move(found).error());
      layout = *found;
      if (layout.skip_header) continue;
    }
    auto parsed = parse_line(line, layout, ids);
    if (!parsed) return within(where(), std::move(parsed).error());
    parsed->line = reader.number();
    lines.push_back(*parsed);
  }
  return Qrels::gather(std::move(lines), ids);
}

Result<Qrels> read_qrels(const std::filesystem::path& path, Ids& ids) {
  TAMIS_TRY(const auto stream, docs::open_stream(path));
  auto qrels = read_qrels(*stream, ids);
  if (!qrels) return within(path.string(), std::move(qrels).error());
  return qrels;
}

}  // namespace tamis::eval
