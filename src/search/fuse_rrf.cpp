#include "fuse_lists.h"

namespace tamis::search {
namespace {

constexpr ParameterInfo kParameters[] = {
    {"k", 60, 0, 1'000'000, "added to every rank: more = the first ranks count less"}, kDepthParameter};

ListValues values(std::span<const ScoredPassage> list, const MethodPart& part) {
  const double k = part.number("k");
  ListValues out;
  for (std::size_t rank = 1; rank <= list.size(); ++rank) out.values.push_back(1 / (k + static_cast<double>(rank)));
  return out;
}

}  // namespace

/// 1 / (k + rank); k = 60. Source: Cormack, Clarke & Buettcher, "Reciprocal rank fusion outperforms Condorcet and
/// individual rank learning methods", SIGIR 2009.
const ListFusion& rrf_fusion() {
  static const ListFusion kFusion = {{"rrf", "sum of 1 / (k + rank)", kParameters}, values};
  return kFusion;
}

}  // namespace tamis::search
