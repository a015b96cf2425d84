#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/reader.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tamis::eval {

inline constexpr std::size_t kMaxTableLineBytes = 64 << 10;
inline constexpr std::size_t kMaxTopicLineBytes = 16 << 20;

/// The lines of a stream without their ends, empty ones left out.
class LineReader {
 public:
  LineReader(docs::ByteStream& stream, std::size_t limit_bytes) : stream_(&stream), limit_bytes_(limit_bytes) {}
  /// The next line with more than blanks; false = no more. The view is valid until the next call.
  /// @par Errors  "line N: …": kExhausted for a line that is too long or too many lines; what the stream says
  [[nodiscard]] Result<bool> next(std::string_view& line);
  /// Of the line handed out last, from 1.
  [[nodiscard]] std::uint32_t number() const noexcept { return number_; }

 private:
  [[nodiscard]] Result<bool> raw(std::string_view& line);
  docs::ByteStream* stream_;
  std::size_t limit_bytes_;
  std::string buffer_;  // [begin_, end_) is not handed out yet
  std::size_t begin_ = 0, end_ = 0;
  bool ended_ = false;
  std::uint32_t number_ = 0;
};

}  // namespace tamis::eval
