#include "tune.h"

#include <fmt/format.h>
#include <tamis/base/thread_pool.h>
#include <tamis/search/pipeline.h>

#include <memory>
#include <string>
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

struct TuneArgs {
  std::string index;
  SampleSource source;
  std::vector<std::string> ks;
  std::uint32_t threads = 0;
  bool json = false, quiet = false;
};

/// The numbers of hits that curves are made for unless told otherwise: fewer hits go by the next larger one.
constexpr std::uint32_t kNormalKs[] = {10, 100};
constexpr double kShownRecalls[] = {0.9, 0.95, 0.98, 0.99, 0.999};

bool has_blocks(const search::Collection& collection) {
  for (const auto& segment : collection.segments()) {
    if (segment.blocks.index != nullptr) return true;
  }
  return false;
}

/// One index, its sample of questions, and what they are asked with.
class Tuning {
 public:
  Tuning(Engine& engine, ProgressSink& progress, std::uint32_t threads)
      : engine_(engine), progress_(progress), pool_(threads) {}

  Status open(const SampleSource& source) {
    TAMIS_TRY(snapshot_, engine_.snapshot());
    const auto& collection = snapshot_->collection();
    if (!holds_vectors(collection)) {
      TAMIS_TRY(encoders_, QuestionEncoders::open(*snapshot_, source.method, source.query_encoder));
      if (!encoders_.remark().empty()) say("tamis tune: " + encoders_.remark());
      workers_ = encoders_.make_workers();
      options_.method = encoders_.method();
      workers_.give_to(options_);
      options_.question_kind = source.query_encoder;
    }
    TAMIS_TRY(questions_, sample_questions(*snapshot_, source));
    return ok();
  }
  [[nodiscard]] const search::Collection& collection() const { return snapshot_->collection(); }
  [[nodiscard]] std::size_t num_questions() const { return questions_.size(); }
  [[nodiscard]] std::string name() const {
    return holds_vectors(collection()) ? std::string(search::kExternalVectors) : search::curve_name(options_);
  }

  Result<sieve::RecallCurve> fit(std::uint32_t k) {
    options_.k = k;
    search::Searcher searcher;
    if (holds_vectors(collection())) {
      return searcher.fit_recall(collection(), questions_.vectors, options_, pool_, progress_);
    }
    return searcher.fit_recall(collection(), questions_.words, options_, pool_, progress_);
  }
  Status fit_and_keep(std::uint32_t k, sieve::RecallCurve& curve) {
    TAMIS_TRY(curve, fit(k));
    return engine_.put_curve(name(), k, curve);
  }

 private:
  Engine& engine_;
  ProgressSink& progress_;
  ThreadPool pool_;
  std::shared_ptr<const Snapshot> snapshot_;
  QuestionEncoders encoders_;
  QuestionEncoders::Workers workers_;
  search::SearchOptions options_;
  SampleQuestions questions_;
};

std::string curve_text(const std::string& name, std::uint32_t k, const sieve::RecallCurve& curve) {
  std::string out = fmt::format("{}, {} hits\n", name, k);
  const double exact = curve.points().back().cost;
  for (const double recall : kShownRecalls) {
    const auto effort = curve.effort_for(recall);
    for (const auto& point : curve.points()) {
      if (!(point.effort == effort)) continue;
      out += fmt::format("  recall {:<6} {:>4.0f} % of the work of an exact search; found {:.4f} ± {:.4f}: {}\n",
                         recall, 100 * point.cost / exact, point.recall, point.standard_error, to_text(effort));
      break;
    }
  }
  return out;
}

std::string curve_json(const std::string& name, std::uint32_t k, const sieve::RecallCurve& curve) {
  std::string points;
  for (const auto& point : curve.points()) {
    JsonObject object;
    object.number("recall", point.recall).number("standard_error", point.standard_error).number("cost", point.cost);
    object.number("bound_share", point.effort.bound_share).number("block_share", point.effort.block_share);
    object.number("query_share", point.effort.query_share).number("rerank", std::uint64_t{point.effort.rerank});
    points += (points.empty() ? "" : ",") + std::move(object).finish();
  }
  JsonObject object;
  object.text("method", name).number("k", std::uint64_t{k}).raw("points", "[" + points + "]");
  return std::move(object).finish() + "\n";
}

