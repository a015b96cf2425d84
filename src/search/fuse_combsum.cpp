#include "fuse_lists.h"

namespace tamis::search {
namespace {

constexpr ParameterInfo kParameters[] = {kDepthParameter};

ListValues values(std::span<const ScoredPassage> list, const MethodPart&) {
  const auto most = static_cast<double>(list.front().score);
  const auto least = static_cast<double>(list.back().score);
  ListValues out;
  for (const auto& one : list) {
    out.values.push_back(most > least ? (static_cast<double>(one.score) - least) / (most - least) : 1);
  }
  return out;
}

}  // namespace

/// CombSUM over scores scaled to [0, 1] by the list's own least and largest. Sources: Fox & Shaw, "Combination of
/// multiple searches", TREC-2, 1994; the scaling: Lee, "Analyses of multiple evidence combination", SIGIR 1997.
const ListFusion& combsum_fusion() {
  static const ListFusion kFusion = {{"combsum", "sum of scores scaled by the list's least and largest", kParameters},
                                     values};
  return kFusion;
}

/// CombMNZ: the same, times the number of lists that have the passage.
const ListFusion& combmnz_fusion() {
  static const ListFusion kFusion = {
      {"combmnz", "combsum times the number of lists that have the passage", kParameters}, values, true};
  return kFusion;
}

}  // namespace tamis::search
