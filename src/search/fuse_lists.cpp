#include "fuse_lists.h"

#include <tamis/base/check.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

namespace tamis::search {
namespace {

/// The one list of fusions: methods, messages, tests and documentation read it.
const std::array<ListFusion, 7>& fusions() {
  static const std::array<ListFusion, 7> kAll = {
      ListFusion{{"minmax", "sum of scores divided by the largest of their field, exact, in one pass", {}}},
      rrf_fusion(),
      zscore_fusion(),
      percentile_fusion(),
      combsum_fusion(),
      combmnz_fusion(),
      mixture_fusion()};
  return kAll;
}

/// What one list says, passage by passage.
struct Said {
  std::unordered_map<PassageId, double> values;
  double absent = 0;
  double weight = 1;
};

Said read(const WeightedList& list, const ListFusion& fusion, const MethodPart& part) {
  Said out;
  out.weight = list.weight;
  if (list.passages.empty() || list.weight == 0) return out;
  const auto values = fusion.values(list.passages, part);
  out.absent = values.absent;
  out.values.reserve(list.passages.size());
  for (std::size_t i = 0; i < list.passages.size(); ++i) out.values.emplace(list.passages[i].id, values.values[i]);
  return out;
}

std::vector<Said> read_all(std::span<const WeightedList> lists, const ListFusion& fusion, const MethodPart& part) {
  std::vector<Said> said;
  for (const auto& list : lists) said.push_back(read(list, fusion, part));
  return said;
}

/// [lists] of one passage.
void shares_of(const std::vector<Said>& said, bool counts_lists, PassageId passage, std::vector<double>& out) {
  out.clear();
  double holding = 0;
  for (const auto& [values, absent, weight] : said) {
    const auto found = values.find(passage);
    holding += found == values.end() ? 0 : 1;
    out.push_back(weight * (found == values.end() ? absent : found->second));
  }
  if (!counts_lists) return;
  for (auto& share : out) share *= holding;
}

/// The same whatever the order.
double sum_of_shares(std::vector<double>& shares) {
  std::sort(shares.begin(), shares.end());
  double sum = 0;
  for (const double share : shares) sum += share;
  return sum;
}

}  // namespace

std::span<const PartInfo> known_fusions() {
  static const auto kInfos = [] {
    std::vector<PartInfo> infos;
    for (const auto& one : fusions()) infos.push_back(one.info);
    return infos;
  }();
  return kInfos;
}

const ListFusion& fusion_of(const MethodPart& part) {
  const auto found =
      std::find_if(fusions().begin(), fusions().end(), [&](const auto& one) { return one.info.name == part.name; });
  TAMIS_CHECK(found != fusions().end(), "a fusion that parse_method() accepts");
  return *found;
}

std::vector<ScoredPassage> fuse(std::span<const WeightedList> lists, const MethodPart& part) {
  const auto& fusion = fusion_of(part);
  const auto said = read_all(lists, fusion, part);
  std::vector<PassageId> ids;
  for (const auto& one : said) {
    for (const auto& entry : one.values) ids.push_back(entry.first);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::vector<ScoredPassage> out;
  out.reserve(ids.size());
  std::vector<double> shares;
  for (const auto id : ids) {
    shares_of(said, fusion.counts_lists, id, shares);
    out.push_back({id, static_cast<Score>(sum_of_shares(shares))});
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  return out;
}

std::vector<double> fused_shares(std::span<const WeightedList> lists, const MethodPart& part, PassageId passage) {
  const auto& fusion = fusion_of(part);
  std::vector<double> shares;
  shares_of(read_all(lists, fusion, part), fusion.counts_lists, passage, shares);
  return shares;
}

}  // namespace tamis::search
