#include <tamis/sparse/bm25.h>

#include <algorithm>

#include "feedback.h"

namespace tamis::search {
namespace {

constexpr ParameterInfo kParameters[] = {
    {"docs", 10, 0, 1000, "passages that are learned from", ParameterInfo::Kind::kWhole},
    {"terms", 20, 0, 10000, "terms that they give", ParameterInfo::Kind::kWhole},
    kAlphaParameter,
    kBetaParameter,
    {"common", 0.1, 0, 1, "terms in more than this share of all passages say nothing"},
};

sparse::SparseVector expand(const FeedbackInput& input, const MethodPart& part) {
  double scores = 0;
  for (const auto& passage : input.passages) scores += std::max(0.0, passage.score);
  std::vector<TermWeight> all;
  for (const auto& passage : input.passages) {
    auto terms = terms_of(passage.vector);
    scale_to_one(terms, Norm::kSum);
    const double likelihood =
        scores > 0 ? std::max(0.0, passage.score) / scores : 1.0 / static_cast<double>(input.passages.size());
    for (const auto& [term, weight] : terms) all.push_back({term, likelihood * weight});
  }
  auto model = sum_by_term(std::move(all));
  const double most = part.number("common") * static_cast<double>(input.num_passages);
  model.erase(
      std::remove_if(model.begin(), model.end(),
                     [&](const auto& one) { return static_cast<double>(input.document_frequency(one.term)) > most; }),
      model.end());
  keep_heaviest(model, static_cast<std::size_t>(part.number("terms")));
  for (auto& [term, weight] : model) {
    const auto frequency = std::min(input.document_frequency(term), input.num_passages);
    weight *= static_cast<double>(sparse::bm25_idf(input.num_passages, frequency));
  }
  scale_to_one(model, Norm::kSum);
  auto query = terms_of(input.query);
  scale_to_one(query, Norm::kSum);
  return add_up(query, part.number("alpha"), model, part.number("beta"));
}

}  // namespace

/// P(w | R) = sum over passages d of P(w | d) P(Q | d), mixed with the question. Sources: Lavrenko & Croft, "Relevance
/// based language models", SIGIR 2001; Abdul-Jaleel et al., "UMass at TREC 2004" (RM3). We differ: P(w | d) is by the
/// saturated frequencies that the index has, P(Q | d) by the score of BM25, and the mixture is of queries' weights, idf
/// included.
const FeedbackModel& rm3_feedback() {
  static const FeedbackModel kModel = {
      {"rm3", "expands the words of a question by the likeliest of the first passages", kParameters, true},
      expand,
      true};
  return kModel;
}

}  // namespace tamis::search
