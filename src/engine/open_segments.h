#pragma once

#include <tamis/base/result.h>
#include <tamis/index/bitmap.h>
#include <tamis/index/sparse_field.h>
#include <tamis/sieve/block_index.h>
#include <tamis/store/catalogue.h>
#include <tamis/store/text_file.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "paths.h"
#include "settings.h"

namespace tamis::engine {

/// A published segment with its files open.
struct OpenSegment {
  store::SegmentRow row;
  index::SparseField field;                                ///< of its words, or the vectors that it was given
  std::vector<std::optional<index::SparseField>> vectors;  ///< one an encoder of the settings; none = still to be made
  std::shared_ptr<const sieve::BlockIndex> blocks;         ///< of all its fields; none = too small, or still to be made
  std::optional<store::TextFile> texts;                    ///< none in an index of vectors
  index::Bitmap deleted;                                   ///< of size 0 when nothing is deleted
  std::uint64_t num_deleted = 0;
  /// The field of a name; nullptr = it has none. As long as the segment stays where it is.
  [[nodiscard]] const index::SparseField* find_field(std::string_view name) const noexcept;
  [[nodiscard]] std::uint64_t num_live() const noexcept { return field.num_passages() - num_deleted; }
};

/// What a field of an encoder's vectors says of itself.
[[nodiscard]] index::FieldConfig field_config(const EncoderSettings& encoder);

/// Opens a segment and marks its tombstones. Cost: mapping the files, comparing the ids of its fields, and a binary
/// search a tombstone.
/// @par Errors  kNotFound when a file is missing; kCorrupt, also for tombstones outside the segment and for a field of
///   other passages or of another encoder than the settings say
[[nodiscard]] Result<OpenSegment> open_segment(const IndexPaths& paths, const store::SegmentRow& row,
                                               const std::vector<store::Tombstone>& tombstones,
                                               std::span<const EncoderSettings> encoders);

/// Ranges of a segment's stream, read mostly in order: neighbours come from one read.
class TextCursor {
 public:
  explicit TextCursor(const store::TextFile& file) : file_(file) {}
  /// Valid until the next call.
  [[nodiscard]] Result<std::string_view> read(std::uint64_t offset, std::uint64_t bytes);

 private:
  const store::TextFile& file_;
  std::uint64_t begin_ = 0;
  std::string buffer_;
};

}  // namespace tamis::engine
