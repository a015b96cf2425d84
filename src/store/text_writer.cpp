#include <tamis/base/section_file.h>
#include <tamis/store/text_file.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include "text_format.h"

namespace tamis::store {
namespace {

// Level 3, 32 KiB and no dictionary: docs/store.md has the measurements.
constexpr int kLevel = 3;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};

}  // namespace

struct TextWriter::Impl {
  SectionWriter file;
  std::unique_ptr<ZSTD_CCtx, FreeContext> context{ZSTD_createCCtx()};
  std::string block;  ///< text not yet compressed, less than a block
  std::vector<char> frame;
  std::vector<std::uint64_t> offsets{0};
  std::vector<std::uint64_t> hashes;
  std::uint64_t num_bytes = 0;
  bool finished = false;

  explicit Impl(SectionWriter writer) : file(std::move(writer)) {}

  Status write_block(std::string_view text) {
    const auto size = ZSTD_compressCCtx(context.get(), frame.data(), frame.size(), text.data(), text.size(), kLevel);
    if (ZSTD_isError(size) != 0) return Error{Code::kExhausted, std::string("zstd: ") + ZSTD_getErrorName(size)};
    TAMIS_TRY_OK(file.append(std::as_bytes(std::span(frame.data(), size))));
    offsets.push_back(offsets.back() + size);
    hashes.push_back(hash_text(text));
    return ok();
  }
};

TextWriter::TextWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TextWriter::TextWriter(TextWriter&&) noexcept = default;
TextWriter& TextWriter::operator=(TextWriter&&) noexcept = default;
TextWriter::~TextWriter() = default;

Result<TextWriter> TextWriter::create(const std::filesystem::path& path) {
  TAMIS_TRY(auto file, SectionWriter::create(path, kTextFileKind, kTextFileVersion));
  auto impl = std::make_unique<Impl>(std::move(file));
  if (impl->context == nullptr) return Error{Code::kExhausted, "no memory to compress with"};
  impl->frame.resize(ZSTD_compressBound(kTextBlockBytes));
  impl->block.reserve(kTextBlockBytes);
  TAMIS_TRY_OK(impl->file.begin(kBlocksSection));
  return TextWriter(std::move(impl));
}

Result<std::uint64_t> TextWriter::append(std::string_view text) {
  if (impl_->finished) return Error{Code::kInvalidArgument, "the text file is finished"};
  const std::uint64_t offset = impl_->num_bytes;
  impl_->num_bytes += text.size();
  while (impl_->block.size() + text.size() >= kTextBlockBytes) {
    const auto taken = kTextBlockBytes - impl_->block.size();
    if (impl_->block.empty()) {
      TAMIS_TRY_OK(impl_->write_block(text.substr(0, taken)));
    } else {
      impl_->block.append(text.substr(0, taken));
      TAMIS_TRY_OK(impl_->write_block(impl_->block));
      impl_->block.clear();
    }
    text.remove_prefix(taken);
  }
  impl_->block.append(text);
  return offset;
}

Status TextWriter::finish() {
  if (impl_->finished) return Error{Code::kInvalidArgument, "the text file is finished"};
  impl_->finished = true;
  if (!impl_->block.empty()) TAMIS_TRY_OK(impl_->write_block(impl_->block));
  if (impl_->hashes.size() > std::numeric_limits<std::uint32_t>::max()) {
    return Error{Code::kExhausted, "a text file takes at most 2^32 blocks"};
  }
  const TextMeta meta{impl_->num_bytes, kTextBlockBytes, static_cast<std::uint32_t>(impl_->hashes.size())};
  TAMIS_TRY_OK(impl_->file.add<std::uint64_t>(kOffsetsSection, impl_->offsets));
  TAMIS_TRY_OK(impl_->file.add<std::uint64_t>(kHashesSection, impl_->hashes));
  TAMIS_TRY_OK(impl_->file.add<TextMeta>(kMetaSection, std::span(&meta, 1)));
  return impl_->file.finish();
}

}  // namespace tamis::store
