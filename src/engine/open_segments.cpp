#include "open_segments.h"

#include <fmt/format.h>

#include <algorithm>

namespace tamis::engine {
namespace {

constexpr std::uint64_t kReadAheadBytes = 1 << 20;

Status open_vectors(const IndexPaths& paths, std::span<const EncoderSettings> encoders, OpenSegment& segment) {
  for (const auto& encoder : encoders) {
    auto& opened = segment.vectors.emplace_back();
    if (!has_field(segment.row, encoder.name)) continue;
    const auto name = field_file_name(segment.row.id, encoder.name);
    TAMIS_TRY(opened, index::SparseField::open(paths.segment_file(name)));
    const auto ids = opened->ids();
    const auto wanted = segment.field.ids();
    if (!std::equal(ids.begin(), ids.end(), wanted.begin(), wanted.end())) {
      return Error{Code::kCorrupt, fmt::format("{}: its passages are not those of the segment's words", name)};
    }
    if (!(opened->config() == field_config(encoder))) {
      return Error{Code::kCorrupt,
                   fmt::format("{}: holds vectors of {} ({}), the index says {} ({})", name, opened->config().name,
                               opened->config().fingerprint, encoder.name, encoder.fingerprint)};
    }
  }
  return ok();
}

Status open_blocks(const IndexPaths& paths, OpenSegment& segment) {
  const auto name = blocks_file_of(segment.row);
  if (name.empty()) return ok();
  for (const auto& field : fields_of_blocks(name)) {
    if (segment.find_field(field) != nullptr) continue;
    return Error{Code::kCorrupt, fmt::format("{}: the segment has no field {}", name, field)};
  }
  auto opened = sieve::BlockIndex::open(paths.segment_file(name), sieve::Residence::kMapped);
  // Of another version of the program: all that it says is in the fields too, and the next run makes it anew.
  if (!opened && opened.error().code == Code::kUnsupported) return ok();
  TAMIS_TRY(auto blocks, std::move(opened));
  if (blocks.num_passages() != segment.row.num_passages) {
    return Error{Code::kCorrupt, fmt::format("{}: holds {} passages, the catalogue says {}", name,
                                             blocks.num_passages(), segment.row.num_passages)};
  }
  segment.blocks = std::make_shared<const sieve::BlockIndex>(std::move(blocks));
  return ok();
}

}  // namespace

const index::SparseField* OpenSegment::find_field(std::string_view name) const noexcept {
  if (field.config().name == name) return &field;
  for (const auto& one : vectors) {
    if (one && one->config().name == name) return &*one;
  }
  return nullptr;
}

index::FieldConfig field_config(const EncoderSettings& encoder) {
  return {encoder.name, encoder.fingerprint, encoder.scale};
}

Result<OpenSegment> open_segment(const IndexPaths& paths, const store::SegmentRow& row,
                                 const std::vector<store::Tombstone>& tombstones,
                                 std::span<const EncoderSettings> encoders) {
  TAMIS_TRY(const auto field_name, field_file_of(row));
  TAMIS_TRY(auto field, index::SparseField::open(paths.segment_file(field_name)));
  OpenSegment segment{row, std::move(field), {}, nullptr, std::nullopt, {}, 0};
  if (segment.field.num_passages() != row.num_passages) {
    return Error{Code::kCorrupt, fmt::format("{}: holds {} passages, the catalogue says {}", field_name,
                                             segment.field.num_passages(), row.num_passages)};
  }
  TAMIS_TRY_OK(open_vectors(paths, encoders, segment));
  TAMIS_TRY_OK(open_blocks(paths, segment));
  if (const auto text_name = text_file_of(row); !text_name.empty()) {
    TAMIS_TRY(segment.texts, store::TextFile::open(paths.segment_file(text_name)));
  }
  const auto ids = segment.field.ids();
  for (const auto& tombstone : tombstones) {
    if (tombstone.segment != row.id) continue;
    if (segment.deleted.size() == 0) segment.deleted = index::Bitmap(segment.field.num_passages());
    const auto first = std::lower_bound(ids.begin(), ids.end(), tombstone.first);
    const auto available = static_cast<std::uint64_t>(ids.end() - first);
    if (available < tombstone.count || tombstone.count == 0 || *first != tombstone.first ||
        first[tombstone.count - 1] != tombstone.first + tombstone.count - 1) {
      return Error{Code::kCorrupt, fmt::format("{}: does not hold the deleted passages {} to {}", field_name,
                                               tombstone.first, tombstone.first + tombstone.count)};
    }
    const auto local = static_cast<std::uint32_t>(first - ids.begin());
    for (std::uint32_t i = 0; i < tombstone.count; ++i) segment.deleted.set(local + i);
  }
  segment.num_deleted = segment.deleted.count();
  return segment;
}

Result<std::string_view> TextCursor::read(std::uint64_t offset, std::uint64_t bytes) {
  if (offset < begin_ || offset - begin_ > buffer_.size() || bytes > buffer_.size() - (offset - begin_)) {
    const auto available = offset < file_.num_bytes() ? file_.num_bytes() - offset : 0;
    const auto wanted = std::max(bytes, std::min(available, kReadAheadBytes));
    TAMIS_TRY(buffer_, file_.read(offset, wanted));
    begin_ = offset;
  }
  return std::string_view(buffer_).substr(offset - begin_, bytes);
}

}  // namespace tamis::engine
