// What does asking many queries at once save?
//
//   bench_block_batch INDEX.blocks QUERIES.csr [--k K] [--rounds N]
//
// INDEX as `bench_block_index … --index INDEX` leaves it. Queries a second one by one in their own order, on one
// thread, and by search_batch() on one thread and on all; the best of the rounds, in which they take turns.
#include <fmt/format.h>
#include <tamis/sieve/block_index.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "prepared_queries.h"

namespace {

using namespace tamis;

constexpr sieve::Effort kEfforts[] = {{}, {.9F, .12F, .95F, 30}, {.8F, .06F, .9F, 20}};

struct Options {
  std::string index, queries;
  std::size_t k = 10, rounds = 5;
};

template <class Work>
[[nodiscard]] double seconds_of(Work&& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

[[nodiscard]] Status run(const Options& options) {
  TAMIS_TRY(const auto index, sieve::BlockIndex::open(options.index));
  TAMIS_TRY(const auto queries, bench::read_queries(options.queries, index, static_cast<std::size_t>(-1)));
  ThreadPool one(1), all;
  sieve::SearchScratch scratch;
  const auto count = static_cast<double>(queries.size());
  bool batch_failed = false;
  for (const auto& effort : kEfforts) {
    double alone = 1e9, batch = 1e9, threads = 1e9;
    for (std::size_t round = 0; round < options.rounds; ++round) {
      alone = std::min(alone, seconds_of([&] {
                         for (const auto& query : queries) {
                           static_cast<void>(index.search(query, options.k, effort, scratch));
                         }
                       }));
      batch =
          std::min(batch, seconds_of([&] { batch_failed |= !index.search_batch(queries, options.k, effort, one); }));
      threads =
          std::min(threads, seconds_of([&] { batch_failed |= !index.search_batch(queries, options.k, effort, all); }));
    }
    fmt::print("{},{},{},{}: {:.0f} queries/s one by one; batch {:.0f} ({:.2f} x); on {} threads {:.0f} ({:.2f} x)\n",
               effort.bound_share, effort.query_share, effort.rerank, effort.block_share, count / alone, count / batch,
               alone / batch, all.size(), count / threads, batch / threads);
  }
  if (batch_failed) return Error{Code::kExhausted, "a batch found no memory"};
  return ok();
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    auto* const number = name == "--k" ? &options.k : name == "--rounds" ? &options.rounds : nullptr;
    if (number != nullptr && i + 1 < argc) {
      *number = std::strtoull(argv[++i], nullptr, 10);
    } else {
      files.emplace_back(name);
    }
  }
  if (files.size() != 2 || options.k == 0 || options.rounds == 0) {
    fmt::print(stderr, "usage: bench_block_batch INDEX.blocks QUERIES.csr [--k K] [--rounds N]\n");
    return 2;
  }
  options.index = files[0];
  options.queries = files[1];
  if (auto status = run(options); !status) {
    fmt::print(stderr, "bench_block_batch: {}\n", status.error().message);
    return 1;
  }
  return 0;
}
