#include <tamis/sparse/bm25.h>

#include <algorithm>

#include "feedback.h"

namespace tamis::search {
namespace {

constexpr ParameterInfo kParameters[] = {
    {"docs", 3, 0, 1000, "passages that are learned from", ParameterInfo::Kind::kWhole},
    {"terms", 20, 0, 10000, "terms that they give beside those of the question", ParameterInfo::Kind::kWhole},
    kAlphaParameter,
    kBetaParameter,
    {"gamma", 0, 0, 1000, "what passages that are not meant weigh"},
};

/// The mean of passages of length 1.
std::vector<TermWeight> centre(const FeedbackInput& input, std::span<const FeedbackPassage> passages) {
  std::vector<TermWeight> all;
  for (const auto& passage : passages) {
    auto terms = terms_of(passage.vector);
    for (auto& [term, weight] : terms) {
      if (!input.words) break;
      const auto frequency = std::min(input.document_frequency(term), input.num_passages);
      weight *= static_cast<double>(sparse::bm25_idf(input.num_passages, frequency));
    }
    scale_to_one(terms, Norm::kLength);
    for (const auto& [term, weight] : terms) all.push_back({term, weight / static_cast<double>(passages.size())});
  }
  return sum_by_term(std::move(all));
}

sparse::SparseVector expand(const FeedbackInput& input, const MethodPart& part) {
  auto query = terms_of(input.query);
  scale_to_one(query, Norm::kLength);
  std::vector<TermWeight> moved;
  for (const auto& [term, weight] : centre(input, input.passages))
    moved.push_back({term, part.number("beta") * weight});
  for (const auto& [term, weight] : centre(input, input.against)) {
    moved.push_back({term, -part.number("gamma") * weight});
  }
  moved = sum_by_term(std::move(moved));
  // Terms of the question always stay; of the others the heaviest.
  std::vector<TermWeight> known, others;
  for (const auto& one : moved) {
    const bool asked = std::binary_search(input.query.terms.begin(), input.query.terms.end(), one.term);
    if (asked) {
      known.push_back(one);
    } else if (one.weight > 0) {
      others.push_back(one);
    }
  }
  keep_heaviest(others, static_cast<std::size_t>(part.number("terms")));
  known.insert(known.end(), others.begin(), others.end());
  return add_up(query, part.number("alpha"), sum_by_term(std::move(known)), 1);
}

}  // namespace

/// q' = alpha q + beta mean(wanted) - gamma mean(unwanted), all of length 1. Source: Rocchio, "Relevance feedback in
/// information retrieval", 1971; on vectors of encoders Li et al., "Pseudo relevance feedback with deep language models
/// and dense retrievers", arXiv:2108.11044. We differ: few terms are kept, so that the question stays cheap.
const FeedbackModel& rocchio_feedback() {
  static const FeedbackModel kModel = {
      {"rocchio", "moves the question of every field towards the first passages", kParameters, true}, expand, false};
  return kModel;
}

}  // namespace tamis::search
