#include <fmt/format.h>
#include <tamis/base/thread_pool.h>
#include <tamis/search/pipeline.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "command.h"
#include "display.h"
#include "json.h"
#include "locate.h"
#include "progress.h"
#include "question_encoders.h"
#include "sample_questions.h"
#include "search_args.h"
#include "terminal.h"

namespace tamis::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct BenchArgs {
  std::string index;
  SampleSource source;
  std::vector<std::string> recalls;
  std::uint32_t k = 10, rounds = 3;
  bool json = false, quiet = false;
};

constexpr double kNormalRecalls[] = {1, 0.99, 0.95, 0.9};

/// What a line of the table says.
struct Row {
  double wanted = 1, recall = 0;
  double p50 = 0, p90 = 0, p99 = 0;        ///< ms
  double one_thread = 0, all_threads = 0;  ///< questions a second
  sieve::Effort effort;
};

/// One thread's way of asking: everything but the encoder is timed.
class Asker {
 public:
  Asker(std::shared_ptr<const Snapshot> snapshot, const SampleQuestions& questions)
      : snapshot_(std::move(snapshot)), questions_(questions) {}
  void use(const QuestionEncoders& encoders, const BenchArgs& args) {
    workers_ = encoders.make_workers();
    options_.method = encoders.method();
    workers_.give_to(options_);
    options_.question_kind = args.source.query_encoder;
    options_.k = args.k;
  }
  Result<search::SearchResult> ask(std::size_t i, double recall, const char* algorithm, double& seconds) {
    options_.recall = recall;
    options_.algorithm = algorithm;
    const auto begin = Clock::now();
    auto result = questions_.vectors.empty()
                      ? searcher_.search(snapshot_->collection(), questions_.words[i], options_)
                      : searcher_.search_vector(snapshot_->collection(), questions_.vectors[i], options_);
    seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    if (result) seconds -= result->encode_seconds;
    return result;
  }

 private:
  std::shared_ptr<const Snapshot> snapshot_;
  const SampleQuestions& questions_;
  QuestionEncoders::Workers workers_;
  search::SearchOptions options_;
  search::Searcher searcher_;
};

double at_share(std::vector<double>& sorted, double share) {
  return sorted.empty() ? 0 : sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5)];
}

class Bench {
 public:
  Bench(const BenchArgs& args, ProgressSink& progress) : args_(args), progress_(progress) {}

  Status open(const Engine& engine) {
    std::vector<std::shared_ptr<const Snapshot>> snapshots;
    while (snapshots.size() < pool_.size()) {
      TAMIS_TRY(auto snapshot, engine.snapshot());
      snapshots.push_back(std::move(snapshot));
    }
    snapshot_ = snapshots.front();
    TAMIS_TRY(questions_, sample_questions(*snapshot_, args_.source));
    if (questions_.size() == 0) return Error{Code::kInvalidArgument, "no question to measure with"};
    QuestionEncoders encoders;
    const bool words = !holds_vectors(snapshot_->collection());
    if (words) {
      TAMIS_TRY(encoders, QuestionEncoders::open(*snapshot_, args_.source.method, args_.source.query_encoder));
      if (!encoders.remark().empty()) say("tamis bench: " + encoders.remark());
    }
    name_ = words ? search::to_string(encoders.method()) : std::string(search::kExternalVectors);
    for (auto& snapshot : snapshots) {
      askers_.emplace_back(std::move(snapshot), questions_);
      askers_.back().use(encoders, args_);
    }
    return ok();
  }

