// How fast and how complete are answers from blocks, at each setting of effort?
//
//   bench_block_index DOCUMENTS.csr QUERIES.csr TRUTH.bin [--k K] [--queries N] [--rounds N] [--efforts "b,q,r b,q,r
//   …"]
//
// CSR files as `tamis encode --format csr` writes them; TRUTH is raw int32 [queries][1000], the row numbers of the best
// by exact float32 scores (the script of the peers makes it). An effort is
// BOUND_SHARE,QUERY_SHARE,RERANK[,BLOCK_SHARE]. Settings take turns, round after round, on one thread; the round with
// the best median counts.
// --index keeps the index in a file, or takes it from there.
// --small makes the small preset, with weights of 8 bits.
// --mapped leaves an opened index in its file.
// --map builds from the mapped file of vectors instead of rows in memory.
// --tune fits efforts to recalls on every second query and measures them on the others.
// With --serve it answers lines "EFFORT" on standard input with a line of µs a query and a line of rows found, so that
// a script can let other engines take turns with it.
#include <fmt/core.h>
#include <tamis/base/progress.h>
#include <tamis/sieve/block_index.h>
#include <tamis/sieve/recall_curve.h>
#include <tamis/sparse/vector_files.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <numeric>
#include <sstream>
#include <string>
#include <unordered_set>
#include <vector>

#include "mapped_csr.h"

namespace {

using namespace tamis;

constexpr std::size_t kTruthDepth = 1000;

struct Options {
  std::string documents, queries, truth;
  std::size_t k = 10, num_queries = 0, rounds = 3;
  std::string efforts =
      "1,1,0 .95,1,0 .9,1,0 .95,.95,40 .9,.95,40 .9,.9,40 .8,.9,40 .9,.8,40 .8,.8,40 .75,.8,40 .7,.7,40";
  bool serve = false, tune = false, map = false, mapped = false, small = false;
  std::string index;  // kept here
};

[[nodiscard]] double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
[[nodiscard]] std::string memory() {
  std::ifstream status("/proc/self/status");
  std::string line, out;
  while (std::getline(status, line)) {
    for (const char* name : {"VmHWM:", "RssAnon:", "RssFile:"}) {
      if (line.rfind(name, 0) == 0)
        out += fmt::format("{} {} MB  ", name, std::stoul(line.substr(std::strlen(name))) / 1000);
    }
  }
  return out;
}

/// Looks at the memory that is not of files, again and again.
class MemoryWatch final : public ProgressSink {
 public:
  void begin(std::string_view, std::uint64_t, std::string_view) override { look(); }
  void update(std::uint64_t) override { look(); }
  void end() override { look(); }
  [[nodiscard]] unsigned long most_mb() const { return most_mb_; }

 private:
  void look() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.rfind("RssAnon:", 0) == 0) most_mb_ = std::max(most_mb_, std::stoul(line.substr(8)) / 1000);
    }
  }
  unsigned long most_mb_ = 0;
};

[[nodiscard]] Result<sieve::Effort> parse_effort(const std::string& text) {
  sieve::Effort effort;
  std::istringstream in(text);
  char comma = 0;
  in >> effort.bound_share >> comma >> effort.query_share >> comma >> effort.rerank >> comma >> effort.block_share;
  if (auto status = effort.validate(); !status) return Error{status.error().code, text + ": " + status.error().message};
  return effort;
}

struct Bench {
  Options options;
  sparse::WeightScale scale{0.0F, 16};
  std::vector<index::PreparedQuery> queries;
  std::vector<std::int32_t> truth;
  std::vector<double> times;
  std::vector<std::vector<index::Candidate>> answers;
  sieve::SearchWork work;

