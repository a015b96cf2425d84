#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/reader.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chunk_buffer.h"

namespace tamis::docs {

/// The delimiter that splits the first lines of a file most evenly: ',', ';', tab or '|'; ',' when none does.
/// `columns` = how many columns every whole line of the head has, 1 when they differ.
struct CsvShape {
  char delimiter = ',';
  std::size_t columns = 1;
  std::size_t lines = 0;
};
[[nodiscard]] CsvShape sniff_csv(std::string_view head);

/// The cells of a row, without quotes. RFC 4180: a cell that begins with '"' ends at the next single '"'; '""' is one
/// quote; what stands behind the closing quote is kept. With tabs a quote is a quote, because text with tabs is rarely
/// written with quoting: only a cell that is quoted correctly from end to end is unquoted.
/// @par Errors  kExhausted for more than 10,000 cells
[[nodiscard]] Status split_row(std::string_view row, char delimiter, std::vector<std::string>& cells);

/// The rows of a stream: lines, but a line end inside of quotes belongs to the row. Empty lines are no rows.
class RowInput {
 public:
  RowInput(ByteStream& stream, const ReadLimits& limits) : buffer_(stream, limits), limits_(limits) {}
  /// The first bytes, as far as they can be had, at most 64 KiB; consumes nothing.
  [[nodiscard]] Result<std::string_view> head();
  /// The next row without its line end, valid until the next call; false at the end.
  /// @par Errors  kExhausted when longer than limits.record_bytes, kCorrupt when a quote is never closed; both name the
  /// line
  [[nodiscard]] Result<bool> next(char delimiter, std::string_view& row);
  /// Where the row given last begins, 1-based.
  [[nodiscard]] std::uint64_t line() const noexcept { return line_; }
  [[nodiscard]] std::string_view encoding() const noexcept { return buffer_.encoding(); }

 private:
  enum class State : std::uint8_t { kCellStart, kPlain, kQuoted, kBehindQuote, kDone };
  void scan(std::string_view held, char delimiter);

  ChunkBuffer buffer_;
  const ReadLimits& limits_;
  std::size_t given_ = 0;  ///< bytes of the row given last, its end included
  std::size_t at_ = 0;     ///< how far the open row was scanned
  State state_ = State::kCellStart;
  std::uint64_t line_ = 0, next_line_ = 1;
};

}  // namespace tamis::docs
