#pragma once

#include <tamis/search/method.h>
#include <tamis/search/pipeline.h>

#include <cstddef>
#include <span>
#include <vector>

namespace tamis::search {

/// What a list says of passages, on a scale that lists have in common.
struct ListValues {
  std::vector<double> values;  ///< [passages of the list]
  double absent = 0;           ///< of a passage that is not in it
};

/// A way of making ranked lists one: each list is brought to a common scale by itself, and a passage has the sum over
/// lists of weight times value. Thus the order of lists says nothing, and one list is its own ranking.
struct ListFusion {
  PartInfo info;
  /// Values that never grow down the list, equal for equal scores unless ranks alone count. nullptr = the sum of one
  /// pass (sum_of), which needs no lists.
  /// @param list  best first, ties by id, not empty
  ListValues (*values)(std::span<const ScoredPassage> list, const MethodPart& part) = nullptr;
  bool counts_lists = false;  ///< the sum is multiplied by the number of lists that have the passage
};

// One file each; fuse_lists.cpp has them in one list.
[[nodiscard]] const ListFusion& rrf_fusion();
[[nodiscard]] const ListFusion& zscore_fusion();
[[nodiscard]] const ListFusion& percentile_fusion();
[[nodiscard]] const ListFusion& combsum_fusion();
[[nodiscard]] const ListFusion& combmnz_fusion();
[[nodiscard]] const ListFusion& mixture_fusion();
/// @pre the name is that of a known fusion
[[nodiscard]] const ListFusion& fusion_of(const MethodPart& part);

/// How much of each field's ranking is fused, at least.
inline constexpr ParameterInfo kDepthParameter = {
    "depth", 1000, 1, 1'000'000, "passages of each field that are fused", ParameterInfo::Kind::kWhole};

struct WeightedList {
  std::vector<ScoredPassage> passages;  ///< best first, ties by id
  double weight = 1;                    ///< >= 0; a list of weight 0 says nothing
};

/// The fused ranking: best first, ties by id.
/// @par Cost  linear in the lists, and a sort of their union
[[nodiscard]] std::vector<ScoredPassage> fuse(std::span<const WeightedList> lists, const MethodPart& part);
/// What each list adds to the score of one passage; their sum is the score, but for rounding.
[[nodiscard]] std::vector<double> fused_shares(std::span<const WeightedList> lists, const MethodPart& part,
                                               PassageId passage);

}  // namespace tamis::search
