#pragma once

#include <tamis/docs/reader.h>

#include <memory>
#include <string>
#include <string_view>

namespace tamis::docs {

/// Looks at the first bytes and undoes gzip or zstd, one level; kUnsupported when what comes out is compressed again.
/// Memory: the window of the format (gzip 32 KiB, zstd at most 128 MiB) and one buffer; the length of what comes out is
/// not bounded here but by whoever reads. Bytes after the last gzip member are ignored, as gzip does.
[[nodiscard]] Result<std::unique_ptr<ByteStream>> undo_compression(std::unique_ptr<ByteStream> stream);

/// Reads until `size` bytes are there or the end: for looking at the first bytes of a stream.
[[nodiscard]] Result<std::string> read_head(ByteStream& stream, std::size_t size);

/// `head` first, then the rest of the stream.
class RejoinedStream final : public ByteStream {
 public:
  RejoinedStream(std::string head, ByteStream& rest) : head_(std::move(head)), rest_(&rest) {}
  RejoinedStream(std::string head, std::unique_ptr<ByteStream> rest)
      : head_(std::move(head)), owned_(std::move(rest)), rest_(owned_.get()) {}
  Result<std::size_t> read(char* data, std::size_t size) override;
  /// Bytes handed out so far.
  [[nodiscard]] std::uint64_t num_bytes() const noexcept { return num_bytes_; }

 private:
  std::string head_;
  std::size_t used_ = 0;
  std::unique_ptr<ByteStream> owned_;
  ByteStream* rest_;
  std::uint64_t num_bytes_ = 0;
};

}  // namespace tamis::docs
