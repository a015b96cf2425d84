#include <fmt/format.h>
#include <tamis/eval/files.h>

#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

#include "columns.h"
#include "line_reader.h"

namespace tamis::eval {
namespace {

constexpr std::size_t kRunColumns = 6;

template <class Number>
bool parse_number(std::string_view text, Number& out) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

Result<QueryLine<Hit>> parse_line(std::string_view line, Ids& ids) {
  const Columns columns = split_blanks(line);
  if (columns.count != kRunColumns) {
    return Error{Code::kCorrupt,
                 fmt::format("{} columns (wanted 6: query, Q0, document, rank, score, run)", columns.count)};
  }
  std::int64_t rank = 0;
  if (!parse_number(columns.at[3], rank) || rank < 0) {
    return Error{Code::kCorrupt, fmt::format("the rank \"{}\" (wanted a whole number, not negative)", columns.at[3])};
  }
  QueryLine<Hit> out;
  if (!parse_number(columns.at[4], out.item.score) || !std::isfinite(out.item.score)) {
    return Error{Code::kCorrupt, fmt::format("the score \"{}\" (wanted a finite number)", columns.at[4])};
  }
  TAMIS_TRY(out.query, ids.queries.intern(columns.at[0]));
  TAMIS_TRY(out.item.document, ids.documents.intern(columns.at[2]));
  return out;
}

}  // namespace

Result<Run> read_run(docs::ByteStream& stream, Ids& ids) {
  LineReader reader(stream, kMaxTableLineBytes);
  std::vector<QueryLine<Hit>> lines;
  std::string_view line;
  while (true) {
    TAMIS_TRY(const bool more, reader.next(line));
    if (!more) break;
    auto parsed = parse_line(line, ids);
    if (!parsed) return within(fmt::format("line {}", reader.number()), std::move(parsed).error());
    parsed->line = reader.number();
    lines.push_back(*parsed);
  }
  return Run::gather(std::move(lines), ids);
}

Result<Run> read_run(const std::filesystem::path& path, Ids& ids) {
  TAMIS_TRY(const auto stream, docs::open_stream(path));
  auto run = read_run(*stream, ids);
  if (!run) return within(path.string(), std::move(run).error());
  return run;
}

}  // namespace tamis::eval
