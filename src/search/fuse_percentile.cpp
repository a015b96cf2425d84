#include "fuse_lists.h"

namespace tamis::search {
namespace {

constexpr ParameterInfo kParameters[] = {kDepthParameter};

ListValues values(std::span<const ScoredPassage> list, const MethodPart&) {
  ListValues out;
  out.values.resize(list.size());
  const auto count = static_cast<double>(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    const bool tied = i > 0 && list[i].score == list[i - 1].score;
    out.values[i] = tied ? out.values[i - 1] : static_cast<double>(list.size() - i) / count;
  }
  return out;
}

}  // namespace

/// The share of the list that does not score higher: the list's empirical distribution at the score.
const ListFusion& percentile_fusion() {
  static const ListFusion kFusion = {{"percentile", "sum of the shares of the list that are not better", kParameters},
                                     values};
  return kFusion;
}

}  // namespace tamis::search
