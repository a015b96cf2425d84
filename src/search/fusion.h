#pragma once

#include <tamis/base/result.h>
#include <tamis/index/query_algorithm.h>
#include <tamis/search/pipeline.h>

#include <cstddef>
#include <span>
#include <vector>

namespace tamis::search {

/// A question as one field is asked it.
struct FieldQuery {
  std::vector<index::SegmentView> views;  ///< the same segments, in the same order, for all fields
  index::PreparedQuery query;
};

/// The `depth` best passages by one field's own score, best first, ties by id.
[[nodiscard]] Result<std::vector<ScoredPassage>> rank_by_field(const index::QueryAlgorithm& algorithm,
                                                               const FieldQuery& field, std::size_t depth,
                                                               index::SearchStats& stats);

/// The `depth` best by the sum of all fields' scores, each divided by the field's largest for the question: exact, ties
/// by id. Reads the best of each field, looks up what the others say of them, and goes deeper until nothing that it has
/// not seen can be better: the threshold algorithm of Fagin, Lotem & Naor, "Optimal Aggregation Algorithms for
/// Middleware", 2003, in steps that grow fourfold.
[[nodiscard]] Result<std::vector<ScoredPassage>> rank_by_sum(const index::QueryAlgorithm& algorithm,
                                                             std::span<const FieldQuery> fields, std::size_t depth,
                                                             index::SearchStats& stats);

}  // namespace tamis::search
