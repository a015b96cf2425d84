// Are exact answers those of adding up all postings? On a real index, for real questions.
//
//   bench_block_exact INDEX.blocks QUERIES.csr [NUMBER OF QUERIES]
//
// INDEX as `bench_block_index … --index INDEX` leaves it. For k = 10, 100 and 1000: how many answers differ in a
// passage, a score or their order. Exits with 1 if any does.
#include <fmt/format.h>
#include <tamis/sieve/block_index.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "prepared_queries.h"

namespace {

using namespace tamis;

[[nodiscard]] Result<std::size_t> count_differences(const std::string& file, const std::string& questions,
                                                    std::size_t most) {
  TAMIS_TRY(const auto index, sieve::BlockIndex::open(file));
  TAMIS_TRY(const auto queries, bench::read_queries(questions, index, most));
  ThreadPool pool;
  std::size_t all = 0;
  for (const std::size_t k : {10U, 100U, 1000U}) {
    std::vector<sieve::SearchScratch> scratches(pool.size());
    std::vector<sieve::SearchWork> works(pool.size());
    std::atomic<std::size_t> different = 0;
    TAMIS_TRY_OK(pool.parallel_for(queries.size(), [&](std::size_t q, std::size_t worker) {
      const auto found = index.search(queries[q], k, {}, scratches[worker], &works[worker]);
      if (found != index.exhaustive(queries[q], k)) ++different;
      return ok();
    }));
    sieve::SearchWork work;
    for (const auto& one : works) work.add(one);
    fmt::print(
        "k={}: {} questions of {} passages, {} answers differ; read {:.1f} % of the blocks, {} times everything\n", k,
        queries.size(), index.num_passages(), different.load(),
        100.0 * static_cast<double>(work.blocks_scored) / static_cast<double>(std::max<std::uint64_t>(work.blocks, 1)),
        work.exhaustive);
    all += different;
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    fmt::print(stderr, "usage: bench_block_exact INDEX.blocks QUERIES.csr [NUMBER OF QUERIES]\n");
    return 2;
  }
  const auto different = count_differences(argv[1], argv[2], argc == 4 ? std::strtoull(argv[3], nullptr, 10) : 1000);
  if (!different) {
    fmt::print(stderr, "bench_block_exact: {}\n", different.error().message);
    return 2;
  }
  return *different == 0 ? 0 : 1;
}
