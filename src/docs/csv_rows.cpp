#include "csv_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "source_text.h"

namespace tamis::docs {
namespace {

constexpr std::size_t kMaxCells = 10'000;
constexpr std::size_t kHeadBytes = std::size_t{64} << 10U;

/// What stands between quotes, `""` as one quote, and what follows the closing quote as it is.
std::string unquoted(std::string_view cell) {
  std::string text;
  std::size_t at = 1;
  while (at < cell.size()) {
    const std::size_t quote = std::min(cell.find('"', at), cell.size());
    text += cell.substr(at, quote - at);
    at = quote + 1;
    if (at < cell.size() && cell[at] == '"') {
      text += '"';
      ++at;
    } else {
      text += cell.substr(std::min(at, cell.size()));
      break;
    }
  }
  return text;
}

/// Quoted from end to end with every inner quote doubled.
bool quoted_throughout(std::string_view cell) {
  if (cell.size() < 2 || cell.front() != '"' || cell.back() != '"') return false;
  for (std::size_t i = 1; i + 1 < cell.size(); ++i) {
    if (cell[i] != '"') continue;
    if (i + 2 >= cell.size() || cell[i + 1] != '"') return false;
    ++i;
  }
  return true;
}

/// The end of the cell that begins at `at`: a delimiter or the end of the row.
std::size_t end_of_cell(std::string_view row, std::size_t at, char delimiter) {
  if (delimiter != '\t' && at < row.size() && row[at] == '"') {
    std::size_t quote = row.find('"', at + 1);
    while (quote != std::string_view::npos && quote + 1 < row.size() && row[quote + 1] == '"') {
      quote = row.find('"', quote + 2);
    }
    at = quote;
  }
  return std::min(row.find(delimiter, std::min(at, row.size())), row.size());
}

std::size_t count_cells(std::string_view row, char delimiter) {
  std::size_t cells = 1;
  for (std::size_t end = end_of_cell(row, 0, delimiter); end < row.size(); ++cells) {
    end = end_of_cell(row, end + 1, delimiter);
  }
  return cells;
}

}  // namespace

CsvShape sniff_csv(std::string_view head) {
  constexpr std::size_t kLines = 20;
  std::vector<std::string_view> lines;
  while (!head.empty() && lines.size() < kLines) {
    const std::size_t end = head.find('\n');
    if (end == std::string_view::npos && !lines.empty()) break;  // perhaps cut
    const auto line = head.substr(0, end);
    if (!trim(line).empty()) lines.push_back(line);
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 1);
  }
  CsvShape best;
  std::size_t best_least = 1;
  for (const char delimiter : {',', ';', '\t', '|'}) {
    std::size_t least = kMaxCells, most = 0;
    for (const auto line : lines) {
      const std::size_t cells = count_cells(line, delimiter);
      least = std::min(least, cells);
      most = std::max(most, cells);
    }
    const bool even = least == most;
    const bool better = least > best_least || (even && best.columns == 1 && least > 1 && least == best_least);
    if (!lines.empty() && better) {
      best = {delimiter, even ? least : 1, lines.size()};
      best_least = least;
    }
  }
  return best;
}

Status split_row(std::string_view row, char delimiter, std::vector<std::string>& cells) {
  cells.clear();
  for (std::size_t begin = 0;;) {
    if (cells.size() == kMaxCells) return Error{Code::kExhausted, fmt::format("more than {} columns", kMaxCells)};
    const std::size_t end = end_of_cell(row, begin, delimiter);
    const auto cell = row.substr(begin, end - begin);
    const bool quoted = delimiter == '\t' ? quoted_throughout(cell) : cell.starts_with('"');
    cells.push_back(quoted ? unquoted(cell) : std::string(cell));
    if (end == row.size()) return ok();
    begin = end + 1;
  }
}

Result<std::string_view> RowInput::head() {
  while (buffer_.unread().size() < kHeadBytes) {
    TAMIS_TRY(const bool more, buffer_.more());
    if (!more) break;
  }
  return buffer_.unread().substr(0, kHeadBytes);
}

/// Moves at_ to the line end of the open row (then kDone) or to the end of what is held.
void RowInput::scan(std::string_view held, char delimiter) {
  const bool quoting = delimiter != '\t';
  while (at_ < held.size()) {
    switch (state_) {
      case State::kCellStart:
        if (quoting && held[at_] == '"') {
          state_ = State::kQuoted;
          ++at_;
        } else {
          state_ = State::kPlain;
        }
        break;
      case State::kPlain: {
        const char* const begin = held.data();
        std::size_t i = at_;
        while (i < held.size() && begin[i] != '\n' && begin[i] != delimiter) ++i;
        at_ = i;
        if (i == held.size()) return;
        if (begin[i] == '\n') {
          state_ = State::kDone;
          return;
        }
        state_ = State::kCellStart;
        ++at_;
        break;
      }
      case State::kQuoted: {
        const std::size_t quote = held.find('"', at_);
        at_ = std::min(quote, held.size());
        if (quote == std::string_view::npos) return;
        ++at_;
        state_ = State::kBehindQuote;
        break;
      }
      case State::kBehindQuote:
        state_ = held[at_] == '"' ? State::kQuoted : State::kPlain;
        if (state_ == State::kQuoted) ++at_;
        break;
      case State::kDone:
        return;
    }
  }
}

Result<bool> RowInput::next(char delimiter, std::string_view& row) {
  while (true) {
    buffer_.consume(given_);
    given_ = 0;
    at_ = 0;
    state_ = State::kCellStart;
    line_ = next_line_;
    while (true) {
      scan(buffer_.unread(), delimiter);
      if (at_ > limits_.record_bytes) return record_too_long(line_, limits_);
      if (state_ == State::kDone) break;
      TAMIS_TRY(const bool more, buffer_.more());
      if (more) continue;
      if (at_ == 0) return false;
      if (state_ == State::kQuoted) return at_line(line_, {Code::kCorrupt, "a quote is opened and never closed"});
      break;
    }
    row = buffer_.unread().substr(0, at_);
    given_ = at_ + (state_ == State::kDone ? 1 : 0);
    next_line_ += static_cast<std::uint64_t>(std::count(row.begin(), row.end(), '\n')) + 1;
    if (row.ends_with('\r')) row.remove_suffix(1);
    if (!trim(row).empty()) return true;
  }
}

}  // namespace tamis::docs
