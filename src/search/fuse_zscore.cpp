#include <cmath>

#include "fuse_lists.h"

namespace tamis::search {
namespace {

constexpr ParameterInfo kParameters[] = {kDepthParameter};

ListValues values(std::span<const ScoredPassage> list, const MethodPart&) {
  const auto count = static_cast<double>(list.size());
  double sum = 0;
  for (const auto& one : list) sum += static_cast<double>(one.score);
  const double mean = sum / count;
  double squares = 0;
  for (const auto& one : list)
    squares += (static_cast<double>(one.score) - mean) * (static_cast<double>(one.score) - mean);
  const double deviation = std::sqrt(squares / count);
  ListValues out;
  for (const auto& one : list) {
    out.values.push_back(deviation > 0 ? (static_cast<double>(one.score) - mean) / deviation : 0);
  }
  out.absent = out.values.back();
  return out;
}

}  // namespace

/// (score - mean) / standard deviation, both of the list; what is not in a list has the value of its last passage.
/// Source: Montague & Aslam, "Relevance score normalization for metasearch", CIKM 2001 (zero mean, unit variance).
const ListFusion& zscore_fusion() {
  static const ListFusion kFusion = {{"zscore", "sum of (score - mean) / deviation of the list", kParameters}, values};
  return kFusion;
}

}  // namespace tamis::search
