#pragma once

#include <tamis/base/result.h>
#include <tamis/search/method.h>
#include <tamis/search/pipeline.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace tamis::search {

/// What a reranking step is told.
struct RerankOptions {
  std::size_t top = 10;  ///< the k of both rules
  /// CP(alpha): candidates below (1 - alpha) times the top-th score of the ranking before are not scored.
  std::optional<double> prune;
  /// EE(beta): the end after so many candidates in a row that were not among the top best so far.
  std::optional<std::size_t> patience;
  double weight = 1;   ///< of the new score against that before, both scaled to [0, 1] over what was scored; 1 = alone
  bool boost = false;  ///< weight times the new score, as it is, is added to that before
};
[[nodiscard]] RerankOptions rerank_options(const MethodPart& part, bool of_field);

/// Scores candidates [first, first + count): called once or in pieces, in order.
using ScoreCandidates = std::function<Status(std::span<const ScoredPassage> candidates, std::span<float> out)>;

/// What was scored, and how.
struct Reranked {
  /// Those that were scored, best first, equal ones in their old order; then the others.
  std::vector<ScoredPassage> passages;
  std::vector<ScoredPassage> scored;  ///< their new scores alone, in the order of the ranking before
  std::size_t num_scored = 0;
};

/// Reranks candidates: prunes, then scores until the exit. With fewer candidates than `top` all are scored. What was
/// not scored follows in its old order, with scores below.
///
/// Source of both rules: *Multivector reranking in the era of strong first-stage retrievers*, ECIR 2026. Pruning
/// assumes scores above 0 and does nothing where the top-th is not.
/// @param candidates  best first
[[nodiscard]] Result<Reranked> rerank(std::span<const ScoredPassage> candidates, const RerankOptions& options,
                                      const ScoreCandidates& score);

}  // namespace tamis::search
