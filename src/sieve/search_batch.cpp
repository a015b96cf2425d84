#include <algorithm>
#include <utility>

#include "layout.h"

namespace tamis::sieve {
namespace {

/// Queries that a thread takes at a time: enough for those that are alike to stay together, few enough that threads end
/// together.
constexpr std::size_t kPiece = 32;

/// The lists that a query reads first, the heaviest ones: queries that begin alike read much the same.
[[nodiscard]] std::pair<std::uint32_t, std::uint32_t> heaviest_lists(const BlockIndex::Parts& parts,
                                                                     const index::PreparedQuery& query) {
  std::pair<std::uint64_t, std::uint32_t> first{0, BlockIndex::Parts::kNoList};
  auto second = first;
  for (const auto& [term, weight] : query.terms) {
    const std::uint32_t number = parts.number_of(term);
    if (number == BlockIndex::Parts::kNoList) continue;
    const std::pair<std::uint64_t, std::uint32_t> one{std::uint64_t{weight} * parts.lists[number].step, number};
    if (one > first) {
      second = std::exchange(first, one);
    } else if (one > second) {
      second = one;
    }
  }
  return {first.second, second.second};
}

}  // namespace

Result<std::vector<std::vector<index::Candidate>>> BlockIndex::search_batch(
    std::span<const index::PreparedQuery> queries, std::size_t k, const Effort& effort, ThreadPool& pool,
    SearchWork* work, const Wanted& wanted) const {
  std::vector<std::pair<std::pair<std::uint32_t, std::uint32_t>, std::size_t>> order(queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) order[i] = {heaviest_lists(*parts_, queries[i]), i};
  std::sort(order.begin(), order.end());
  std::vector<std::vector<index::Candidate>> answers(queries.size());
  std::vector<SearchScratch> scratches(pool.size());
  std::vector<SearchWork> works(pool.size());
  TAMIS_TRY_OK(pool.parallel_for((queries.size() + kPiece - 1) / kPiece, [&](std::size_t piece, std::size_t worker) {
    for (std::size_t i = piece * kPiece; i < std::min(queries.size(), (piece + 1) * kPiece); ++i) {
      const std::size_t query = order[i].second;
      answers[query] = search(queries[query], k, effort, scratches[worker], &works[worker], wanted);
    }
    return ok();
  }));
  for (const auto& one : works) {
    if (work != nullptr) work->add(one);
  }
  return answers;
}

}  // namespace tamis::sieve
