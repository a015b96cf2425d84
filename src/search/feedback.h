#pragma once

#include <tamis/base/result.h>
#include <tamis/search/collection.h>
#include <tamis/search/method.h>
#include <tamis/search/pipeline.h>
#include <tamis/sparse/vector.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "ranker.h"

namespace tamis::search {

/// A passage that says what is meant, as one field has it.
struct FeedbackPassage {
  sparse::SparseVector vector;  ///< of words without those of titles: saturated frequencies
  double score = 0;             ///< in the ranking that it was found by
};

/// What a question of one field is expanded from.
struct FeedbackInput {
  sparse::SparseView query;
  std::span<const FeedbackPassage> passages;
  std::span<const FeedbackPassage> against = {};  ///< passages that are not meant
  bool words = false;                             ///< the field of words: rare terms weigh more in queries
  std::uint64_t num_passages = 0;
  std::function<std::uint64_t(TermId)> document_frequency;
};

/// A way of expanding a question by passages. The scale of the answer says nothing; terms without a positive weight are
/// left out.
struct FeedbackModel {
  PartInfo info;
  sparse::SparseVector (*expand)(const FeedbackInput& input, const MethodPart& part) = nullptr;
  bool words_only = false;  ///< made for frequencies of words: encoders' fields keep their question
};

// One file each; feedback.cpp has them in one list.
[[nodiscard]] const FeedbackModel& rm3_feedback();
[[nodiscard]] const FeedbackModel& bo1_feedback();
[[nodiscard]] const FeedbackModel& rocchio_feedback();
[[nodiscard]] std::span<const FeedbackModel* const> feedback_models();
/// nullptr = the part is no feedback.
[[nodiscard]] const FeedbackModel* feedback_of(const MethodPart& part);

/// What parameters all models have. Source of the standard shares: they do no harm on questions with one answer, where
/// the customary 0.4 and 0.6 do.
inline constexpr ParameterInfo kAlphaParameter = {"alpha", 0.8, 0, 1000, "what the question itself weighs"};
inline constexpr ParameterInfo kBetaParameter = {"beta", 0.2, 0, 1000, "what the passages weigh; 0 = no feedback"};

struct TermWeight {
  TermId term = 0;
  double weight = 0;
};
/// The heaviest `count` by weight, ties by term; in the order of terms then.
void keep_heaviest(std::vector<TermWeight>& terms, std::size_t count);
/// alpha * a + beta * b, positive weights only. Both ascending by term.
[[nodiscard]] sparse::SparseVector add_up(const std::vector<TermWeight>& a, double alpha,
                                          const std::vector<TermWeight>& b, double beta);
/// The vector divided by what `norm` says of it (the sum of weights, the length, the largest): nothing where that is 0.
enum class Norm { kSum, kLength, kLargest };
void scale_to_one(std::vector<TermWeight>& terms, Norm norm);
[[nodiscard]] std::vector<TermWeight> terms_of(sparse::SparseView vector);
/// The weights summed up a term, ascending.
[[nodiscard]] std::vector<TermWeight> sum_by_term(std::vector<TermWeight> terms);

/// Asks a field anew, expanded by passages. Nothing changes where beta is 0 or there is no passage, where the model is
/// not for this field, or where nothing with a positive weight is left.
/// @par Cost  one vector a passage, from its forward record
/// @returns whether the field's query changed
[[nodiscard]] Result<bool> expand_field(const Collection& collection, std::span<const ScoredPassage> passages,
                                        std::span<const ScoredPassage> against, const FeedbackModel& model,
                                        const MethodPart& part, FieldQuery& field);
/// The first `count` terms by weight of a query, ties by term.
[[nodiscard]] Status prune_query(FieldQuery& field, std::size_t count);

}  // namespace tamis::search
