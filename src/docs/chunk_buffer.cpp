#include "chunk_buffer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "encoding.h"

namespace tamis::docs {
namespace {
constexpr std::size_t kChunkBytes = std::size_t{256} << 10U;
}  // namespace

Result<std::size_t> ChunkBuffer::fill(std::size_t room) {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < end_ + room + kPadding) {
    // Doubling: a long record is copied a constant number of times.
    buffer_.resize(std::max(end_ + room + kPadding, buffer_.size() + buffer_.size() / 2));
  }
  TAMIS_TRY(const std::size_t got, stream_.read(buffer_.data() + end_, room));
  total_ += got;
  if (total_ > limits_.stream_bytes) {
    return Error{Code::kExhausted,
                 fmt::format("longer than {} bytes (limit stream_bytes, after decompression)", limits_.stream_bytes)};
  }
  end_ += got;
  return got;
}

Status ChunkBuffer::start() {
  started_ = true;
  while (end_ < 3 && !ended_) {
    TAMIS_TRY(const std::size_t got, fill(kChunkBytes));
    ended_ = got == 0;
  }
  if (unread().substr(0, 3) == "\xEF\xBB\xBF") {
    consume(3);
  } else if (unread().substr(0, 2) == "\xFF\xFE" || unread().substr(0, 2) == "\xFE\xFF") {
    TAMIS_TRY(const std::string rest, read_all(stream_, limits_.file_bytes));
    TAMIS_TRY(DecodedText decoded, decode_text(std::string(unread()) + rest));
    buffer_ = std::move(decoded.text);
    encoding_ = std::move(decoded.encoding);
    begin_ = 0;
    end_ = buffer_.size();
    buffer_.resize(end_ + kPadding);
    ended_ = true;
  }
  return ok();
}

Result<bool> ChunkBuffer::more() {
  if (!started_) {
    TAMIS_TRY_OK(start());
    return begin_ < end_;
  }
  if (ended_) return false;
  TAMIS_TRY(const std::size_t got, fill(kChunkBytes));
  ended_ = got == 0;
  return !ended_;
}

Result<bool> LineInput::next(std::string_view& line) {
  buffer_.consume(given_);
  given_ = 0;
  std::size_t searched = 0;
  while (true) {
    const auto held = buffer_.unread();
    const std::size_t end = held.find('\n', searched);
    const bool complete = end != std::string_view::npos;
    if (!complete && held.size() <= limits_.record_bytes) {
      searched = held.size();
      TAMIS_TRY(const bool more, buffer_.more());
      if (more) continue;
      if (held.empty()) return false;
    }
    line = buffer_.unread().substr(0, complete ? end : searched);
    ++number_;
    if (line.size() > limits_.record_bytes || (!complete && held.size() > limits_.record_bytes)) {
      return record_too_long(number_, limits_);
    }
    given_ = line.size() + (complete ? 1 : 0);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return true;
  }
}

Error at_line(std::uint64_t line, Error error) { return within(fmt::format("line {}", line), std::move(error)); }

Error record_too_long(std::uint64_t line, const ReadLimits& limits) {
  return at_line(line,
                 {Code::kExhausted, fmt::format("longer than {} bytes (limit record_bytes)", limits.record_bytes)});
}

}  // namespace tamis::docs
