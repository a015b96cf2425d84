#include "ranker.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace tamis::search {
namespace {

/// The number of a field among those of an index of blocks; their count if it is not there.
std::size_t number_of(const SegmentBlocks& blocks, const index::SparseField* field) {
  const auto& fields = blocks.fields;
  return static_cast<std::size_t>(std::find(fields.begin(), fields.end(), field) - fields.begin());
}

}  // namespace

index::PreparedQuery query_for_blocks(const SegmentBlocks& blocks, const index::SegmentView& view,
                                      const index::PreparedQuery& query) {
  if (blocks.fields.size() == 1) return query;
  index::PreparedQuery out;
  out.unit = query.unit;
  const auto add = [&](const index::SparseField* field, const index::PreparedQuery& part) {
    const auto number = number_of(blocks, field);
    for (const auto& [term, weight] : part.terms) {
      // Numbers beyond what the fields have are terms of queries that no passage holds.
      const auto common = std::uint64_t{term} * blocks.fields.size() + number;
      if (common <= std::numeric_limits<TermId>::max()) out.terms.push_back({static_cast<TermId>(common), weight});
    }
  };
  add(view.field, query);
  for (std::size_t i = 0; i < query.more.size(); ++i) add(view.more[i], query.more[i]);
  std::sort(out.terms.begin(), out.terms.end(), [](const auto& a, const auto& b) { return a.term < b.term; });
  return out;
}

const SegmentBlocks* Ranker::blocks_of(const FieldQuery& question, std::size_t segment) const {
  if (!use_blocks_ || segment >= question.blocks.size()) return nullptr;
  const auto* blocks = question.blocks[segment];
  if (blocks == nullptr || blocks->index == nullptr) return nullptr;
  const auto has = [&](const index::SparseField* field) { return number_of(*blocks, field) < blocks->fields.size(); };
  const auto& view = question.views[segment];
  return has(view.field) && std::all_of(view.more.begin(), view.more.end(), has) ? blocks : nullptr;
}

Status Ranker::search_blocks(const SegmentBlocks& blocks, const index::SegmentView& view,
                             const index::PreparedQuery& query, const sieve::Effort& effort, index::TopK& top,
                             Work& work) const {
  const sieve::Wanted wanted{view.allowed, top.threshold() > 1 ? top.threshold() : 0};
  const auto ids = view.field->ids();
  const auto found =
      blocks.index->search(query_for_blocks(blocks, view, query), top.k(), effort, scratch_, &work.blocks, wanted);
  for (const auto& [local, units] : found) top.push(ids[local], units);
  if (found.size() == top.k() && !found.empty()) top.seed(found.back().units);
  return ok();
}

Result<std::vector<ScoredPassage>> Ranker::best(const FieldQuery& question, std::size_t depth,
                                                const sieve::Effort& effort, Work& work) const {
  std::vector<std::size_t> by_blocks;
  std::vector<index::SegmentView> by_windows;
  for (std::size_t s = 0; s < question.views.size(); ++s) {
    if (blocks_of(question, s) != nullptr) {
      by_blocks.push_back(s);
    } else {
      by_windows.push_back(question.views[s]);
    }
  }
  const auto size_of = [&](std::size_t s) { return question.views[s].field->num_passages(); };
  std::stable_sort(by_blocks.begin(), by_blocks.end(),
                   [&](std::size_t a, std::size_t b) { return size_of(a) > size_of(b); });
  index::TopK top(depth);
  for (const auto s : by_blocks) {
    TAMIS_TRY_OK(search_blocks(*question.blocks[s], question.views[s], question.query, effort, top, work));
  }
  TAMIS_TRY_OK(index::search_segments(windows_, by_windows, question.query, top, work.windows));
  std::vector<ScoredPassage> ranked;
  const auto best = top.take_sorted();
  ranked.reserve(best.size());
  for (const auto& [id, units] : best) ranked.push_back({id, question.query.score(units)});
  return ranked;
}

Result<Score> Ranker::largest_score(const FieldQuery& question, Work& work) const {
  TAMIS_TRY(const auto best, this->best(question, 1, {}, work));
  return best.empty() ? Score{0} : best.front().score;
}

}  // namespace tamis::search
