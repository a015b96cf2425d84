#include "decompress.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace tamis::docs {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;
constexpr int kZstdWindowLog = 27;  // 128 MiB, what the zstd program accepts without being told

enum class Compression { kNone, kGzip, kZstd };

Compression compression_of(std::string_view head) {
  if (head.starts_with(std::string_view("\x1F\x8B\x08", 3))) return Compression::kGzip;
  if (head.starts_with(std::string_view("\x28\xB5\x2F\xFD", 4))) return Compression::kZstd;
  // A skippable frame, with which parallel zstd files begin.
  if (head.size() >= 4 && (static_cast<unsigned char>(head[0]) & 0xF0U) == 0x50U &&
      head.substr(1, 3) == "\x2A\x4D\x18") {
    return Compression::kZstd;
  }
  return Compression::kNone;
}

/// Compressed bytes, a buffer at a time.
class Input {
 public:
  explicit Input(std::unique_ptr<ByteStream> stream) : stream_(std::move(stream)), buffer_(kBufferBytes, '\0') {}
  /// The bytes not used yet; empty only at the end.
  Result<std::string_view> peek() {
    if (begin_ == end_) {
      TAMIS_TRY(end_, stream_->read(buffer_.data(), buffer_.size()));
      begin_ = 0;
    }
    return std::string_view(buffer_).substr(begin_, end_ - begin_);
  }
  void use(std::size_t bytes) { begin_ += bytes; }

 private:
  std::unique_ptr<ByteStream> stream_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

class GzipStream final : public ByteStream {
 public:
  explicit GzipStream(std::unique_ptr<ByteStream> stream) : input_(std::move(stream)) {}
  ~GzipStream() override {
    if (ready_) inflateEnd(&zlib_);
  }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  Result<std::size_t> read(char* data, std::size_t size) override {
    if (!ready_) {
      if (inflateInit2(&zlib_, 15 + 16) != Z_OK) return Error{Code::kExhausted, "gzip: no memory"};
      ready_ = true;
    }
    while (!ended_ && size > 0) {
      TAMIS_TRY(const std::string_view in, input_.peek());
      if (in.empty()) {
        if (between_members_) break;
        return Error{Code::kCorrupt, "gzip: the data ends early"};
      }
      if (between_members_ && static_cast<unsigned char>(in[0]) != 0x1FU) break;  // padding or garbage after the end
      TAMIS_TRY(const std::size_t made, inflate_some(in, data, size));
      if (made > 0) return made;
    }
    ended_ = ended_ || size > 0;
    return std::size_t{0};
  }

 private:
  Result<std::size_t> inflate_some(std::string_view in, char* data, std::size_t size) {
    between_members_ = false;
    // zlib's interface is not const-correct, but it does not write to its input.
    zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));  // NOLINT(*-const-cast,*-reinterpret-cast)
    zlib_.avail_in = static_cast<uInt>(in.size());
    zlib_.next_out = reinterpret_cast<Bytef*>(data);  // NOLINT(*-reinterpret-cast)
    zlib_.avail_out = static_cast<uInt>(std::min<std::size_t>(size, 1U << 30U));
    const auto room = zlib_.avail_out;
    const int state = ::inflate(&zlib_, Z_NO_FLUSH);
    input_.use(in.size() - zlib_.avail_in);
    if (state == Z_STREAM_END) {
      between_members_ = true;
      inflateReset(&zlib_);
    } else if (state != Z_OK && state != Z_BUF_ERROR) {
      return Error{Code::kCorrupt, fmt::format("gzip: {}", zlib_.msg != nullptr ? zlib_.msg : "damaged data")};
    }
    return std::size_t{room - zlib_.avail_out};
  }

  Input input_;
  z_stream zlib_{};
  bool ready_ = false;
  bool ended_ = false;
  bool between_members_ = false;
};

struct ZstdFree {
  void operator()(ZSTD_DStream* stream) const noexcept { ZSTD_freeDStream(stream); }
};

class ZstdStream final : public ByteStream {
 public:
  explicit ZstdStream(std::unique_ptr<ByteStream> stream) : input_(std::move(stream)), zstd_(ZSTD_createDStream()) {
    if (zstd_) ZSTD_DCtx_setParameter(zstd_.get(), ZSTD_d_windowLogMax, kZstdWindowLog);
  }

  Result<std::size_t> read(char* data, std::size_t size) override {
    if (!zstd_) return Error{Code::kExhausted, "zstd: no memory"};
    while (size > 0) {
      TAMIS_TRY(const std::string_view in, input_.peek());
      if (in.empty() && frame_done_) return std::size_t{0};
      ZSTD_inBuffer from{in.data(), in.size(), 0};
      ZSTD_outBuffer to{data, size, 0};
      const std::size_t state = ZSTD_decompressStream(zstd_.get(), &to, &from);
      if (ZSTD_isError(state) != 0) {
        const bool large = ZSTD_getErrorCode(state) == ZSTD_error_frameParameter_windowTooLarge;
        return Error{large ? Code::kExhausted : Code::kCorrupt, fmt::format("zstd: {}", ZSTD_getErrorName(state))};
      }
      input_.use(from.pos);
      frame_done_ = state == 0;
      if (to.pos > 0) return to.pos;
      if (in.empty()) return Error{Code::kCorrupt, "zstd: the data ends early"};
    }
    return std::size_t{0};
  }

 private:
  Input input_;
  std::unique_ptr<ZSTD_DStream, ZstdFree> zstd_;
  bool frame_done_ = false;
};

}  // namespace

Result<std::size_t> RejoinedStream::read(char* data, std::size_t size) {
  if (used_ < head_.size()) {
    const std::size_t bytes = std::min(size, head_.size() - used_);
    std::memcpy(data, head_.data() + used_, bytes);
    used_ += bytes;
    num_bytes_ += bytes;
    return bytes;
  }
  TAMIS_TRY(const std::size_t bytes, rest_->read(data, size));
  num_bytes_ += bytes;
  return bytes;
}

Result<std::string> read_head(ByteStream& stream, std::size_t size) {
  std::string head(size, '\0');
  std::size_t held = 0;
  while (held < size) {
    TAMIS_TRY(const std::size_t got, stream.read(head.data() + held, size - held));
    if (got == 0) break;
    held += got;
  }
  head.resize(held);
  return head;
}

Result<std::unique_ptr<ByteStream>> undo_compression(std::unique_ptr<ByteStream> stream) {
  TAMIS_TRY(std::string head, read_head(*stream, 4));
  const Compression outer = compression_of(head);
  std::unique_ptr<ByteStream> whole = std::make_unique<RejoinedStream>(std::move(head), std::move(stream));
  if (outer == Compression::kNone) return whole;
  if (outer == Compression::kGzip) {
    whole = std::make_unique<GzipStream>(std::move(whole));
  } else {
    whole = std::make_unique<ZstdStream>(std::move(whole));
  }
  TAMIS_TRY(std::string inner, read_head(*whole, 4));
  if (compression_of(inner) != Compression::kNone) return Error{Code::kUnsupported, "compressed more than once"};
  return std::unique_ptr<ByteStream>(std::make_unique<RejoinedStream>(std::move(inner), std::move(whole)));
}

}  // namespace tamis::docs