  Result<std::vector<Row>> run(const std::vector<double>& recalls) {
    progress_.begin("measuring", questions_.size() * (1 + args_.rounds) + recalls.size() * questions_.size(),
                    "questions");
    TAMIS_TRY_OK(find_truth());
    std::vector<Row> rows;
    for (const double recall : recalls) rows.emplace_back().wanted = recall;
    TAMIS_TRY_OK(time_one_by_one(rows));
    for (auto& row : rows) TAMIS_TRY_OK(time_all_threads(row));
    progress_.end();
    return rows;
  }
  [[nodiscard]] const SampleQuestions& questions() const { return questions_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::size_t threads() { return pool_.size(); }
  [[nodiscard]] const search::Collection& collection() const { return snapshot_->collection(); }

 private:
  /// By adding up all postings.
  Status find_truth() {
    truth_.resize(questions_.size());
    return pool_.parallel_for(questions_.size(), [&](std::size_t i, std::size_t worker) -> Status {
      double ignored = 0;
      TAMIS_TRY(const auto result, askers_[worker].ask(i, 1, "window-exhaustive", ignored));
      for (const auto& one : result.passages) truth_[i].insert(one.id);
      if (worker == 0) progress_.update(i);
      return ok();
    });
  }
  /// Recalls take turns at each question, so that what else the machine does meets all of them.
  Status time_one_by_one(std::vector<Row>& rows) {
    std::vector<std::vector<double>> seconds(rows.size());
    std::vector<double> recalls(rows.size());
    for (std::uint32_t round = 0; round < args_.rounds; ++round) {
      for (std::size_t i = 0; i < questions_.size(); ++i) {
        for (std::size_t r = 0; r < rows.size(); ++r) {
          double took = 0;
          TAMIS_TRY(const auto result, askers_[0].ask(i, rows[r].wanted, "", took));
          if (round == 0) {
            seconds[r].push_back(took);
            recalls[r] += recall_of(i, result);
            rows[r].effort = result.effort;
          } else {
            seconds[r][i] = std::min(seconds[r][i], took);
          }
        }
        progress_.update((1 + round) * questions_.size() + i);
      }
    }
    for (std::size_t r = 0; r < rows.size(); ++r) {
      double sum = 0;
      for (const double one : seconds[r]) sum += one;
      const auto n = static_cast<double>(questions_.size());
      std::sort(seconds[r].begin(), seconds[r].end());
      rows[r].recall = recalls[r] / n;
      rows[r].p50 = 1e3 * at_share(seconds[r], 0.5);
      rows[r].p90 = 1e3 * at_share(seconds[r], 0.9);
      rows[r].p99 = 1e3 * at_share(seconds[r], 0.99);
      rows[r].one_thread = n / sum;
    }
    return ok();
  }
  Status time_all_threads(Row& row) {
    std::vector<double> encoding(pool_.size());
    const auto begin = Clock::now();
    TAMIS_TRY_OK(pool_.parallel_for(questions_.size(), [&](std::size_t i, std::size_t worker) -> Status {
      double ignored = 0;
      TAMIS_TRY(const auto result, askers_[worker].ask(i, row.wanted, "", ignored));
      encoding[worker] += result.encode_seconds;
      return ok();
    }));
    double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    // Encoders ran beside each other: what is left is the time of the searches.
    double encoded = 0;
    for (const double one : encoding) encoded += one;
    seconds -= encoded / static_cast<double>(pool_.size());
    row.all_threads = static_cast<double>(questions_.size()) / std::max(seconds, 1e-9);
    return ok();
  }
  [[nodiscard]] double recall_of(std::size_t i, const search::SearchResult& result) const {
    if (truth_[i].empty()) return 1;
    std::size_t hits = 0;
    for (const auto& one : result.passages) hits += truth_[i].count(one.id);
    return static_cast<double>(hits) / static_cast<double>(truth_[i].size());
  }

  const BenchArgs& args_;
  ProgressSink& progress_;
  ThreadPool pool_;
  std::shared_ptr<const Snapshot> snapshot_;
  SampleQuestions questions_;
  std::vector<Asker> askers_;
  std::vector<std::unordered_set<PassageId>> truth_;
  std::string name_;
};

/// A line of /proc/self/status in bytes, 0 where there is none.
std::uint64_t process_bytes(std::string_view key) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key)) return std::strtoull(line.c_str() + key.size() + 1, nullptr, 10) * 1024;
  }
  return 0;
}

