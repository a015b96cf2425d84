#include <fmt/format.h>
#include <tamis/base/section_file.h>

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "layout.h"

namespace tamis::sieve {
namespace {

constexpr FileKind kKind = {'B', 'L', 'K', '1'};
constexpr std::uint32_t kVersion = 4;
constexpr std::string_view kSections[] = {"meta",  "ids",  "terms",         "lists",       "bounds",
                                          "lines", "data", "flat passages", "flat weights"};

/// The section "meta". Stored as it is.
struct Meta {
  std::uint64_t num_postings = 0, num_passages = 0, num_lists = 0, num_rows = 0, num_flat = 0, data_bytes = 0;
  std::uint64_t first_id = 0;
  float ceiling = 0;
  std::uint32_t bits = 0, row_share = 0, id_bytes = 0;
  std::uint32_t block = kBlock, line_blocks = kLineBlocks, few = kFew, flat_shift = 0;
};
static_assert(sizeof(Meta) == 88);

template <class T>
[[nodiscard]] Status add(SectionWriter& writer, std::string_view name, const Array<T>& values) {
  return writer.add(name, std::span<const T>(values.data(), values.size()));
}
/// A section as it lies in the file, or a copy of it.
template <class T>
[[nodiscard]] Status take(const SectionFile& file, std::string_view name, std::uint64_t wanted, Residence residence,
                          Array<T>& out) {
  TAMIS_TRY(const auto values, file.array<T>(name));
  if (values.size() != wanted) {
    return Error{Code::kCorrupt, fmt::format("{}: section {} has {} entries (wanted {})", file.path().string(), name,
                                             values.size(), wanted)};
  }
  if (residence == Residence::kMapped) {
    out = Array<T>(values);
    return ok();
  }
  AlignedBuffer<T> copy(values.size());
  std::copy(values.begin(), values.end(), copy.data());
  out = std::move(copy);
  return ok();
}

[[nodiscard]] Result<Meta> read_meta(const SectionFile& file) {
  const auto corrupt = [&](std::string_view what) {
    return Error{Code::kCorrupt, fmt::format("{}: meta: {}", file.path().string(), what)};
  };
  TAMIS_TRY(const auto metas, file.array<Meta>(kSections[0]));
  if (metas.size() != 1) return corrupt("not one entry");
  const Meta& meta = metas.front();
  if (meta.block != kBlock || meta.line_blocks != kLineBlocks || meta.few != kFew) {
    return Error{Code::kUnsupported,
                 fmt::format("{}: blocks of {} passages (wanted {})", file.path().string(), meta.block, kBlock)};
  }
  if (!(sparse::WeightScale{meta.ceiling, meta.bits}).validate()) return corrupt("a scale of weights that is none");
  if ((meta.id_bytes != 4 && meta.id_bytes != 8) || meta.row_share < 1 || meta.row_share > kBlock ||
      (meta.flat_shift != 0 && meta.flat_shift != 8)) {
    return corrupt("impossible shares");
  }
  if (meta.num_passages > 0xFFFFFFFFULL - kBlock || meta.num_rows > meta.num_lists || meta.num_lists > 0xFFFFFFFFULL ||
      meta.data_bytes < BlockIndex::Parts::kDataPadding) {
    return corrupt("impossible counts");
  }
  return meta;
}

[[nodiscard]] Status take_arrays(const SectionFile& file, const Meta& meta, Residence residence,
                                 BlockIndex::Parts& parts) {
  parts.scale = {meta.ceiling, meta.bits};
  parts.row_share = meta.row_share;
  parts.num_postings = meta.num_postings;
  parts.num_passages = static_cast<std::uint32_t>(meta.num_passages);
  parts.num_rows = static_cast<std::uint32_t>(meta.num_rows);
  parts.shape.width = meta.bits / 8;
  parts.flat_shift = meta.flat_shift;
  if (parts.flat_shift != 0 && !parts.can_pack())
    return Error{Code::kCorrupt, file.path().string() + ": meta: packed postings that do not fit"};
  parts.ids.first = meta.first_id;
  if (meta.id_bytes == 4) {
    TAMIS_TRY_OK(take(file, kSections[1], meta.num_passages, residence, parts.ids.near));
  } else {
    TAMIS_TRY_OK(take(file, kSections[1], meta.num_passages, residence, parts.ids.far));
  }
  TAMIS_TRY_OK(take(file, kSections[2], meta.num_lists, residence, parts.terms));
  TAMIS_TRY_OK(take(file, kSections[3], meta.num_lists, residence, parts.lists));
  TAMIS_TRY_OK(take(file, kSections[4], meta.num_rows * parts.row_blocks(), residence, parts.bounds));
  TAMIS_TRY_OK(take(file, kSections[5], meta.num_rows * parts.row_lines(), residence, parts.lines));
  TAMIS_TRY_OK(take(file, kSections[6], meta.data_bytes, residence, parts.data));
  TAMIS_TRY_OK(take(file, kSections[7], meta.num_flat, residence, parts.flat_passages));
  const std::uint64_t width = parts.flat_shift != 0 ? 0 : parts.shape.width;
  return take(file, kSections[8], meta.num_flat * width, residence, parts.flat_weights);
}

}  // namespace

Status BlockIndex::save(const std::filesystem::path& path) const {
  const auto& p = *parts_;
  Meta meta;
  meta.num_postings = p.num_postings;
  meta.num_passages = p.num_passages;
  meta.num_lists = p.lists.size();
  meta.num_rows = p.num_rows;
  meta.num_flat = p.flat_passages.size();
  meta.data_bytes = p.data.size();
  meta.first_id = p.ids.first;
  meta.ceiling = p.scale.ceiling;
  meta.bits = p.scale.bits;
  meta.row_share = p.row_share;
  meta.flat_shift = p.flat_shift;
  meta.id_bytes = p.ids.far.size() == 0 ? 4 : 8;
  TAMIS_TRY(auto writer, SectionWriter::create(path, kKind, kVersion));
  TAMIS_TRY_OK(writer.add(kSections[0], std::span<const Meta>(&meta, 1)));
  TAMIS_TRY_OK(p.ids.far.size() == 0 ? add(writer, kSections[1], p.ids.near) : add(writer, kSections[1], p.ids.far));
  TAMIS_TRY_OK(add(writer, kSections[2], p.terms));
  TAMIS_TRY_OK(add(writer, kSections[3], p.lists));
  TAMIS_TRY_OK(add(writer, kSections[4], p.bounds));
  TAMIS_TRY_OK(add(writer, kSections[5], p.lines));
  TAMIS_TRY_OK(add(writer, kSections[6], p.data));
  TAMIS_TRY_OK(add(writer, kSections[7], p.flat_passages));
  TAMIS_TRY_OK(add(writer, kSections[8], p.flat_weights));
  return writer.finish();
}

Result<BlockIndex> BlockIndex::open(const std::filesystem::path& path, Residence residence) {
  TAMIS_TRY(auto file, SectionFile::open(path, kKind, kVersion, kVersion));
  if (residence == Residence::kMapped) {
    TAMIS_TRY_OK(file.verify(std::span(kSections).first(4)));
  } else {
    TAMIS_TRY_OK(file.verify());
  }
  TAMIS_TRY(const auto meta, read_meta(file));
  try {
    auto parts = std::make_unique<Parts>();
    TAMIS_TRY_OK(take_arrays(file, meta, residence, *parts));
    parts->file = std::move(file);
    if (residence == Residence::kMapped) {
      TAMIS_TRY_OK(parts->check_directories());
      parts->checked = std::make_unique<std::atomic<bool>[]>(parts->lists.size());
    } else {
      TAMIS_TRY_OK(parts->check_all());
      parts->file.reset();
    }
    parts->number_terms();
    return BlockIndex(std::move(parts));
  } catch (const std::bad_alloc&) {
    return Error{Code::kExhausted, path.string() + ": out of memory"};
  }
}

}  // namespace tamis::sieve
