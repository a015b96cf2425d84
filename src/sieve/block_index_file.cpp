#include <fmt/format.h>
#include <tamis/base/section_file.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <utility>

#include "layout.h"

namespace tamis::sieve {
namespace {

constexpr FileKind kKind = {'B', 'L', 'K', '1'};
constexpr std::uint32_t kVersion = 2;
constexpr std::string_view kSections[] = {"meta",  "ids",  "terms",         "lists",       "bounds",
                                          "lines", "data", "flat passages", "flat weights"};

constexpr std::uint32_t kMostLevel = 255 * 256;

/// The section "meta". Stored as it is.
struct Meta {
  std::uint64_t num_postings = 0, num_passages = 0, num_lists = 0, num_rows = 0, num_flat = 0, data_bytes = 0;
  float ceiling = 0;
  std::uint32_t block = kBlock, line_blocks = kLineBlocks, few = kFew;
};
static_assert(sizeof(Meta) == 64);

template <class T>
[[nodiscard]] Status add(SectionWriter& writer, std::string_view name, const Array<T>& values) {
  return writer.add(name, std::span<const T>(values.data(), values.size()));
}
template <class T>
[[nodiscard]] Status read(const SectionFile& file, std::string_view name, std::uint64_t wanted, Array<T>& out) {
  TAMIS_TRY(const auto values, file.array<T>(name));
  if (values.size() != wanted) {
    return Error{Code::kCorrupt, fmt::format("{}: section {} has {} entries (wanted {})", file.path().string(), name,
                                             values.size(), wanted)};
  }
  AlignedBuffer<T> copy(values.size());
  std::copy(values.begin(), values.end(), copy.data());
  out = std::move(copy);
  return ok();
}

/// A weight that split_level() can give.
[[nodiscard]] bool is_level(Weight weight, std::uint32_t step) {
  const auto level = static_cast<std::int32_t>(weight.code * step) + weight.rest - 128;
  return level >= 1 && level <= static_cast<std::int32_t>(kMostLevel) &&
         split_level(static_cast<std::uint32_t>(level), step).code == weight.code;
}

/// Runs of a list with a row: offsets in order and inside the data, passages ascending and below 64, the bound the
/// largest code.
[[nodiscard]] std::string check_row(const BlockIndex::Parts& parts, const List& list) {
  if (list.first >= parts.num_rows) return "its row is not there";
  const std::uint64_t bytes = parts.data.size() - BlockIndex::Parts::kDataPadding;
  const RunLine* const lines = parts.line_row(list);
  std::uint64_t postings = 0;
  std::uint64_t end = 0;
  for (std::uint32_t block = 0; block < parts.row_lines() * kLineBlocks; ++block) {
    const RunLine& line = lines[block / kLineBlocks];
    const std::uint32_t at = block % kLineBlocks;
    if (at == 0 && (line.base != end || line.at[0] != 0)) return "its runs do not follow each other";
    if (line.at[at + 1] < line.at[at]) return "its runs do not ascend";
    end = std::uint64_t{line.base} + line.at[at + 1];
    if (list.data > bytes || end > bytes - list.data) return "its runs end beyond the data";
    const auto size = static_cast<std::uint32_t>(line.at[at + 1] - line.at[at]);
    const std::uint8_t bound = block < parts.row_blocks() ? parts.bound_row(list)[block] : 0;
    if (size == 0 && bound == 0) continue;
    const std::uint32_t length = run_length(size);
    if (block >= parts.num_blocks() || length == 0 || length > kBlock || size != run_bytes(length))
      return "a run of no length";
    const std::uint8_t* const data = parts.data.data() + list.data + line.base + line.at[at];
    const std::uint32_t room = std::min(kBlock, parts.num_passages - block * kBlock);
    if (few(size)) {
      for (std::uint32_t i = 0; i < length; ++i) {
        if (data[i] >= room || (i > 0 && data[i] <= data[i - 1])) return "a run's passages do not ascend";
      }
    } else {
      std::uint64_t mask = 0;
      std::memcpy(&mask, data, 8);
      if (static_cast<std::uint32_t>(std::popcount(mask)) != length || (room < kBlock && mask >> room != 0)) {
        return "a run's passages are not as many as it says";
      }
    }
    const std::uint8_t* const codes = data + (few(size) ? length : 8);
    if (*std::max_element(codes, codes + length) != bound) return "a bound is not the largest code";
    for (std::uint32_t i = 0; i < length; ++i) {
      if (!is_level({codes[i], codes[length + i]}, list.step)) return "a weight that is none";
    }
    postings += length;
  }
  const std::uint8_t* const bounds = parts.bound_row(list);
  for (std::uint32_t block = parts.num_blocks(); block < parts.row_blocks(); ++block) {
    if (bounds[block] != 0) return "a bound of no block";
  }
  return postings == list.count ? "" : "its postings are not as many as it says";
}

[[nodiscard]] std::string check_flat(const BlockIndex::Parts& parts, const List& list) {
  if (list.first > parts.flat_passages.size() || list.count > parts.flat_passages.size() - list.first)
    return "its postings are not there";
  for (std::uint64_t i = list.first; i < list.first + list.count; ++i) {
    if (parts.flat_passages[i] >= parts.num_passages) return "a passage that is not there";
    if (i > list.first && parts.flat_passages[i] <= parts.flat_passages[i - 1]) return "its passages do not ascend";
    if (!is_level(parts.flat_weights[i], list.step)) return "a weight that is none";
  }
  return "";
}

}  // namespace

std::string BlockIndex::Parts::check() const {
  std::uint64_t postings = 0;
  for (std::size_t i = 0; i < lists.size(); ++i) {
    if (i > 0 && terms[i] <= terms[i - 1]) return "terms do not ascend";
    const List& list = lists[i];
    postings += list.count;
    const std::string wrong = list.step < 1 || list.step > 256 || list.is_row > 1 ? std::string("an unknown kind")
                              : list.is_row != 0                                  ? check_row(*this, list)
                                                                                  : check_flat(*this, list);
    if (!wrong.empty()) return fmt::format("list of term {}: {}", terms[i], wrong);
  }
  if (postings != num_postings) return fmt::format("{} postings (wanted {})", postings, num_postings);
  std::vector<PassageId> sorted(ids.data(), ids.data() + ids.size());
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return "a passage stands there twice";
  return "";
}

Status BlockIndex::save(const std::filesystem::path& path) const {
  const auto& p = *parts_;
  Meta meta;
  meta.num_postings = p.num_postings;
  meta.num_passages = p.num_passages;
  meta.num_lists = p.lists.size();
  meta.num_rows = p.num_rows;
  meta.num_flat = p.flat_passages.size();
  meta.data_bytes = p.data.size();
  meta.ceiling = p.scale.ceiling;
  TAMIS_TRY(auto writer, SectionWriter::create(path, kKind, kVersion));
  TAMIS_TRY_OK(writer.add(kSections[0], std::span<const Meta>(&meta, 1)));
  TAMIS_TRY_OK(add(writer, kSections[1], p.ids));
  TAMIS_TRY_OK(add(writer, kSections[2], p.terms));
  TAMIS_TRY_OK(add(writer, kSections[3], p.lists));
  TAMIS_TRY_OK(add(writer, kSections[4], p.bounds));
  TAMIS_TRY_OK(add(writer, kSections[5], p.lines));
  TAMIS_TRY_OK(add(writer, kSections[6], p.data));
  TAMIS_TRY_OK(add(writer, kSections[7], p.flat_passages));
  TAMIS_TRY_OK(add(writer, kSections[8], p.flat_weights));
  return writer.finish();
}

Result<BlockIndex> BlockIndex::open(const std::filesystem::path& path) {
  TAMIS_TRY(const auto file, SectionFile::open(path, kKind, kVersion, kVersion));
  TAMIS_TRY_OK(file.verify());
  const auto corrupt = [&](std::string_view what) {
    return Error{Code::kCorrupt, fmt::format("{}: {}", path.string(), what)};
  };
  TAMIS_TRY(const auto metas, file.array<Meta>(kSections[0]));
  if (metas.size() != 1) return corrupt("meta: not one entry");
  const Meta& meta = metas.front();
  if (meta.block != kBlock || meta.line_blocks != kLineBlocks || meta.few != kFew) {
    return Error{Code::kUnsupported,
                 fmt::format("{}: blocks of {} passages (wanted {})", path.string(), meta.block, kBlock)};
  }
  if (!std::isfinite(meta.ceiling) || meta.ceiling <= 0) return corrupt("meta: the ceiling of weights is not above 0");
  if (meta.num_passages > 0xFFFFFFFFULL - kBlock || meta.num_rows > meta.num_lists || meta.num_lists > 0xFFFFFFFFULL ||
      meta.data_bytes < Parts::kDataPadding) {
    return corrupt("meta: impossible counts");
  }
  auto parts = std::make_unique<Parts>();
  parts->scale = {meta.ceiling, 16};
  parts->num_postings = meta.num_postings;
  parts->num_passages = static_cast<std::uint32_t>(meta.num_passages);
  parts->num_rows = static_cast<std::uint32_t>(meta.num_rows);
  TAMIS_TRY_OK(read(file, kSections[1], meta.num_passages, parts->ids));
  TAMIS_TRY_OK(read(file, kSections[2], meta.num_lists, parts->terms));
  TAMIS_TRY_OK(read(file, kSections[3], meta.num_lists, parts->lists));
  TAMIS_TRY_OK(read(file, kSections[4], meta.num_rows * parts->row_blocks(), parts->bounds));
  TAMIS_TRY_OK(read(file, kSections[5], meta.num_rows * parts->row_lines(), parts->lines));
  TAMIS_TRY_OK(read(file, kSections[6], meta.data_bytes, parts->data));
  TAMIS_TRY_OK(read(file, kSections[7], meta.num_flat, parts->flat_passages));
  TAMIS_TRY_OK(read(file, kSections[8], meta.num_flat, parts->flat_weights));
  if (const auto wrong = parts->check(); !wrong.empty()) return corrupt(wrong);
  parts->number_terms();
  return BlockIndex(std::move(parts));
}

}  // namespace tamis::sieve
