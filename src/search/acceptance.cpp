#include "acceptance.h"

#include <algorithm>

namespace tamis::search {
namespace {

/// How much deeper each look goes when too few of the best are accepted.
constexpr std::size_t kDeepen = 4;

}  // namespace

Result<bool> Acceptance::accepts(PassageId id) {
  if (!phrases_.empty()) {
    TAMIS_TRY(const bool passes, phrases_.passes(id));
    if (!passes) return false;
  }
  if (!group_documents_) return true;
  TAMIS_TRY(const auto document, collection_.document_of(id));
  return documents_.insert(document).second;
}

Result<std::vector<ScoredPassage>> take_accepted(const Ranking& ranking, Acceptance& acceptance, std::size_t k) {
  std::vector<ScoredPassage> taken;
  std::unordered_set<PassageId> checked;
  for (std::size_t depth = k; taken.size() < k; depth *= kDeepen) {
    if (ranking.changes_with_depth) {
      taken.clear();
      checked.clear();
      acceptance.restart();
    }
    TAMIS_TRY(const auto ranked, ranking.best(depth));
    for (std::size_t i = 0; i < ranked.size() && taken.size() < k; ++i) {
      if (depth > k && !checked.insert(ranked[i].id).second) continue;
      TAMIS_TRY(const bool accepted, acceptance.accepts(ranked[i].id));
      if (accepted) taken.push_back(ranked[i]);
    }
    if (ranked.size() < depth) break;
    if (depth == k && taken.size() < k) {
      for (const auto& one : ranked) checked.insert(one.id);
    }
  }
  std::stable_sort(taken.begin(), taken.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  return taken;
}

}  // namespace tamis::search