  /// One round over all queries.
  void run(const sieve::BlockIndex& index, const sieve::Effort& effort) {
    sieve::SearchScratch scratch;
    times.clear();
    answers.assign(queries.size(), {});
    work = {};
    for (std::size_t q = 0; q < std::min<std::size_t>(50, queries.size()); ++q) {
      static_cast<void>(index.search(queries[q], options.k, effort, scratch));
    }
    for (std::size_t q = 0; q < queries.size(); ++q) {
      const double begin = now();
      answers[q] = index.search(queries[q], options.k, effort, scratch, &work);
      times.push_back(1e6 * (now() - begin));
    }
  }
  [[nodiscard]] std::vector<double> recalls() const {
    std::vector<double> of_queries;
    for (std::size_t q = 0; q < queries.size(); ++q) {
      const auto* const wanted = truth.data() + q * kTruthDepth;
      const std::unordered_set<std::uint64_t> best(wanted, wanted + options.k);
      std::size_t hits = 0;
      for (const auto& one : answers[q]) hits += best.count(one.id);
      of_queries.push_back(static_cast<double>(hits) / static_cast<double>(options.k));
    }
    return of_queries;
  }
  [[nodiscard]] double recall() const { return mean_of(recalls()); }
  [[nodiscard]] static double mean_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  }
};

[[nodiscard]] Result<std::vector<sparse::SparseVector>> read_vectors(const std::string& path) {
  std::vector<sparse::SparseVector> rows;
  TAMIS_TRY_OK(sparse::read_vector_file(path, sparse::VectorFormat::kCsr, [&](sparse::NamedVector&& row) {
    rows.push_back(std::move(row.vector));
    return ok();
  }));
  return rows;
}

[[nodiscard]] Result<sieve::BlockIndex> build_rows(const Bench& bench, ThreadPool& pool, ProgressSink& progress) {
  const auto preset = bench.options.small ? sieve::Preset::kSmall : sieve::Preset::kFast;
  if (bench.options.map) {
    TAMIS_TRY(const auto rows, bench::MappedCsr::open(bench.options.documents, bench.scale));
    return sieve::build_block_index(rows, bench.scale, pool, progress, {}, preset);
  }
  sieve::BlockIndexBuilder builder(bench.scale, preset);
  PassageId id = 0;
  const double begin = now();
  TAMIS_TRY_OK(sparse::read_vector_file(bench.options.documents, sparse::VectorFormat::kCsr,
                                        [&](sparse::NamedVector&& row) { return builder.add(id++, row.vector); }));
  fmt::print(stderr, "read in {:.1f} s; {}\n", now() - begin, memory());
  return builder.finish(pool, progress);
}

[[nodiscard]] Result<sieve::BlockIndex> build(Bench& bench) {
  float largest = 0;
  TAMIS_TRY_OK(
      sparse::read_vector_file(bench.options.documents, sparse::VectorFormat::kCsr, [&](sparse::NamedVector&& row) {
        for (const float weight : row.vector.weights) largest = std::max(largest, weight);
        return ok();
      }));
  bench.scale = {largest, bench.options.small ? 8U : 16U};
  const double begin = now();
  ThreadPool pool;
  MemoryWatch watch;
  TAMIS_TRY(auto index, build_rows(bench, pool, watch));
  fmt::print(
      stderr,
      "{} passages, {} postings: made in {:.1f} s on {} threads; {:.0f} bytes a passage; most RssAnon {} MB; {}\n",
      index.num_passages(), index.num_postings(), now() - begin, pool.size(),
      static_cast<double>(index.memory_bytes()) / static_cast<double>(index.num_passages()), watch.most_mb(), memory());
  return index;
}

[[nodiscard]] Result<sieve::BlockIndex> make_or_open(Bench& bench) {
  const auto& path = bench.options.index;
  if (path.empty()) return build(bench);
  if (std::filesystem::exists(path)) {
    const double begin = now();
    auto index =
        sieve::BlockIndex::open(path, bench.options.mapped ? sieve::Residence::kMapped : sieve::Residence::kLoaded);
    fmt::print(stderr, "opened in {:.3f} s; {}\n", now() - begin, memory());
    return index;
  }
  TAMIS_TRY(auto index, build(bench));
  TAMIS_TRY_OK(index.save(path));
  return index;
}

