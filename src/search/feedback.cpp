#include "feedback.h"

#include <tamis/index/query.h>
#include <tamis/sparse/bm25.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace tamis::search {
namespace {

std::vector<FeedbackPassage> vectors_of(const Collection& collection, const FieldQuery& field,
                                        std::span<const ScoredPassage> passages) {
  std::vector<FeedbackPassage> out;
  std::vector<TermId> terms;
  std::vector<std::uint16_t> levels;
  const bool words = field.name == kWordField;
  for (const auto& [id, score] : passages) {
    for (const auto& view : field.views) {
      const auto local = view.field->local(id);
      if (!local) continue;
      view.field->vector(*local, terms, levels);
      const float step = view.field->config().scale.step();
      FeedbackPassage passage;
      passage.score = static_cast<double>(score);
      for (std::size_t i = 0; i < terms.size(); ++i) {
        if (words && collection.term(terms[i]).starts_with(sparse::kTitleMark)) continue;
        passage.vector.terms.push_back(terms[i]);
        passage.vector.weights.push_back(static_cast<float>(levels[i]) * step);
      }
      out.push_back(std::move(passage));
      break;
    }
  }
  return out;
}

Status ask_anew(FieldQuery& field, sparse::SparseVector vector) {
  TAMIS_TRY(field.query, index::prepare_query(vector, field.views.front().field->config().scale));
  field.vector = std::move(vector);
  return ok();
}

}  // namespace

std::span<const FeedbackModel* const> feedback_models() {
  static const std::array<const FeedbackModel*, 3> kModels = {&rm3_feedback(), &bo1_feedback(), &rocchio_feedback()};
  return kModels;
}

const FeedbackModel* feedback_of(const MethodPart& part) {
  for (const auto* model : feedback_models()) {
    if (model->info.name == part.name) return model;
  }
  return nullptr;
}

void keep_heaviest(std::vector<TermWeight>& terms, std::size_t count) {
  std::sort(terms.begin(), terms.end(),
            [](const auto& a, const auto& b) { return a.weight != b.weight ? a.weight > b.weight : a.term < b.term; });
  if (terms.size() > count) terms.resize(count);
  std::sort(terms.begin(), terms.end(), [](const auto& a, const auto& b) { return a.term < b.term; });
}

sparse::SparseVector add_up(const std::vector<TermWeight>& a, double alpha, const std::vector<TermWeight>& b,
                            double beta) {
  std::vector<TermWeight> all;
  for (const auto& [term, weight] : a) all.push_back({term, alpha * weight});
  for (const auto& [term, weight] : b) all.push_back({term, beta * weight});
  auto sums = sum_by_term(std::move(all));
  // What rounds to nothing beside the rest is no term of a query.
  sums.erase(std::remove_if(sums.begin(), sums.end(),
                            [](const auto& one) { return !(one.weight > 1e-9) || !std::isfinite(one.weight); }),
             sums.end());
  if (sums.size() > index::kMaxQueryTerms) keep_heaviest(sums, index::kMaxQueryTerms);
  sparse::SparseVector out;
  for (const auto& [term, weight] : sums) {
    out.terms.push_back(term);
    out.weights.push_back(static_cast<float>(weight));
  }
  return out;
}

void scale_to_one(std::vector<TermWeight>& terms, Norm norm) {
  double size = 0;
  for (const auto& one : terms) {
    if (norm == Norm::kSum) size += one.weight;
    if (norm == Norm::kLength) size += one.weight * one.weight;
    if (norm == Norm::kLargest) size = std::max(size, one.weight);
  }
  if (norm == Norm::kLength) size = std::sqrt(size);
  if (!(size > 0)) {
    terms.clear();
    return;
  }
  for (auto& one : terms) one.weight /= size;
}

std::vector<TermWeight> terms_of(sparse::SparseView vector) {
  std::vector<TermWeight> out;
  for (std::size_t i = 0; i < vector.terms.size(); ++i) {
    out.push_back({vector.terms[i], static_cast<double>(vector.weights[i])});
  }
  return out;
}

std::vector<TermWeight> sum_by_term(std::vector<TermWeight> terms) {
  std::stable_sort(terms.begin(), terms.end(), [](const auto& a, const auto& b) { return a.term < b.term; });
  std::vector<TermWeight> out;
  for (const auto& one : terms) {
    if (!out.empty() && out.back().term == one.term) {
      out.back().weight += one.weight;
    } else {
      out.push_back(one);
    }
  }
  return out;
}

Result<bool> expand_field(const Collection& collection, std::span<const ScoredPassage> passages,
                          std::span<const ScoredPassage> against, const FeedbackModel& model, const MethodPart& part,
                          FieldQuery& field) {
  const bool words = field.name == kWordField;
  if (field.views.empty() || (model.words_only && !words)) return false;
  const auto wanted = vectors_of(collection, field, passages);
  const auto unwanted = vectors_of(collection, field, against);
  if ((part.number("beta") == 0 || wanted.empty()) && unwanted.empty()) return false;
  FeedbackInput input{field.vector, wanted, unwanted, words, 0, {}};
  for (const auto& view : field.views) input.num_passages += view.field->num_passages();
  input.document_frequency = [&](TermId term) {
    std::uint64_t sum = 0;
    for (const auto& view : field.views) sum += view.field->document_frequency(term);
    return sum;
  };
  auto vector = model.expand(input, part);
  if (vector.terms.empty()) return false;
  TAMIS_TRY_OK(ask_anew(field, std::move(vector)));
  return true;
}

Status prune_query(FieldQuery& field, std::size_t count) {
  if (field.vector.size() <= count) return ok();
  auto terms = terms_of(field.vector);
  keep_heaviest(terms, count);
  sparse::SparseVector vector;
  for (const auto& [term, weight] : terms) {
    vector.terms.push_back(term);
    vector.weights.push_back(static_cast<float>(weight));
  }
  return ask_anew(field, std::move(vector));
}

}  // namespace tamis::search
