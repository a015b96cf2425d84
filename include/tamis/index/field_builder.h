#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>
#include <tamis/sparse/quantize.h>
#include <tamis/sparse/vector.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace tamis::index {

/// What a sparse vector field is: the same in all segments of a collection, stored in each.
struct FieldConfig {
  std::string name;         ///< "bm25", "splade-tiny" …
  std::string fingerprint;  ///< of the encoder: fields of different encoders never meet
  sparse::WeightScale scale;
  bool operator==(const FieldConfig&) const = default;
};

struct FieldReport {
  std::uint64_t num_passages = 0, num_postings = 0, num_terms = 0, num_clipped = 0, file_bytes = 0;
};

/// Gathers the vectors of a segment and writes its field file (docs/formats/sparse-field.md). Memory: 4 bytes + a
/// weight a posting until finish(), up to twice that where they were not reserved; during it 12 bytes + a weight more.
/// Not thread-safe.
class FieldBuilder {
 public:
  explicit FieldBuilder(FieldConfig config);
  /// Vectors in ascending passage id. An empty vector is a passage that nothing finds.
  /// @par Errors  kInvalidArgument: id not ascending, terms not ascending, weight not finite or not positive
  Status add(PassageId id, sparse::SparseView vector);
  /// The same with stored levels (1 … levels), as merging uses it: nothing is rounded twice.
  Status add_levels(PassageId id, std::span<const TermId> terms, std::span<const std::uint16_t> levels);
  [[nodiscard]] std::uint32_t num_passages() const noexcept { return static_cast<std::uint32_t>(ids_.size()); }
  [[nodiscard]] std::uint64_t num_postings() const noexcept { return terms_.size(); }
  /// Room for so much, where it is known.
  void reserve(std::uint64_t passages, std::uint64_t postings);
  /// What finish() will take together with what is gathered, about.
  [[nodiscard]] std::uint64_t finish_bytes() const noexcept;
  /// Inverts and writes; the file appears complete or not at all. The same file whatever the pool's size.
  [[nodiscard]] Result<FieldReport> finish(const std::filesystem::path& path, ThreadPool& pool);

 private:
  FieldConfig config_;
  std::vector<PassageId> ids_;
  std::vector<std::uint64_t> starts_{0};  // [num_passages + 1] into terms_
  std::vector<TermId> terms_;
  std::vector<std::uint8_t> levels8_;    // 8-bit fields
  std::vector<std::uint16_t> levels16_;  // 16-bit fields
  std::vector<std::uint16_t> scratch_;
  std::uint64_t num_clipped_ = 0;
};

}  // namespace tamis::index
