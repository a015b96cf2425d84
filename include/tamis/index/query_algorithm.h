#pragma once

#include <tamis/base/result.h>
#include <tamis/index/bitmap.h>
#include <tamis/index/query.h>
#include <tamis/index/sparse_field.h>
#include <tamis/index/top_k.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace tamis::index {

/// Counted work of a query: what a test can gate on, and what --stats prints.
struct SearchStats {
  std::uint64_t postings_total = 0;   ///< of the query's lists
  std::uint64_t postings_scored = 0;  ///< added to an accumulator or looked up
  std::uint64_t windows_total = 0;
  std::uint64_t windows_scored = 0;
  std::uint64_t candidates = 0;  ///< passages whose other terms were looked up
};

/// One segment as a query sees it.
struct SegmentView {
  const SparseField* field = nullptr;
  const Bitmap* allowed = nullptr;  ///< passages that may be found (filter and not deleted); nullptr = all
  /// Further fields of the same passages, for queries with as many `more`; of as many bits.
  std::vector<const SparseField*> more = {};
};
/// Exact score of a passage from the forward records of all fields.
[[nodiscard]] std::uint32_t score_passage(const SegmentView& segment, LocalId passage, const PreparedQuery& query);

/// One way of finding the k best passages. Methods are interchangeable: same inputs, same outputs, other cost.
class QueryAlgorithm {
 public:
  virtual ~QueryAlgorithm() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  /// True if the result always equals "exhaustive", ties included.
  [[nodiscard]] virtual bool exact() const noexcept = 0;
  /// Offers the passages of one segment to `top`, which may hold those of others already. Safe from several threads.
  virtual void search(const SegmentView& segment, const PreparedQuery& query, TopK& top, SearchStats& stats) const = 0;
};

/// The one list of methods. First the default, last the definition ("exhaustive").
[[nodiscard]] std::span<const std::string_view> query_algorithm_names() noexcept;
/// kInvalidArgument lists the known ones.
[[nodiscard]] Result<std::unique_ptr<QueryAlgorithm>> make_query_algorithm(std::string_view name);

/// Chooses the variants of all kernels now, instead of when each is first used: then kernel_choices() lists them all.
void choose_kernels();

/// All segments, one after the other, into `top`, which may hold passages of others. kCorrupt when a list that the
/// query needs is damaged; kInvalidArgument when a segment has not as many fields as the query.
[[nodiscard]] Status search_segments(const QueryAlgorithm& algorithm, std::span<const SegmentView> segments,
                                     const PreparedQuery& query, TopK& top, SearchStats& stats);
/// The same, best first.
[[nodiscard]] Result<std::vector<Candidate>> search_segments(const QueryAlgorithm& algorithm,
                                                             std::span<const SegmentView> segments,
                                                             const PreparedQuery& query, std::size_t k,
                                                             SearchStats& stats);

}  // namespace tamis::index
