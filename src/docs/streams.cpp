#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <tamis/docs/reader.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "decompress.h"

namespace tamis::docs {
namespace {

/// A file descriptor, read through a small buffer so that the first bytes can be looked at.
class DescriptorStream final : public ByteStream {
 public:
  DescriptorStream(int descriptor, bool owned) : descriptor_(descriptor), owned_(owned) {}
  ~DescriptorStream() override {
    if (owned_) ::close(descriptor_);
  }
  DescriptorStream(const DescriptorStream&) = delete;
  DescriptorStream& operator=(const DescriptorStream&) = delete;

  Result<std::size_t> read(char* data, std::size_t size) override {
    for (;;) {
      const ::ssize_t got = ::read(descriptor_, data, size);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return Error{Code::kIo, fmt::format("reading: {}", std::generic_category().message(errno))};
    }
  }

 private:
  int descriptor_;
  bool owned_;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> open_stream(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) {
    const int why = errno;
    const Code code = why == ENOENT || why == ENOTDIR ? Code::kNotFound : Code::kIo;
    return Error{code, fmt::format("{}: opening: {}", path.string(), std::generic_category().message(why))};
  }
  auto stream = std::make_unique<DescriptorStream>(descriptor, true);
  struct ::stat info {};
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    return Error{Code::kUnsupported, fmt::format("{}: not a regular file", path.string())};
  }
  return undo_compression(std::move(stream));
}

Result<std::unique_ptr<ByteStream>> open_stream(int descriptor) {
  return undo_compression(std::make_unique<DescriptorStream>(descriptor, false));
}

Result<std::string> read_all(ByteStream& stream, std::uint64_t limit_bytes) {
  constexpr std::size_t kFirst = std::size_t{64} << 10U;
  constexpr std::uint64_t kNoLimit = 1ULL << 62U;
  limit_bytes = std::min(limit_bytes, kNoLimit);
  std::string bytes;
  for (;;) {
    // Grows by half, so that a small file costs a small buffer, and never far beyond the limit.
    const std::size_t held = bytes.size();
    const auto room =
        static_cast<std::size_t>(std::min<std::uint64_t>(std::max(kFirst, held / 2), limit_bytes - held + 1));
    bytes.resize(held + room);
    auto got = stream.read(bytes.data() + held, room);
    if (!got) return std::move(got).error();
    bytes.resize(held + *got);
    if (*got == 0) return bytes;
    if (bytes.size() > limit_bytes) {
      return Error{Code::kExhausted,
                   fmt::format("file longer than {} bytes (limit file_bytes, after decompression)", limit_bytes)};
    }
  }
}

}  // namespace tamis::docs
