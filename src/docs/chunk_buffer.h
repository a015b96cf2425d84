#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/reader.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tamis::docs {

/// A stream in memory piece by piece, for formats of many records: what has been read and not yet consumed is one
/// piece. A byte order mark at the beginning is taken off; UTF-16 is converted (and then held as a whole, up to
/// limits.file_bytes). Memory: the longest record, plus a chunk.
class ChunkBuffer {
 public:
  ChunkBuffer(ByteStream& stream, const ReadLimits& limits) : stream_(stream), limits_(limits) {}

  /// Readable bytes behind the end of unread(), whatever they hold: for parsers that read ahead.
  static constexpr std::size_t kPadding = 64;

  /// What is held. Changes with more() and consume().
  [[nodiscard]] std::string_view unread() const noexcept {
    return std::string_view(buffer_).substr(begin_, end_ - begin_);
  }
  void consume(std::size_t bytes) noexcept { begin_ += bytes; }
  /// Reads on; false at the end of the stream.
  /// @par Errors  kExhausted when the stream is longer than limits.stream_bytes; the stream's own
  [[nodiscard]] Result<bool> more();
  /// "UTF-8" or what the byte order mark says.
  [[nodiscard]] std::string_view encoding() const noexcept { return encoding_; }

 private:
  [[nodiscard]] Status start();
  [[nodiscard]] Result<std::size_t> fill(std::size_t room);

  ByteStream& stream_;
  const ReadLimits& limits_;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::uint64_t total_ = 0;
  std::string encoding_ = "UTF-8";
  bool started_ = false, ended_ = false;
};

/// The lines of a stream, without their ends ("\n" or "\r\n").
class LineInput {
 public:
  LineInput(ByteStream& stream, const ReadLimits& limits) : buffer_(stream, limits), limits_(limits) {}
  /// The next line, valid until the next call; false at the end.
  /// @par Errors  kExhausted, naming the line, when it is longer than limits.record_bytes
  [[nodiscard]] Result<bool> next(std::string_view& line);
  /// Of the line given last, 1-based.
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] std::string_view encoding() const noexcept { return buffer_.encoding(); }

 private:
  ChunkBuffer buffer_;
  const ReadLimits& limits_;
  std::size_t given_ = 0;  ///< bytes of the line given last, its end included
  std::uint64_t number_ = 0;
};

/// "line 17: what"
[[nodiscard]] Error at_line(std::uint64_t line, Error error);
[[nodiscard]] Error record_too_long(std::uint64_t line, const ReadLimits& limits);

}  // namespace tamis::docs
