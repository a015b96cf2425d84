#pragma once

#include <tamis/base/result.h>
#include <tamis/index/query_algorithm.h>
#include <tamis/search/collection.h>
#include <tamis/search/pipeline.h>
#include <tamis/sieve/block_index.h>
#include <tamis/sparse/vector.h>

#include <cstddef>
#include <string>
#include <vector>

namespace tamis::search {

/// A question as one field, or a sum of fields, is asked it.
struct FieldQuery {
  std::string name;                       ///< of the field
  std::vector<index::SegmentView> views;  ///< the same segments, in the same order, for all fields
  sparse::SparseVector vector;
  index::PreparedQuery query;                     ///< of `vector`, or of a sum
  std::vector<const SegmentBlocks*> blocks = {};  ///< one a view or none at all; nullptr = the segment has none
  double weight = 1;                              ///< in fusions, >= 0
};

/// A query of one or more fields as an index of blocks is asked it.
[[nodiscard]] index::PreparedQuery query_for_blocks(const SegmentBlocks& blocks, const index::SegmentView& view,
                                                    const index::PreparedQuery& query);

/// Finds the best passages of all segments: by blocks where a segment has them, by windows elsewhere. What has been
/// found in one segment saves reading in the next, so the largest come first.
class Ranker {
 public:
  /// @param windows     for segments without blocks
  /// @param use_blocks  false: windows everywhere
  /// @param scratch     for this thread
  Ranker(const index::QueryAlgorithm& windows, bool use_blocks, sieve::SearchScratch& scratch)
      : windows_(windows), use_blocks_(use_blocks), scratch_(scratch) {}

  /// The `depth` best passages, best first, ties by id. With an exact effort the same by blocks as by windows.
  /// @par Errors  as index::search_segments()
  [[nodiscard]] Result<std::vector<ScoredPassage>> best(const FieldQuery& question, std::size_t depth,
                                                        const sieve::Effort& effort, Work& work) const;
  /// The best score for a question, 0 if nothing is found. Exact.
  [[nodiscard]] Result<Score> largest_score(const FieldQuery& question, Work& work) const;

 private:
  /// Of a segment, numbered as its blocks do; nullptr where it is to be searched by windows.
  [[nodiscard]] const SegmentBlocks* blocks_of(const FieldQuery& question, std::size_t segment) const;
  [[nodiscard]] Status search_blocks(const SegmentBlocks& blocks, const index::SegmentView& view,
                                     const index::PreparedQuery& query, const sieve::Effort& effort, index::TopK& top,
                                     Work& work) const;

  const index::QueryAlgorithm& windows_;
  bool use_blocks_;
  sieve::SearchScratch& scratch_;
};

}  // namespace tamis::search
