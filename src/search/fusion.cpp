#include "fusion.h"

namespace tamis::search {

Result<std::vector<ScoredPassage>> rank(const index::QueryAlgorithm& algorithm, const FieldQuery& field,
                                        std::size_t depth, index::SearchStats& stats) {
  std::vector<ScoredPassage> ranked;
  TAMIS_TRY(const auto best, index::search_segments(algorithm, field.views, field.query, depth, stats));
  ranked.reserve(best.size());
  for (const auto& [id, units] : best) ranked.push_back({id, field.query.score(units)});
  return ranked;
}

Result<Score> largest_score(const index::QueryAlgorithm& algorithm, const FieldQuery& field,
                            index::SearchStats& stats) {
  TAMIS_TRY(const auto best, rank(algorithm, field, 1, stats));
  return best.empty() ? Score{0} : best.front().score;
}

Result<FieldQuery> sum_of(const index::QueryAlgorithm& algorithm, std::span<const FieldQuery> fields,
                          index::SearchStats& stats) {
  FieldQuery sum;
  std::vector<index::QueryPart> parts;
  for (const auto& field : fields) {
    TAMIS_TRY(const auto largest, largest_score(algorithm, field, stats));
    if (largest <= 0) continue;  // it says nothing of any passage
    parts.push_back({field.vector, field.views.front().field->config().scale, 1.0 / static_cast<double>(largest)});
    if (parts.size() == 1) {
      sum.views = field.views;
    } else {
      for (std::size_t s = 0; s < sum.views.size(); ++s) sum.views[s].more.push_back(field.views[s].field);
    }
  }
  TAMIS_TRY(sum.query, index::prepare_sum(parts));
  return sum;
}

}  // namespace tamis::search
