#include <fmt/format.h>
#include <tamis/base/thread_pool.h>
#include <tamis/search/query.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "binary_run.h"
#include "command.h"
#include "display.h"
#include "hits.h"
#include "question_encoders.h"
#include "questions.h"
#include "sample_questions.h"
#include "search_args.h"
#include "vector_format.h"

namespace tamis::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// Questions that are answered before their results are printed.
constexpr std::size_t kBlock = 256;

struct Answer {
  std::string printed;
  std::vector<RowHit> rows;  ///< for --format bin
  std::string problem;       ///< why this question has no answer; the others go on
  bool found = false;
  double milliseconds = 0;
};

/// What one thread answers with.
class Worker {
 public:
  Worker(const SearchArgs& args, const Terminal& terminal, std::shared_ptr<const Snapshot> snapshot)
      : args_(args),
        options_(args.options),
        snapshot_(std::move(snapshot)),
        printer_(terminal, snapshot_->collection(), args.whole_text) {}
  /// Before the first question.
  void use(const QuestionEncoders& encoders) {
    encoders_ = encoders.make_workers();
    options_.method = encoders.method();
    options_.question_kind = args_.query_encoder;
    encoders_.give_to(options_);
  }
  [[nodiscard]] const Snapshot& snapshot() const { return *snapshot_; }
  [[nodiscard]] std::uint64_t generation() const { return snapshot_->generation(); }
  [[nodiscard]] const search::Work& work() const { return work_; }

  Status answer(const Question& question, Answer& out) {
    search::ParsedQuery query;
    const auto begin = Clock::now();
    auto result = args_.query_vectors.empty() ? ask(question, query) : ask_vector(question);
    out.milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    if (!result) {
      if (result.error().code != Code::kInvalidArgument) return std::move(result).error();
      out.problem = result.error().message;
      return ok();
    }
    work_.add(result->work);
    out.found = !result->passages.empty();
    if (args_.format == "bin") return number_rows(*result, out.rows);
    return print(question, query, *result, out.printed);
  }

 private:
  Result<search::SearchResult> ask(const Question& question, search::ParsedQuery& query) {
    const auto& collection = snapshot_->collection();
    TAMIS_TRY(query, parse_question(question.text, question.filter, !args_.plain, collection.field_names()));
    return searcher_.search(collection, query, options_);
  }
  Result<search::SearchResult> ask_vector(const Question& question) {
    const auto& collection = snapshot_->collection();
    TAMIS_TRY(const auto vector, in_terms_of(collection, question.vector));
    return searcher_.search_vector(collection, vector, options_);
  }
  Status number_rows(const search::SearchResult& result, std::vector<RowHit>& out) {
    for (const auto& [passage, score] : result.passages) {
      TAMIS_TRY(const auto document, snapshot_->document_id(passage));
      TAMIS_TRY(const std::uint32_t row, row_number(document));
      out.push_back({row, score});
    }
    return ok();
  }
  Status print(const Question& question, const search::ParsedQuery& query, const search::SearchResult& result,
               std::string& out) {
    if (args_.format == "trec") {
      std::uint32_t rank = 0;
      const std::string id = run_id(question.id);
      for (const auto& [passage, score] : result.passages) {
        TAMIS_TRY(const auto document, snapshot_->document_id(passage));
        out += fmt::format("{} Q0 {} {} {} tamis\n", id, run_id(document), ++rank, score);
      }
      return ok();
    }
    TAMIS_TRY(const auto hits, snapshot_->hits(result.passages));
    TAMIS_TRY(const auto meant, did_you_mean(speller_, snapshot_->collection(), query, question.text));
    if (args_.format == "text") {
      printer_.begin(query);
      out += fmt::format("== {}  {}\n", harmless(question.id), harmless(question.text));
      if (!meant.empty()) out += suggestion_line(meant);
    } else if (hits.empty() && !meant.empty()) {
      out += suggestion_json(&question.id, meant);
    }
    for (std::size_t i = 0; i < hits.size(); ++i) {
      const auto similar = result.similar.empty() ? 0 : result.similar[i];
      out += args_.format == "jsonl" ? hit_json(hits[i], &question.id, {"", meant, similar})
                                     : printer_.print(hits[i], similar);
    }
    if (args_.format == "text") out += hits.empty() ? "   (nothing found)\n\n" : "\n";
    return ok();
  }

