#include "steps.h"

#include <tamis/search/method.h>

#include <vector>

#include "boosts.h"
#include "distinct.h"
#include "feedback.h"

namespace tamis::search {
namespace {

constexpr ParameterInfo kPruneParameters[] = {
    {"terms", 10, 1, 16384, "terms of the question that are kept, the heaviest", ParameterInfo::Kind::kWhole}};

constexpr ParameterInfo kRerankParameters[] = {
    {"n", 100, 1, 100000, "first passages that are scored anew", ParameterInfo::Kind::kWhole},
    {"weight", 0.5, 0, 1, "of the new score against the one before, both scaled; a field's own is 1"},
    {"top", 10, 1, 100000, "hits whose candidates cp and ee keep", ParameterInfo::Kind::kWhole},
    {"cp", 0, 0, 1, "only candidates of at least 1 - cp times the top-th score", ParameterInfo::Kind::kNumber, true},
    {"ee", 0, 1, 100000, "the end after so many candidates in a row below the top", ParameterInfo::Kind::kWhole, true},
    {"model", 0, 0, 0, "the model that rerank:dense and rerank:maxsim use", ParameterInfo::Kind::kName, false,
     "minilm"},
};

}  // namespace

std::span<const PartInfo> known_steps() {
  static const auto kInfos = [] {
    std::vector<PartInfo> infos;
    for (const auto* model : feedback_models()) infos.push_back(model->info);
    infos.push_back({kPruneStep, "searches with the heaviest terms of the question alone", kPruneParameters, true});
    for (const auto* boost : boosts()) infos.push_back(boost->info);
    infos.push_back(distinct_step());
    infos.push_back({kOnlyPrefix, "only this field ranks from here on", {}});
    infos.push_back(
        {kRerankPrefix,
         "scores the first passages anew: dense or maxsim, by a model's vectors, or by a field of the index",
         kRerankParameters});
    return infos;
  }();
  return kInfos;
}

}  // namespace tamis::search
