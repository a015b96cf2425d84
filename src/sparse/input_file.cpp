#include "input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tamis::sparse {

Result<InputFile> InputFile::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    const int why = errno;
    return Error{why == ENOENT ? Code::kNotFound : Code::kIo, fmt::format("cannot open: {}", std::strerror(why))};
  }
  InputFile file(descriptor, 0, false);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return Error{Code::kIo, fmt::format("fstat: {}", std::strerror(errno))};
  if (S_ISDIR(status.st_mode)) return Error{Code::kInvalidArgument, "is a folder (wanted a file)"};
  file.regular_ = S_ISREG(status.st_mode);
  file.size_ = file.regular_ ? static_cast<std::uint64_t>(status.st_size) : 0;
  return file;
}

InputFile::InputFile(InputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_), regular_(other.regular_) {}

InputFile& InputFile::operator=(InputFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  size_ = other.size_;
  regular_ = other.regular_;
  return *this;
}

InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::size_t> InputFile::read_some(std::uint64_t offset, std::span<char> out) const {
  while (true) {
    const auto got = regular_ ? ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset))
                              : ::read(descriptor_, out.data(), out.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return Error{Code::kIo, fmt::format("cannot read: {}", std::strerror(errno))};
  }
}

Result<bool> Cursor::fill() {
  buffer_.resize(kBufferBytes);
  TAMIS_TRY(end_, file_->read_some(next_, buffer_));
  begin_ = 0;
  next_ += end_;
  return end_ > 0;
}

Result<std::optional<char>> Cursor::byte() {
  if (begin_ == end_) {
    TAMIS_TRY(const bool more, fill());
    if (!more) return std::optional<char>();
  }
  return std::optional<char>(buffer_[begin_++]);
}

Status Cursor::bytes(std::span<char> out) {
  while (!out.empty()) {
    if (begin_ == end_) {
      TAMIS_TRY(const bool more, fill());
      if (!more) {
        return Error{Code::kCorrupt, fmt::format("cut off at byte {} ({} more bytes wanted)", offset(), out.size())};
      }
    }
    const std::size_t n = std::min(out.size(), end_ - begin_);
    std::memcpy(out.data(), buffer_.data() + begin_, n);
    begin_ += n;
    out = out.subspan(n);
  }
  return ok();
}

Result<bool> Cursor::line(std::string& out, std::size_t limit_bytes) {
  out.clear();
  while (true) {
    if (begin_ == end_) {
      TAMIS_TRY(const bool more, fill());
      if (!more) return !out.empty();
    }
    const char* first = buffer_.data() + begin_;
    const auto* found = static_cast<const char*>(std::memchr(first, '\n', end_ - begin_));
    const std::size_t n = found != nullptr ? static_cast<std::size_t>(found - first) : end_ - begin_;
    if (out.size() + n > limit_bytes) {
      return Error{Code::kExhausted, fmt::format("longer than {} bytes", limit_bytes)};
    }
    out.append(first, n);
    begin_ += n;
    if (found == nullptr) continue;
    ++begin_;
    if (!out.empty() && out.back() == '\r') out.pop_back();
    return true;
  }
}

}  // namespace tamis::sparse