  const SearchArgs& args_;
  search::SearchOptions options_;
  QuestionEncoders::Workers encoders_;
  std::shared_ptr<const Snapshot> snapshot_;
  search::Searcher searcher_;
  search::Speller speller_;
  HitPrinter printer_;
  search::Work work_;
};

/// One worker a thread, all on the same state of the index, though it may be written meanwhile.
Result<std::vector<std::unique_ptr<Worker>>> make_workers(const SearchArgs& args, const Engine& engine,
                                                          const Terminal& terminal, std::size_t count) {
  std::vector<std::unique_ptr<Worker>> workers;
  while (workers.size() < count) {
    TAMIS_TRY(auto snapshot, engine.snapshot());
    workers.push_back(std::make_unique<Worker>(args, terminal, std::move(snapshot)));
    if (workers.back()->generation() != workers.front()->generation())
      workers.erase(workers.begin(), workers.end() - 1);
  }
  return workers;
}

void say_times(std::vector<double> times, const search::Work& work, double seconds, std::size_t threads) {
  if (times.empty()) return;
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1) + 0.5)];
  };
  say(fmt::format("{}: p50 {:.3f} ms, p90 {:.3f} ms, p99 {:.3f} ms; {:.2f} s on {}; {}",
                  counted(times.size(), "question"), at(0.5), at(0.9), at(0.99), seconds, counted(threads, "thread"),
                  work_text(work)));
}

}  // namespace

Result<int> search_many(const SearchArgs& args, const Engine& engine, Context& context) {
  std::vector<Question> questions;
  if (args.query_vectors.empty()) {
    TAMIS_TRY(questions, read_questions(args.queries));
  } else {
    TAMIS_TRY(const auto format, vector_format_from(args.query_vectors_format));
    TAMIS_TRY(questions, read_question_vectors(args.query_vectors, format));
  }
  ThreadPool pool(args.threads);
  TAMIS_TRY(const auto workers, make_workers(args, engine, context.terminal, pool.size()));
  QuestionEncoders encoders;
  if (args.query_vectors.empty()) {
    TAMIS_TRY(encoders, QuestionEncoders::open(workers.front()->snapshot(), args.method, args.query_encoder));
    if (!encoders.remark().empty()) say("tamis search: " + encoders.remark());
    for (const auto& worker : workers) worker->use(encoders);
  }
  std::optional<BinaryRun> binary;
  if (args.format == "bin") {
    TAMIS_TRY(binary, BinaryRun::of(questions.size(), args.options.k));
  }
  std::vector<double> times;
  std::vector<Answer> answers;
  bool found = false;
  const auto begin = Clock::now();
  for (std::size_t first = 0; first < questions.size() && !context.out.closed(); first += kBlock) {
    const std::size_t count = std::min(kBlock, questions.size() - first);
    answers.assign(count, {});
    TAMIS_TRY_OK(pool.parallel_for(count, [&](std::size_t i, std::size_t worker) {
      return workers[worker]->answer(questions[first + i], answers[i]);
    }));
    for (std::size_t i = 0; i < count; ++i) {
      context.out.write(answers[i].printed);
      if (binary) binary->add(answers[i].rows);
      if (!answers[i].problem.empty()) {
        say(fmt::format("tamis search: question {}: {}", harmless(questions[first + i].id),
                        harmless(answers[i].problem)));
      }
      found = found || answers[i].found;
      times.push_back(answers[i].milliseconds);
    }
  }
  if (binary) context.out.write(binary->image());
  if (args.stats) {
    (void)context.out.finish();
    search::Work work;
    for (const auto& worker : workers) work.add(worker->work());
    say_times(std::move(times), work, std::chrono::duration<double>(Clock::now() - begin).count(), pool.size());
  }
  return found ? kFound : kNothingFound;
}

}  // namespace tamis::cli
