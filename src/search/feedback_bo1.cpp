#include <tamis/sparse/bm25.h>

#include <algorithm>
#include <cmath>

#include "feedback.h"

namespace tamis::search {
namespace {

constexpr ParameterInfo kParameters[] = {
    {"docs", 3, 0, 1000, "passages that are learned from", ParameterInfo::Kind::kWhole},
    {"terms", 10, 0, 10000, "terms that they give", ParameterInfo::Kind::kWhole},
    kAlphaParameter,
    kBetaParameter,
};

sparse::SparseVector expand(const FeedbackInput& input, const MethodPart& part) {
  std::vector<TermWeight> all;
  for (const auto& passage : input.passages) {
    const auto terms = terms_of(passage.vector);
    all.insert(all.end(), terms.begin(), terms.end());
  }
  auto model = sum_by_term(std::move(all));
  for (auto& [term, weight] : model) {
    const double mean = static_cast<double>(std::max<std::uint64_t>(1, input.document_frequency(term))) /
                        static_cast<double>(std::max<std::uint64_t>(1, input.num_passages));
    weight = weight * std::log2((1 + mean) / mean) + std::log2(1 + mean);
  }
  keep_heaviest(model, static_cast<std::size_t>(part.number("terms")));
  scale_to_one(model, Norm::kLargest);
  for (auto& [term, weight] : model) {
    const auto frequency = std::min(input.document_frequency(term), input.num_passages);
    weight *= static_cast<double>(sparse::bm25_idf(input.num_passages, frequency));
  }
  scale_to_one(model, Norm::kLargest);
  auto query = terms_of(input.query);
  scale_to_one(query, Norm::kLargest);
  return add_up(query, part.number("alpha"), model, part.number("beta"));
}

}  // namespace

/// Bose-Einstein 1: w(t) = f log2((1 + p) / p) + log2(1 + p), f the frequency of t in the passages, p its frequency in
/// the collection a passage. Source: Amati, "Probability models for information retrieval based on divergence from
/// randomness", 2003. We differ: f is saturated, p is by passages that have the term, and the largest weights of
/// question and model are made 1.
const FeedbackModel& bo1_feedback() {
  static const FeedbackModel kModel = {
      {"bo1", "expands the words of a question by those that the first passages have beyond chance", kParameters, true},
      expand,
      true};
  return kModel;
}

}  // namespace tamis::search
