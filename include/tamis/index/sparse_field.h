#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/result.h>
#include <tamis/base/section_file.h>
#include <tamis/index/bitmap.h>
#include <tamis/index/field_builder.h>
#include <tamis/index/query.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace tamis::index {

/// Passages are numbered 0 … n-1 in a segment and cut into windows of this many: the unit of a block, of its bound and
/// of the accumulators that a query scores into (16 KiB of them, inside L1).
inline constexpr std::uint32_t kWindowPassages = 4096;
/// Lists up to this length have no blocks: passage numbers and weights only.
inline constexpr std::uint32_t kShortList = 256;
/// For k = 1, 10, 100, 1000 a list knows its k-th largest level, to seed thresholds with.
inline constexpr std::uint32_t kSeedRanks[4] = {1, 10, 100, 1000};

/// A posting block: the passages of one window that hold a term. Stored as it is.
struct Block {
  std::uint32_t window = 0;          ///< passages [window * 4096, …)
  std::uint16_t max_level = 0;       ///< bound: no level in the block is above
  std::uint16_t count_and_kind = 0;  ///< postings, 1 … 4096; top bit: dense
  std::uint64_t offset = 0;          ///< into the payload, bytes
  static constexpr std::uint16_t kDense = 0x8000;
  [[nodiscard]] std::uint32_t count() const noexcept { return count_and_kind & (kDense - 1U); }
  /// Dense: a level for each of the window's passages. Else u16 offsets into the window, then levels.
  [[nodiscard]] bool dense() const noexcept { return (count_and_kind & kDense) != 0; }
};
static_assert(sizeof(Block) == 16);

/// A posting list's directory entry. Stored as it is.
struct List {
  std::uint32_t count = 0;                      ///< postings = passages that hold the term
  std::uint32_t num_blocks = 0;                 ///< 0 = short list
  std::uint64_t first = 0;                      ///< first block, or first posting of the short-list arrays
  std::uint16_t seed_levels[4] = {0, 0, 0, 0};  ///< k-th largest level for kSeedRanks, 0 = list is shorter than k
  std::uint64_t checksum = 0;  ///< of blocks and payload, or of the short list: checked when the list is first used
};
static_assert(sizeof(List) == 32);

/// One segment's sparse vector field, mapped. Opens without a catalogue. Immutable; safe from any thread.
class SparseField {
 public:
  /// Checks the directories (checksums, order, every entry against the sizes of the arrays), so that a query cannot
  /// read outside the file whatever its bytes are: a few ms for a million terms. Postings are checked when first used.
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
  /// The passages that hold the term; all-zero if none. kCorrupt when its list is damaged.
  [[nodiscard]] Result<Bitmap> passages_with(TermId term) const;
  /// Compares the checksums of the query's lists that have not been used before (each once while the file is open), so
  /// that a damaged list is an error and never an answer. Search functions call it.
  [[nodiscard]] Status check_lists(const PreparedQuery& query) const;
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

/// Merges segments of one field into a new file, leaving out deleted passages. The passage order is by id. Equal bit
/// for bit to building from the vectors at once.
/// @param deleted  one a field, or nullptr
[[nodiscard]] Result<FieldReport> merge_fields(std::span<const SparseField> fields,
                                               std::span<const Bitmap* const> deleted,
                                               const std::filesystem::path& path, ThreadPool& pool);

}  // namespace tamis::index
