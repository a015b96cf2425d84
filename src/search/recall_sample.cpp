#include "recall_sample.h"

#include "fusion.h"

namespace tamis::search {

RecallSample::RecallSample(const Collection& collection) {
  const auto segments = collection.segments();
  for (std::size_t s = 0; s < segments.size(); ++s) {
    const auto* index = segments[s].blocks.index;
    if (index == nullptr || (index_ != nullptr && index->num_passages() <= index_->num_passages())) continue;
    index_ = index;
    segment_ = s;
  }
}

Status RecallSample::add(const Ranker& ranker, std::span<const FieldQuery> fields) {
  if (index_ == nullptr || fields.empty()) return ok();
  FieldQuery sum;
  if (fields.size() > 1) {
    Work ignored;
    TAMIS_TRY(sum, sum_of(ranker, fields, ignored));
  }
  const auto& asked = fields.size() > 1 ? sum : fields.front();
  if (asked.views.empty()) return ok();  // no field knows a word of it
  auto query = query_for_blocks(*asked.blocks[segment_], asked.views[segment_], asked.query);
  TAMIS_TRY_OK(index_->check_lists(query));
  if (!query.terms.empty()) queries_.push_back(std::move(query));
  return ok();
}

Result<sieve::RecallCurve> RecallSample::fit(std::size_t k, ThreadPool& pool, ProgressSink& progress) const {
  if (index_ == nullptr) {
    return Error{Code::kInvalidArgument, "no segment has an index of blocks: searches are exact, whatever is asked"};
  }
  return sieve::fit_recall_curve(*index_, queries_, k, pool, progress);
}

}  // namespace tamis::search
