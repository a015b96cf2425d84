#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <tamis/base/ids.h>
#include <tamis/base/result.h>
#include <tamis/base/section_file.h>
#include <tamis/index/bitmap.h>
#include <tamis/index/field_builder.h>
#include <tamis/index/query.h>
#include <vector>

namespace tamis::index {

/// Passages are numbered 0 … n-1 in a segment and cut into windows of this many: the unit of a block, of its bound and
/// of the accumulators that a query scores into (16 KiB of them, inside L1).
inline constexpr std::uint32_t kWindowPassages = 4096;
/// Lists up to this length have no blocks: passage numbers and weights only.
inline constexpr std::uint32_t kShortList = 256;
/// For k = 1, 10, 100, 1000 a list knows its k-th largest level, to seed thresholds with.
inline constexpr std::uint32_t kSeedRanks[4] = {1, 10, 100, 1000};

/// A posting block: the passages of one window that hold a term.
struct Block {
  std::uint32_t window = 0;    ///< passages [window * 4096, …)
  std::uint32_t max_level = 0; ///< bound: no level in the block is above
  std::uint32_t count = 0;     ///< postings
  std::uint32_t dense = 0;     ///< 1: a level for each of the window's passages; 0: u16 offsets, then levels
  std::uint64_t offset = 0;    ///< into the payload, bytes; even for sparse, multiple of 64 for dense blocks
};

/// A posting list's directory entry.
struct List {
  std::uint32_t count = 0;       ///< postings = passages that hold the term
  std::uint32_t num_blocks = 0;  ///< 0 = short list
  std::uint64_t first = 0;       ///< first block, or first posting of the short-list arrays
  std::uint16_t seed_levels[4] = {0, 0, 0, 0};  ///< k-th largest level for kSeedRanks, 0 = list is shorter than k
};

/// A term's weights of a passage, in the forward file.
struct ForwardRecord {
  std::span<const std::uint16_t> terms16;  ///< one of the two is used: numbers of the segment's own term list
  std::span<const std::uint32_t> terms32;
  std::span<const std::uint8_t> levels8;  ///< one of the two
  std::span<const std::uint16_t> levels16;
};

/// One segment's sparse vector field, mapped. Opens without a catalogue. Immutable; safe from any thread.
class SparseField {
 public:
  /// Checks structure and every directory entry against the sizes of the arrays, so that a query cannot read outside the
  /// file whatever its bytes are. Does not read the postings: verify() does.
  /// @par Errors  kCorrupt, kUnsupported, kNotFound, kIo, all naming the file
  [[nodiscard]] static Result<SparseField> open(const std::filesystem::path& path);

  [[nodiscard]] const FieldConfig& config() const noexcept;
  [[nodiscard]] std::uint32_t num_passages() const noexcept;
  [[nodiscard]] std::uint64_t num_postings() const noexcept;
  [[nodiscard]] std::uint32_t num_terms() const noexcept;
  [[nodiscard]] std::uint64_t size_bytes() const noexcept;
  /// [num_passages] ascending
  [[nodiscard]] std::span<const PassageId> ids() const noexcept;
  /// [num_terms] ascending global term ids
  [[nodiscard]] std::span<const TermId> terms() const noexcept;
  /// Local number of a passage.
  [[nodiscard]] std::optional<LocalId> local(PassageId id) const noexcept;
  /// Number of a global term in terms().
  [[nodiscard]] std::optional<std::uint32_t> term_number(TermId term) const noexcept;
  /// How many passages hold the term (deleted ones included).
  [[nodiscard]] std::uint32_t document_frequency(TermId term) const noexcept;
  /// The passages that hold the term; all-zero if none.
  [[nodiscard]] Bitmap passages_with(TermId term) const;
  /// A passage's stored vector: global terms ascending and levels. For merging, feedback, explanations.
  void vector(LocalId passage, std::vector<TermId>& terms, std::vector<std::uint16_t>& levels) const;
  /// Exact score of one passage from its forward record, in O(terms of passage + terms of query).
  [[nodiscard]] std::uint32_t score(LocalId passage, const PreparedQuery& query) const;
  /// Checksums, order and bounds of everything, postings against forward records; kCorrupt names file and what.
  [[nodiscard]] Status verify() const;

  struct Parts;  // arrays, for query algorithms (src/index/field_parts.h)
  [[nodiscard]] const Parts& parts() const noexcept { return *parts_; }

 private:
  explicit SparseField(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  std::shared_ptr<const Parts> parts_;
};

/// Merges segments of one field into a new file, leaving out deleted passages. The passage order is by id. Equal bit for
/// bit to building from the vectors at once.
/// @param deleted  one a field, or nullptr
[[nodiscard]] Result<FieldReport> merge_fields(std::span<const SparseField> fields,
                                               std::span<const Bitmap* const> deleted,
                                               const std::filesystem::path& path, ThreadPool& pool);

}  // namespace tamis::index
