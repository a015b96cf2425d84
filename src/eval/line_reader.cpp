#include "line_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace tamis::eval {
namespace {

constexpr std::size_t kStepBytes = std::size_t{256} << 10U;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

/// One line, its end taken off.
Result<bool> LineReader::raw(std::string_view& line) {
  std::size_t searched = 0;
  while (true) {
    const char* first = buffer_.data() + begin_;
    const std::size_t held = end_ - begin_;
    const void* found = held > searched ? std::memchr(first + searched, '\n', held - searched) : nullptr;
    const std::size_t size =
        found != nullptr ? static_cast<std::size_t>(static_cast<const char*>(found) - first) : held;
    if (size > limit_bytes_) return Error{Code::kExhausted, fmt::format("longer than {} bytes", limit_bytes_)};
    if (found != nullptr || (ended_ && held > 0)) {
      line = std::string_view(first, size);
      begin_ += std::min(held, size + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      return true;
    }
    if (ended_) return false;
    searched = held;
    if (begin_ > 0) std::memmove(buffer_.data(), first, held);
    begin_ = 0;
    end_ = held;
    buffer_.resize(std::max(buffer_.size(), held + kStepBytes));
    TAMIS_TRY(const std::size_t got, stream_->read(buffer_.data() + end_, buffer_.size() - end_));
    ended_ = got == 0;
    end_ += got;
  }
}

Result<bool> LineReader::next(std::string_view& line) {
  while (true) {
    if (number_ == std::numeric_limits<std::uint32_t>::max() - 1) {
      return Error{Code::kExhausted, "more than 2^32 - 2 lines"};
    }
    auto more = raw(line);
    if (!more) return within(fmt::format("line {}", number_ + 1), std::move(more).error());
    if (!*more) return false;
    if (number_++ == 0 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    if (line.find_first_not_of(" \t") != std::string_view::npos) return true;
  }
}

}  // namespace tamis::eval
