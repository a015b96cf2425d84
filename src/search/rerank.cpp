#include "rerank.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace tamis::search {
namespace {

bool better(const ScoredPassage& a, const ScoredPassage& b) {
  return a.score != b.score ? a.score > b.score : a.id < b.id;
}

/// How many candidates the pruning leaves.
std::size_t pruned(std::span<const ScoredPassage> candidates, const RerankOptions& options) {
  if (!options.prune || options.top == 0 || candidates.size() <= options.top) return candidates.size();
  const auto kth = static_cast<double>(candidates[options.top - 1].score);
  if (kth <= 0) return candidates.size();
  const double least = kth * (1 - *options.prune);
  const auto end = std::find_if(candidates.begin(), candidates.end(),
                                [&](const auto& one) { return static_cast<double>(one.score) < least; });
  return static_cast<std::size_t>(end - candidates.begin());
}

Status score_range(std::span<const ScoredPassage> candidates, std::size_t first, std::size_t count,
                   const ScoreCandidates& score, std::vector<ScoredPassage>& out) {
  std::vector<float> scores(count);
  TAMIS_TRY_OK(score(candidates.subspan(first, count), scores));
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isfinite(scores[i])) {
      return Error{Code::kCorrupt,
                   fmt::format("reranking: the score of passage {} is {}", candidates[first + i].id, scores[i])};
    }
    out.push_back({candidates[first + i].id, scores[i]});
  }
  return ok();
}

/// The scores of the first candidates, up to the exit.
Result<std::vector<ScoredPassage>> score_until_exit(std::span<const ScoredPassage> candidates,
                                                    const RerankOptions& options, const ScoreCandidates& score) {
  std::vector<ScoredPassage> scored;
  if (!options.patience || candidates.size() <= options.top) {
    TAMIS_TRY_OK(score_range(candidates, 0, candidates.size(), score, scored));
    return scored;
  }
  TAMIS_TRY_OK(score_range(candidates, 0, options.top, score, scored));
  auto heap = scored;  // the worst of the best is its front
  std::make_heap(heap.begin(), heap.end(), better);
  std::size_t stalled = 0;
  for (std::size_t i = options.top; i < candidates.size(); ++i) {
    TAMIS_TRY_OK(score_range(candidates, i, 1, score, scored));
    if (scored.back().score > heap.front().score) {
      std::pop_heap(heap.begin(), heap.end(), better);
      heap.back() = scored.back();
      std::push_heap(heap.begin(), heap.end(), better);
      stalled = 0;
    } else if (++stalled >= *options.patience) {
      break;
    }
  }
  return scored;
}

/// Scores scaled to [0, 1], all 1 where they are equal.
std::vector<double> scaled(std::span<const ScoredPassage> passages) {
  double least = INFINITY, most = -INFINITY;
  for (const auto& one : passages) {
    least = std::min(least, static_cast<double>(one.score));
    most = std::max(most, static_cast<double>(one.score));
  }
  std::vector<double> out;
  for (const auto& one : passages) {
    out.push_back(most > least ? (static_cast<double>(one.score) - least) / (most - least) : 1);
  }
  return out;
}

}  // namespace

RerankOptions rerank_options(const MethodPart& part, bool of_field) {
  RerankOptions options;
  options.top = static_cast<std::size_t>(part.number("top"));
  if (const auto* cp = part.find("cp")) options.prune = cp->value;
  if (const auto* ee = part.find("ee")) options.patience = static_cast<std::size_t>(ee->value);
  options.weight = of_field && part.find("weight") == nullptr ? 1 : part.number("weight");
  return options;
}

Result<Reranked> rerank(std::span<const ScoredPassage> candidates, const RerankOptions& options,
                        const ScoreCandidates& score) {
  Reranked out;
  if (candidates.empty()) return out;
  TAMIS_TRY(out.scored, score_until_exit(candidates.first(pruned(candidates, options)), options, score));
  out.num_scored = out.scored.size();
  // In 64 bits, so that passages that differed before or now are not made equal.
  std::vector<double> finals;
  const bool mixed = options.boost || options.weight < 1;
  const auto old_scores = mixed ? scaled(candidates.first(out.num_scored)) : std::vector<double>(out.num_scored);
  const auto new_scores = mixed && !options.boost ? scaled(out.scored) : std::vector<double>();
  std::vector<std::size_t> order(out.num_scored);
  for (std::size_t i = 0; i < out.num_scored; ++i) {
    order[i] = i;
    const auto said = static_cast<double>(out.scored[i].score);
    if (options.boost) {
      finals.push_back(old_scores[i] + options.weight * said);
    } else {
      finals.push_back(mixed ? (1 - options.weight) * old_scores[i] + options.weight * new_scores[i] : said);
    }
  }
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return finals[a] != finals[b] ? finals[a] > finals[b] : a < b; });
  for (const auto i : order) out.passages.push_back({out.scored[i].id, static_cast<Score>(finals[i])});
  const auto rest = candidates.subspan(out.num_scored);
  if (rest.empty()) return out;
  const Score below = out.passages.back().score - 1;
  for (const auto& [id, before] : rest) out.passages.push_back({id, below - (rest.front().score - before)});
  return out;
}

}  // namespace tamis::search