Result<std::vector<std::uint32_t>> wanted_ks(const std::vector<std::string>& texts) {
  if (texts.empty()) return std::vector<std::uint32_t>(std::begin(kNormalKs), std::end(kNormalKs));
  std::vector<std::uint32_t> ks;
  for (const auto& text : texts) {
    std::uint32_t k = 0;
    TAMIS_TRY_OK(detail::text_to_field("--k", text, k));
    if (k == 0 || k > kMaxK) {
      return Error{Code::kInvalidArgument, fmt::format("--k: {} (wanted 1 to {})", k, kMaxK)};
    }
    ks.push_back(k);
  }
  return ks;
}

Result<int> run_tune(const TuneArgs& args, Context& context) {
  TAMIS_TRY_OK(check_source(args.source));
  TAMIS_TRY(const auto ks, wanted_ks(args.ks));
  TAMIS_TRY(auto engine, open_engine(args.index, context.terminal));
  const auto progress = make_progress(context.terminal, args.quiet);
  Tuning tuning(engine, *progress, args.threads);
  TAMIS_TRY_OK(tuning.open(args.source));
  if (!has_blocks(tuning.collection())) {
    say("tamis tune: the index is too small to gain from it: all searches are exact");
    return kNothingFound;
  }
  if (tuning.num_questions() == 0) return Error{Code::kInvalidArgument, "no question to measure with"};
  for (const auto k : ks) {
    sieve::RecallCurve curve({});
    TAMIS_TRY_OK(tuning.fit_and_keep(k, curve));
    if (!args.quiet || args.json) {
      context.out.write(args.json ? curve_json(tuning.name(), k, curve) : curve_text(tuning.name(), k, curve));
    }
  }
  return kFound;
}

}  // namespace

Status tune_for(Engine& engine, double recall, ProgressSink& progress) {
  if (recall < 1) {
    Tuning tuning(engine, progress, 0);
    TAMIS_TRY_OK(tuning.open({}));
    for (const auto k : kNormalKs) {
      if (!has_blocks(tuning.collection()) || tuning.num_questions() == 0) break;
      if (tuning.collection().has_curve(tuning.name(), k)) continue;
      sieve::RecallCurve curve({});
      TAMIS_TRY_OK(tuning.fit_and_keep(k, curve));
    }
  }
  return engine.set_recall(recall);
}

Command make_tune_command() {
  auto args = std::make_shared<TuneArgs>();
  Command command;
  command.name = "tune";
  command.summary = "measure how little work finds how much, for searches with --recall";
  command.description =
      "A search with --recall 0.98 does only the work that is known to find 98 % of the best hits, in the mean over "
      "questions. What is known is measured by this command, on questions like those that will be asked, and kept in "
      "the "
      "index; without questions it makes some of the first sentences of passages. Searches for another method, another "
      "kind of questions or more hits than were measured are exact.\n\n"
      "Work is counted, not timed: the same questions give the same result on every machine.";
  command.examples = {{"tamis tune", "with questions out of the collection itself"},
                      {"tamis tune --queries log.jsonl", "with questions of yours, some hundreds or more"},
                      {"tamis search --recall 0.95 \"rotate a log file\"", "then: faster searches"}};
  add_index_option(command, args->index);
  add_sample_options(command, args->source);
  command.option("-k,--k", "N", args->ks, "how many hits; may be repeated; normally 10 and 100");
  command.option("--threads", "N", args->threads, "threads; 0 = all that the machine has");
  command.flag("--json", args->json, "all points of the curves, as JSON lines");
  command.flag("-q,--quiet", args->quiet, "no progress and no table");
  command.run = [args](Context& context) { return run_tune(*args, context); };
  return command;
}

}  // namespace tamis::cli
