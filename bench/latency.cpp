// Answers questions on an index and says how long each took: the Tamis side of bench/bm25_speed.py.
//
//   bench_latency INDEX [ALGORITHM]
//
// Reads lines "K<TAB>question" from standard input; answers each, at once, with a line
// "microseconds<TAB>hits<TAB>document id of the best". The time is that of parsing, analysing and searching, for
// passage ids and scores; plain questions, one thread.
#include <fmt/core.h>
#include <tamis/tamis.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

namespace {

using namespace tamis;

Result<std::string> answer(const Snapshot& snapshot, search::Searcher& searcher, std::string_view line,
                           search::SearchOptions options) {
  const auto tab = line.find('\t');
  if (tab == std::string_view::npos ||
      std::from_chars(line.data(), line.data() + tab, options.k).ptr != line.data() + tab) {
    return Error{Code::kInvalidArgument, fmt::format("\"{}\": not K<TAB>question", line)};
  }
  const auto begin = std::chrono::steady_clock::now();
  TAMIS_TRY(const auto query, search::plain_query(line.substr(tab + 1)));
  TAMIS_TRY(const auto found, searcher.search(snapshot.collection(), query, options));
  const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - begin;
  std::string best;
  if (!found.passages.empty()) {
    TAMIS_TRY(best, snapshot.document_id(found.passages.front().id));
  }
  return fmt::format("{:.1f}\t{}\t{}", time.count(), found.passages.size(), best);
}

Status run(const char* folder, search::SearchOptions options) {
  TAMIS_TRY(const auto engine, Engine::open(folder));
  TAMIS_TRY(const auto snapshot, engine.snapshot());
  search::Searcher searcher;
  for (std::string line; std::getline(std::cin, line);) {
    TAMIS_TRY(const auto text, answer(*snapshot, searcher, line, options));
    fmt::print("{}\n", text);
    std::fflush(stdout);
  }
  return ok();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: bench_latency INDEX [ALGORITHM]\n");
    return 2;
  }
  search::SearchOptions options;
  if (argc > 2) options.algorithm = argv[2];
  const auto status = run(argv[1], options);
  if (status) return 0;
  fmt::print(stderr, "bench_latency: {}\n", status.error().message);
  return 2;
}
