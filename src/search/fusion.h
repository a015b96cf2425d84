#pragma once

#include <tamis/base/result.h>
#include <tamis/index/query_algorithm.h>
#include <tamis/search/pipeline.h>
#include <tamis/sparse/vector.h>

#include <cstddef>
#include <span>
#include <vector>

namespace tamis::search {

/// A question as one field is asked it.
struct FieldQuery {
  std::vector<index::SegmentView> views;  ///< the same segments, in the same order, for all fields
  sparse::SparseVector vector;
  index::PreparedQuery query;  ///< of `vector`, or of a sum
};

/// The `depth` best passages, best first, ties by id.
[[nodiscard]] Result<std::vector<ScoredPassage>> rank(const index::QueryAlgorithm& algorithm, const FieldQuery& field,
                                                      std::size_t depth, index::SearchStats& stats);

/// The best score that a field has for its question, 0 if it finds nothing.
[[nodiscard]] Result<Score> largest_score(const index::QueryAlgorithm& algorithm, const FieldQuery& field,
                                          index::SearchStats& stats);

/// One query that ranks by the sum of all fields' scores, each divided by the field's largest for the question. What a
/// field adds to a passage is whole numbers on one grid for all (index::prepare_sum), so one pass over the lists of all
/// fields, with the bounds of all, gives the exact ranking.
/// @par Cost  finding the best passage of each field, then of the ranking: that of a query with the terms of all
[[nodiscard]] Result<FieldQuery> sum_of(const index::QueryAlgorithm& algorithm, std::span<const FieldQuery> fields,
                                        index::SearchStats& stats);

}  // namespace tamis::search