[[nodiscard]] Status serve(Bench& bench, const sieve::BlockIndex& index) {
  std::string line;
  while (std::getline(std::cin, line)) {
    TAMIS_TRY(const auto effort, parse_effort(line));
    bench.run(index, effort);
    for (const double time : bench.times) fmt::print("{:.1f} ", time);
    fmt::print("\n");
    for (const auto& answer : bench.answers) {
      for (std::size_t i = 0; i < bench.options.k; ++i)
        fmt::print("{} ", i < answer.size() ? static_cast<long>(answer[i].id) : -1L);
    }
    fmt::print("\n");
    std::fflush(stdout);
  }
  return ok();
}

struct Row {
  std::string name;
  std::vector<double> times;
  double recall = 0;
  sieve::SearchWork work;
};

[[nodiscard]] Status compare(Bench& bench, const sieve::BlockIndex& index) {
  std::istringstream in(bench.options.efforts);
  std::vector<Row> rows;
  for (std::string name; in >> name;) rows.push_back({name, {}, 0, {}});
  for (std::size_t round = 0; round < bench.options.rounds; ++round) {
    for (auto& row : rows) {
      TAMIS_TRY(const auto effort, parse_effort(row.name));
      bench.run(index, effort);
      std::sort(bench.times.begin(), bench.times.end());
      if (row.times.empty() || bench.times[bench.times.size() / 2] < row.times[row.times.size() / 2])
        row.times = bench.times;
      row.recall = bench.recall();
      row.work = bench.work;
    }
  }
  const auto n = static_cast<double>(bench.queries.size());
  for (const auto& row : rows) {
    const auto at = [&](double share) { return row.times[static_cast<std::size_t>(share * (n - 1))]; };
    fmt::print(
        "{:14} k={} recall {:.4f} p50 {:.0f} p90 {:.0f} p99 {:.0f} us | blocks {:.1f} % runs {:.0f} candidates {:.0f} "
        "reranked {:.0f}\n",
        row.name, bench.options.k, row.recall, at(.5), at(.9), at(.99),
        100.0 * static_cast<double>(row.work.blocks_scored) / n / static_cast<double>(index.num_blocks()),
        static_cast<double>(row.work.runs) / n, static_cast<double>(row.work.candidates) / n,
        static_cast<double>(row.work.reranked) / n);
  }
  return ok();
}

/// Every second query, from `first` on, with its truth.
[[nodiscard]] Bench half_of(const Bench& bench, std::size_t first) {
  Bench half;
  half.options = bench.options;
  for (std::size_t q = first; q < bench.queries.size(); q += 2) {
    half.queries.push_back(bench.queries[q]);
    const auto* const best = bench.truth.data() + q * kTruthDepth;
    half.truth.insert(half.truth.end(), best, best + kTruthDepth);
  }
  return half;
}

/// The best round's times, ascending.
[[nodiscard]] std::vector<double> best_times(Bench& bench, const sieve::BlockIndex& index,
                                             const sieve::Effort& effort) {
  std::vector<double> best;
  for (std::size_t round = 0; round < bench.options.rounds; ++round) {
    bench.run(index, effort);
    std::sort(bench.times.begin(), bench.times.end());
    if (best.empty() || bench.times[bench.times.size() / 2] < best[best.size() / 2]) best = bench.times;
  }
  return best;
}

