#include <fmt/format.h>
#include <tamis/base/section_file.h>
#include <tamis/store/text_file.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <mutex>
#include <optional>
#include <string>

#include "text_format.h"

namespace tamis::store {
namespace {

constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

/// Everything that decompressing needs, and the block decompressed last: passages that follow each other lie in the
/// same block, and a context costs more to make than a block to read.
struct Decompressor {
  std::unique_ptr<ZSTD_DCtx, FreeContext> context{ZSTD_createDCtx()};
  std::uint64_t block = kNone;
  std::string text;
};

}  // namespace

struct TextFile::Impl {
  SectionFile file;
  TextMeta meta;
  std::span<const std::byte> blocks;
  std::span<const std::uint64_t> offsets, hashes;
  mutable std::mutex mutex;  ///< of `shared`; whoever does not get it at once makes one of their own
  mutable Decompressor shared;

  explicit Impl(SectionFile opened) : file(std::move(opened)) {}

  [[nodiscard]] Error corrupt(std::string_view why) const {
    return Error{Code::kCorrupt, fmt::format("{}: {}", file.path().string(), why)};
  }
  [[nodiscard]] std::uint64_t bytes_of(std::uint64_t block) const {
    return std::min<std::uint64_t>(meta.block_bytes, meta.num_bytes - block * meta.block_bytes);
  }
  [[nodiscard]] Status check() const;
  [[nodiscard]] Status load(Decompressor& into, std::uint64_t block) const;
  [[nodiscard]] Status copy(Decompressor& from, std::uint64_t offset, std::uint64_t bytes, std::string& out) const;
};

Status TextFile::Impl::check() const {
  const bool sound_block = meta.block_bytes == kTextBlockBytes;
  if (!sound_block) return corrupt(fmt::format("blocks of {} bytes (wanted {})", meta.block_bytes, kTextBlockBytes));
  const auto needed = meta.num_bytes / meta.block_bytes + (meta.num_bytes % meta.block_bytes != 0 ? 1 : 0);
  if (needed != meta.num_blocks || hashes.size() != meta.num_blocks || offsets.size() != hashes.size() + 1) {
    return corrupt(fmt::format("{} bytes in {} blocks with {} offsets and {} hashes", meta.num_bytes, meta.num_blocks,
                               offsets.size(), hashes.size()));
  }
  if (offsets.front() != 0 || offsets.back() != blocks.size() || !std::is_sorted(offsets.begin(), offsets.end())) {
    return corrupt("the block offsets are out of order");
  }
  return ok();
}

Status TextFile::Impl::load(Decompressor& into, std::uint64_t block) const {
  if (into.block == block) return ok();
  if (into.context == nullptr) return Error{Code::kExhausted, "no memory to decompress with"};
  into.block = kNone;
  const auto frame = blocks.subspan(offsets[block], offsets[block + 1] - offsets[block]);
  into.text.resize(bytes_of(block));
  const auto size =
      ZSTD_decompressDCtx(into.context.get(), into.text.data(), into.text.size(), frame.data(), frame.size());
  if (ZSTD_isError(size) != 0 || size != into.text.size() || hash_text(into.text) != hashes[block]) {
    return corrupt(fmt::format("block {} is damaged", block));
  }
  into.block = block;
  return ok();
}

Status TextFile::Impl::copy(Decompressor& from, std::uint64_t offset, std::uint64_t bytes, std::string& out) const {
  while (bytes > 0) {
    const auto block = offset / meta.block_bytes;
    const auto begin = offset % meta.block_bytes;
    const auto taken = std::min<std::uint64_t>(bytes, bytes_of(block) - begin);
    TAMIS_TRY_OK(load(from, block));
    out.append(from.text, begin, taken);
    offset += taken;
    bytes -= taken;
  }
  return ok();
}

Result<TextFile> TextFile::open(const std::filesystem::path& path) {
  TAMIS_TRY(auto file, SectionFile::open(path, kTextFileKind, kTextFileVersion, kTextFileVersion));
  constexpr std::array kTrusted = {kOffsetsSection, kHashesSection, kMetaSection};
  TAMIS_TRY_OK(file.verify(kTrusted));
  auto impl = std::make_shared<Impl>(std::move(file));
  TAMIS_TRY(impl->blocks, impl->file.bytes(kBlocksSection));
  TAMIS_TRY(impl->offsets, impl->file.array<std::uint64_t>(kOffsetsSection));
  TAMIS_TRY(impl->hashes, impl->file.array<std::uint64_t>(kHashesSection));
  TAMIS_TRY(const auto meta, impl->file.array<TextMeta>(kMetaSection));
  if (meta.size() != 1) return impl->corrupt("no single meta record");
  impl->meta = meta.front();
  TAMIS_TRY_OK(impl->check());
  TextFile text;
  text.impl_ = std::move(impl);
  return text;
}

std::uint64_t TextFile::num_bytes() const noexcept { return impl_->meta.num_bytes; }

Result<std::string> TextFile::read(std::uint64_t offset, std::uint64_t bytes) const {
  if (offset > num_bytes() || bytes > num_bytes() - offset) {
    return Error{Code::kInvalidArgument, fmt::format("{}: bytes {} to {} of {}", impl_->file.path().string(), offset,
                                                     offset + bytes, num_bytes())};
  }
  std::string out;
  out.reserve(bytes);
  if (const std::unique_lock lock(impl_->mutex, std::try_to_lock); lock.owns_lock()) {
    TAMIS_TRY_OK(impl_->copy(impl_->shared, offset, bytes, out));
    return out;
  }
  Decompressor own;
  TAMIS_TRY_OK(impl_->copy(own, offset, bytes, out));
  return out;
}

Status TextFile::verify() const {
  TAMIS_TRY_OK(impl_->file.verify());
  Decompressor own;
  for (std::uint64_t block = 0; block < impl_->meta.num_blocks; ++block) TAMIS_TRY_OK(impl_->load(own, block));
  return ok();
}

}  // namespace tamis::store
