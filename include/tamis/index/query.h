#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/result.h>
#include <tamis/index/top_k.h>
#include <tamis/sparse/quantize.h>
#include <tamis/sparse/vector.h>

#include <cstdint>
#include <span>
#include <vector>

namespace tamis::index {

/// A query ready for a field: weights as whole numbers, so that sums are exact in 32 bits in any order and every
/// algorithm, segment split and instruction set gives the same score. The grid is 2^32 / levels steps over the sum of
/// the weights: a rounding of at most one part in 2^24 (8-bit fields) or 2^16 (16-bit fields) of that sum a term.
struct PreparedQuery {
  struct Term {
    TermId term = 0;
    std::uint32_t weight = 0;  ///< whole, >= 1
  };
  std::vector<Term> terms;  ///< ascending by term
  float unit = 0.0F;        ///< score = units * unit
  /// Of further fields of the same passages, on the same unit: the score is the sum over all. One a field of
  /// SegmentView::more.
  std::vector<PreparedQuery> more;
  [[nodiscard]] Score score(Units units) const noexcept {
    return static_cast<Score>(static_cast<double>(units) * static_cast<double>(unit));
  }
};
inline constexpr std::size_t kMaxQueryTerms = 16384;

/// @param query  terms ascending, weights finite and > 0
/// @par Errors   kInvalidArgument: unsorted, not finite, not positive; kExhausted: more than kMaxQueryTerms
[[nodiscard]] Result<PreparedQuery> prepare_query(sparse::SparseView query, const sparse::WeightScale& scale);

/// A field's share of a sum of scores.
struct QueryPart {
  sparse::SparseView query;   ///< as for prepare_query()
  sparse::WeightScale scale;  ///< of the field
  double factor = 1;          ///< what its score is multiplied with, finite and > 0
};
/// One query for several fields: the score of a passage is the sum of factor times the field's score. All on one grid,
/// so that sums over fields are as exact as those over terms.
/// @par Errors  as prepare_query(), for the terms of all parts together; kUnsupported for fields of different bits
[[nodiscard]] Result<PreparedQuery> prepare_sum(std::span<const QueryPart> parts);

}  // namespace tamis::index