/// Beside what was fitted stands the cheapest effort that reaches the same recall on the very questions that are
/// measured: what nobody can know before.
[[nodiscard]] Status tune(const Bench& bench, const sieve::BlockIndex& index) {
  const Bench seen = half_of(bench, 0);
  Bench unseen = half_of(bench, 1);
  ThreadPool pool;
  NoProgress progress;
  const double begin = now();
  TAMIS_TRY(const auto curve, sieve::fit_recall_curve(index, seen.queries, bench.options.k, pool, progress));
  fmt::print("{} points fitted on {} queries in {:.1f} s; measured on {} others, against float32\n\n",
             curve.points().size(), seen.queries.size(), now() - begin, unseen.queries.size());
  TAMIS_TRY(const auto hindsight, sieve::fit_recall_curve(index, unseen.queries, bench.options.k, pool, progress));
  fmt::print("| asked | recall | ± | p50 µs | p99 µs | mean µs | effort | mean µs of the best in hindsight |\n");
  fmt::print("|---|---|---|---|---|---|---|---|\n");
  for (const double asked : {.9, .95, .98, .99, .999, 1.0}) {
    const auto effort = curve.effort_for(asked);
    const auto times = best_times(unseen, index, effort);
    const auto recalls = unseen.recalls();
    const double recall = Bench::mean_of(recalls);
    double squares = 0;
    for (const double one : recalls) squares += (one - recall) * (one - recall);
    const auto n = static_cast<double>(recalls.size());
    const auto best = std::find_if(hindsight.points().begin(), hindsight.points().end(),
                                   [&](const auto& point) { return point.recall >= recall || point.effort.exact(); });
    const double best_mean = Bench::mean_of(best_times(unseen, index, best->effort));
    const auto at = [&](double share) { return times[static_cast<std::size_t>(share * (n - 1))]; };
    fmt::print("| {} | {:.4f} | {:.4f} | {:.0f} | {:.0f} | {:.0f} | {},{},{},{} | {:.0f} |\n", asked, recall,
               1.96 * std::sqrt(squares / n / n), at(.5), at(.99), Bench::mean_of(times), effort.bound_share,
               effort.query_share, effort.rerank, effort.block_share, best_mean);
  }
  return ok();
}

[[nodiscard]] Status run(Bench& bench) {
  TAMIS_TRY(const auto index, make_or_open(bench));
  TAMIS_TRY(const auto rows, read_vectors(bench.options.queries));
  for (const auto& row : rows) {
    if (bench.options.num_queries != 0 && bench.queries.size() == bench.options.num_queries) break;
    TAMIS_TRY(auto query, index::prepare_query(row, index.scale()));
    TAMIS_TRY_OK(index.check_lists(query));
    bench.queries.push_back(std::move(query));
  }
  if (bench.options.serve) {
    return serve(bench, index);
  }
  std::ifstream file(bench.options.truth, std::ios::binary);
  bench.truth.resize(bench.queries.size() * kTruthDepth);
  file.read(reinterpret_cast<char*>(bench.truth.data()), static_cast<std::streamsize>(bench.truth.size() * 4));
  if (!file) return Error{Code::kIo, bench.options.truth + ": not as many rows as queries"};
  if (bench.options.tune) return tune(bench, index);
  return compare(bench, index);
}

}  // namespace

int main(int argc, char** argv) {
  Bench bench;
  auto& options = bench.options;
  std::vector<std::string> paths;
  std::string wrong;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const auto number = [&](std::size_t& out) {
      const std::string text = i + 1 < argc ? argv[++i] : "";
      const auto end = std::from_chars(text.data(), text.data() + text.size(), out);
      if (end.ec != std::errc() || end.ptr != text.data() + text.size() || out == 0)
        wrong = name + ": '" + text + "' (wanted a number above 0)";
    };
    if (name == "--k")
      number(options.k);
    else if (name == "--queries")
      number(options.num_queries);
    else if (name == "--rounds")
      number(options.rounds);
    else if (name == "--efforts" && i + 1 < argc)
      options.efforts = argv[++i];
    else if (name == "--index" && i + 1 < argc)
      options.index = argv[++i];
    else if (name == "--small")
      options.small = true;
    else if (name == "--mapped")
      options.mapped = true;
    else if (name == "--map")
      options.map = true;
    else if (name == "--tune")
      options.tune = true;
    else if (name == "--serve")
      options.serve = true;
    else
      paths.push_back(name);
  }
  if (!wrong.empty()) {
    fmt::print(stderr, "bench_block_index: {}\n", wrong);
    return 1;
  }
  if (paths.size() != 3) {
    fmt::print(stderr,
               "usage: bench_block_index DOCUMENTS.csr QUERIES.csr TRUTH.bin [--k K] [--queries N] [--rounds N] "
               "[--efforts E] [--index FILE] [--small] [--mapped] [--map] [--tune | --serve]\n");
    return 1;
  }
  options.documents = paths[0];
  options.queries = paths[1];
  options.truth = paths[2];
  if (auto status = run(bench); !status) {
    fmt::print(stderr, "bench_block_index: {}\n", status.error().message);
    return 1;
  }
  return 0;
}
