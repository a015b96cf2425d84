#include "fusion.h"

namespace tamis::search {

Result<FieldQuery> sum_of(const Ranker& ranker, std::span<const FieldQuery> fields, Work& work) {
  FieldQuery sum;
  std::vector<index::QueryPart> parts;
  for (const auto& field : fields) {
    if (field.weight == 0) continue;
    TAMIS_TRY(const auto largest, ranker.largest_score(field, work));
    if (largest <= 0) continue;  // it says nothing of any passage
    parts.push_back(
        {field.vector, field.views.front().field->config().scale, field.weight / static_cast<double>(largest)});
    if (parts.size() == 1) {
      sum.views = field.views;
      sum.blocks = field.blocks;
    } else {
      for (std::size_t s = 0; s < sum.views.size(); ++s) sum.views[s].more.push_back(field.views[s].field);
    }
  }
  TAMIS_TRY(sum.query, index::prepare_sum(parts));
  return sum;
}

}  // namespace tamis::search
