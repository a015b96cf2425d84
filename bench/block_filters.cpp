// What a filter costs a search in blocks: answers among some of the passages, chosen at random or as ranges of ids.
//
//   bench_block_filters INDEX.blocks QUERIES.csr [--k K] [--queries N] [--bound-share B] [--query-share Q] [--rerank R]
//                       [--block-share S]
//
// INDEX as `bench_block_index … --index INDEX` leaves it. Each line is one filter; recall is against adding up all
// postings, of every fourth query. The shares make an effort; without them answers are exact.
#include <fmt/format.h>
#include <tamis/sieve/block_index.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "prepared_queries.h"

namespace {

using namespace tamis;

constexpr std::size_t kCompareEvery = 4;
constexpr double kShares[] = {0.0001, 0.001, 0.01, 0.03, 0.1, 0.3, 0.9, 1.0};
constexpr std::uint32_t kRange = 2000;  // ids of a range, if they are not random

[[nodiscard]] index::Bitmap filter_of(std::uint32_t n, double share, bool ranges) {
  std::mt19937 random(7);
  index::Bitmap allowed(n);
  const auto wanted = static_cast<std::uint64_t>(std::max(1.0, share * n));
  if (share >= 1) return index::Bitmap(n, true);
  std::uint64_t count = 0;
  while (count < wanted) {
    const std::uint32_t first = static_cast<std::uint32_t>(random() % n);
    for (std::uint32_t id = first; id < std::min(n, first + (ranges ? kRange : 1)) && count < wanted; ++id) {
      count += allowed.test(id) ? 0 : 1;
      allowed.set(id);
    }
  }
  return allowed;
}

struct Measured {
  double p50 = 0, p90 = 0, p99 = 0, recall = 0;
};

[[nodiscard]] Measured measure(const sieve::BlockIndex& index, const std::vector<index::PreparedQuery>& queries,
                               std::size_t k, const sieve::Effort& effort, const sieve::Wanted& wanted) {
  sieve::SearchScratch scratch;
  std::vector<double> times;
  Measured out;
  std::size_t same = 0, best = 0;
  for (std::size_t round = 0; round < 2; ++round) {
    for (std::size_t q = 0; q < queries.size(); ++q) {
      const auto begin = std::chrono::steady_clock::now();
      const auto found = index.search(queries[q], k, effort, scratch, nullptr, wanted);
      const double took = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
      if (round == 0) times.push_back(took);
      if (round == 1) times[q] = std::min(times[q], took);
      if (round == 0 && q % kCompareEvery == 0) {
        const auto all = index.exhaustive(queries[q], k, wanted);
        best += all.size();
        same += static_cast<std::size_t>(std::count_if(found.begin(), found.end(), [&](const auto& one) {
          return std::any_of(all.begin(), all.end(), [&](const auto& other) { return one.id == other.id; });
        }));
      }
    }
  }
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
  };
  out.recall = best == 0 ? 1 : static_cast<double>(same) / static_cast<double>(best);
  out.p50 = at(.5);
  out.p90 = at(.9);
  out.p99 = at(.99);
  return out;
}

[[nodiscard]] Status run(const std::string& file, const std::string& questions, std::size_t k, std::size_t most,
                         const sieve::Effort& effort) {
  TAMIS_TRY_OK(effort.validate());
  TAMIS_TRY(const auto index, sieve::BlockIndex::open(file));
  TAMIS_TRY(const auto queries, bench::read_queries(questions, index, most));
  const auto n = static_cast<std::uint32_t>(index.num_passages());
  const auto plain = measure(index, queries, k, effort, {});
  fmt::print(
      "| allowed | recall@k | p50 µs | p90 µs | p99 µs | p99 / p50 without a filter |\n|---|---|---|---|---|---|\n");
  const auto print = [&](const std::string& name, const Measured& row) {
    fmt::print("| {} | {:.4f} | {:.0f} | {:.0f} | {:.0f} | {:.1f} |\n", name, row.recall, row.p50, row.p90, row.p99,
               row.p99 / plain.p50);
  };
  print("all, no filter", plain);
  for (const bool ranges : {false, true}) {
    for (const double share : kShares) {
      const auto allowed = filter_of(n, share, ranges);
      print(fmt::format("{} %, {}", 100 * share, ranges ? "ranges" : "random"),
            measure(index, queries, k, effort, {&allowed, 0}));
    }
  }
  return ok();
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t k = 10, queries = 500;
  sieve::Effort effort;
  for (int i = 3; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const auto value = static_cast<std::size_t>(std::strtoull(argv[i + 1], nullptr, 10));
    if (name == "--k") k = value;
    if (name == "--queries") queries = value;
    if (name == "--rerank") effort.rerank = static_cast<std::uint32_t>(value);
    const float share = std::strtof(argv[i + 1], nullptr);
    if (name == "--bound-share") effort.bound_share = share;
    if (name == "--query-share") effort.query_share = share;
    if (name == "--block-share") effort.block_share = share;
  }
  if (argc < 3 || k == 0 || queries == 0) {
    fmt::print(
        stderr,
        "usage: bench_block_filters INDEX.blocks QUERIES.csr [--k K] [--queries N] [--bound-share B] [--query-share Q] "
        "[--rerank R] [--block-share S]\n");
    return 2;
  }
  const auto status = run(argv[1], argv[2], k, queries, effort);
  if (!status) fmt::print(stderr, "bench_block_filters: {}\n", status.error().message);
  return status ? 0 : 2;
}