std::string table(Bench& bench, const BenchArgs& args, const std::vector<Row>& rows, const IndexInfo& info) {
  std::string out = fmt::format(
      "{}: {}, {}, {} hits; times without encoding the question, best of {}\n\n"
      "{:>7} {:>8} {:>9} {:>9} {:>9} {:>10} {:>14}   effort\n",
      bench.name(), counted(info.live_passages, "passage"), counted(bench.questions().size(), "question"), args.k,
      counted(args.rounds, "round"), "recall", "found", "p50 ms", "p90 ms", "p99 ms", "questions/s",
      fmt::format("on {} threads", bench.threads()));
  for (const auto& row : rows) {
    out += fmt::format("{:>7} {:>8.4f} {:>9.3f} {:>9.3f} {:>9.3f} {:>10.0f} {:>14.0f}   {}\n", row.wanted, row.recall,
                       row.p50, row.p90, row.p99, row.one_thread, row.all_threads, to_text(row.effort));
  }
  out += fmt::format("\nmemory: {} anonymous, {} of files, {} at most\n", human_bytes(process_bytes("RssAnon:")),
                     human_bytes(process_bytes("RssFile:")), human_bytes(process_bytes("VmHWM:")));
  return out;
}

std::string as_json(Bench& bench, const BenchArgs& args, const std::vector<Row>& rows, const IndexInfo& info) {
  std::string out;
  for (const auto& row : rows) {
    JsonObject object;
    object.text("method", bench.name()).number("passages", info.live_passages);
    object.number("questions", std::uint64_t{bench.questions().size()}).number("k", std::uint64_t{args.k});
    object.number("recall", row.wanted).number("found", row.recall);
    object.number("p50_ms", row.p50).number("p90_ms", row.p90).number("p99_ms", row.p99);
    object.number("questions_per_second", row.one_thread).number("threads", std::uint64_t{bench.threads()});
    object.number("questions_per_second_all_threads", row.all_threads).text("effort", to_text(row.effort));
    object.number("rss_anon_bytes", process_bytes("RssAnon:")).number("rss_file_bytes", process_bytes("RssFile:"));
    object.number("peak_bytes", process_bytes("VmHWM:"));
    out += std::move(object).finish() + "\n";
  }
  return out;
}

Result<int> run_bench(const BenchArgs& args, Context& context) {
  TAMIS_TRY_OK(check_source(args.source));
  if (args.rounds == 0 || args.k == 0 || args.k > kMaxK) {
    return Error{Code::kInvalidArgument, fmt::format("--rounds and --k: at least 1, --k at most {}", kMaxK)};
  }
  std::vector<double> recalls;
  for (const auto& text : args.recalls) {
    TAMIS_TRY(const double recall, parse_recall("--recall", text));
    recalls.push_back(recall);
  }
  if (recalls.empty()) recalls.assign(std::begin(kNormalRecalls), std::end(kNormalRecalls));
  TAMIS_TRY(const auto engine, open_engine(args.index, context.terminal));
  const auto progress = make_progress(context.terminal, args.quiet);
  Bench bench(args, *progress);
  TAMIS_TRY_OK(bench.open(engine));
  TAMIS_TRY(const auto rows, bench.run(recalls));
  TAMIS_TRY(const auto info, engine.info());
  context.out.write(args.json ? as_json(bench, args, rows, info) : table(bench, args, rows, info));
  return kFound;
}

}  // namespace

Command make_bench_command() {
  auto args = std::make_shared<BenchArgs>();
  Command command;
  command.name = "bench";
  command.summary = "measure recall, latency and throughput of searches";
  command.description =
      "Asks all questions at each recall, turn by turn, and compares the hits with those of adding up all postings. "
      "Times are those of whole searches, without encoding the question. \"exact\" beside a recall below 1 means that "
      "nothing faster is known to reach it: \"tamis tune\" measures what does.";
  command.examples = {{"tamis bench --queries q.jsonl", "recall, p50, p90, p99, questions a second"},
                      {"tamis bench --recall 0.98 --recall 1 -k 100 --json", "for programs"}};
  add_index_option(command, args->index);
  add_sample_options(command, args->source);
  command.option("--recall", "SHARE", args->recalls, "may be repeated; normally 1, 0.99, 0.95 and 0.9");
  command.option("-k,--k", "N", args->k, "how many hits");
  command.option("--rounds", "N", args->rounds, "how often; the best time of a question counts");
  command.flag("--json", args->json, "one JSON object a recall");
  command.flag("-q,--quiet", args->quiet, "no progress");
  command.run = [args](Context& context) { return run_bench(*args, context); };
  return command;
}

}  // namespace tamis::cli
