#include <fmt/format.h>
#include <tamis/base/file.h>
#include <tamis/eval/evaluate.h>
#include <tamis/eval/files.h>

#include <filesystem>
#include <span>
#include <utility>

#include "command.h"
#include "display.h"
#include "eval_args.h"
#include "eval_html.h"
#include "locate.h"
#include "progress.h"
#include "search_args.h"

namespace tamis::cli {
namespace {

Result<eval::PassageOptions> passage_options(const EvalArgs& args) {
  eval::PassageOptions options;
  TAMIS_TRY(options.rule, eval::passage_rule_from(args.passages.empty() ? "max" : args.passages));
  options.separator = args.passage_separator;
  options.top = args.passage_top;
  if (options.top == 0) return Error{Code::kInvalidArgument, "--passage-top: 0 (wanted 1 or more)"};
  return options;
}

Result<eval::Run> read_run(const std::string& path, const EvalArgs& args, eval::Ids& ids) {
  TAMIS_TRY(auto run, of_the_call(eval::read_run(path, ids)));
  if (!args.passages.empty()) {
    TAMIS_TRY(const auto options, passage_options(args));
    auto documents = of_the_call(eval::documents_of_passages(run, options, ids));
    if (!documents) return within(path, std::move(documents).error());
    run = std::move(*documents);
  }
  if (args.no_self) {
    TAMIS_TRY(run, eval::without_self_matches(run, ids));
  }
  return run;
}

/// What was asked, for each query of the judgements.
Result<std::vector<std::string>> read_questions_of(const EvalResults& results, const std::string& path) {
  TAMIS_TRY(const auto topics, of_the_call(eval::read_topics(path)));
  std::vector<std::string> out(results.qrels.size());
  for (const auto& topic : topics) {
    const auto query = results.ids.queries.find(topic.id);
    const auto place = query ? results.qrels.find(*query) : std::nullopt;
    if (place) out[*place] = question_text(topic);
  }
  return out;
}

/// What the reader of a table should know of a run.
void say_gaps(const EvalResults& results, std::size_t run) {
  const auto& evaluation = results.evaluations[run];
  std::uint64_t missing = 0;
  for (const bool answered : evaluation.answered) missing += answered ? 0 : 1;
  if (missing > 0) {
    say(fmt::format("tamis eval: {}: no hits for {} of {} judged queries", harmless(results.run_names[run]),
                    with_commas(missing), with_commas(results.qrels.size())));
  }
  if (evaluation.num_unjudged_queries > 0) {
    say(fmt::format("tamis eval: {}: {} without judgements left out", harmless(results.run_names[run]),
                    counted(evaluation.num_unjudged_queries, "further query")));
  }
}

Status measure_runs(const EvalArgs& args, EvalResults& results) {
  TAMIS_TRY(const auto ties, eval::tie_rule_from(args.ties));
  for (const auto& path : std::span(args.words).subspan(1)) {
    TAMIS_TRY(const auto run, read_run(path, args, results.ids));
    results.run_names.push_back(path);
    results.evaluations.push_back(eval::evaluate(run, results.qrels, results.measures, ties, results.ids));
    say_gaps(results, results.evaluations.size() - 1);
  }
  if (!args.queries.empty()) {
    TAMIS_TRY(results.questions, read_questions_of(results, args.queries));
  }
  return ok();
}

/// The conditions that a table holds under.
std::string headline(const EvalArgs& args, const EvalResults& results) {
  return fmt::format("{}: {}, {}, {} hits; latency of {} hits on {}", shown_path(args.words[0]),
                     counted(results.passages, "passage"), counted(results.qrels.size(), "question"), args.index.depth,
                     args.index.timed_hits > 0 ? args.index.timed_hits : args.index.depth,
                     counted(results.threads, "thread"));
}

/// A page of one collection.
Status write_page_of(const EvalArgs& args, EvalResults results, const std::string& title,
                     const std::string& conditions) {
  if (args.html.empty()) return ok();
  std::vector<MeasuredCollection> one;
  one.push_back({title, "", std::move(results)});
  return write_page(args, one, title, conditions);
}

/// What an index's collection is called: as its folder, or the one around .tamis.
std::string name_of(const EvalArgs& args) {
  if (!args.collection.empty()) return args.collection;
  std::error_code error;
  auto path = std::filesystem::absolute(args.words[0], error).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  if (path.filename() == kIndexFolder) path = path.parent_path();
  return path.filename().string();
}

}  // namespace

Result<EvalIndexOptions> index_options(const EvalArgs& args) {
  auto options = args.index;
  for (const auto& text : args.methods) {
    TAMIS_TRY(const auto methods, split_methods(text));
    options.methods.insert(options.methods.end(), methods.begin(), methods.end());
  }
  TAMIS_TRY(options.ties, eval::tie_rule_from(args.ties));
  TAMIS_TRY(options.passages, passage_options(args));
  options.no_self = args.no_self;
  if (!args.recall.empty()) {
    TAMIS_TRY(options.recall, parse_recall("--recall", args.recall));
  }
  return options;
}

Result<EvalResults> begin_results(const EvalArgs& args, const std::string& qrels) {
  EvalResults results;
  TAMIS_TRY(results.measures, eval::parse_measures(args.measures));
  TAMIS_TRY(results.qrels, of_the_call(eval::read_qrels(qrels, results.ids)));
  if (results.qrels.size() == 0) return Error{Code::kInvalidArgument, fmt::format("{}: no judgements in it", qrels)};
  return results;
}

Result<EvalResults> measure_collection(const EvalArgs& args, const EvalIndexOptions& options, const std::string& folder,
                                       const std::string& queries, const std::string& qrels,
                                       const std::string& collection, const Context& context) {
  TAMIS_TRY(auto results, begin_results(args, qrels));
  TAMIS_TRY(const auto topics, of_the_call(eval::read_topics(queries)));
  TAMIS_TRY(const auto engine, open_engine(folder, context.terminal));
  const auto progress = make_progress(context.terminal, args.quiet);
  TAMIS_TRY_OK(measure_index(engine, topics, queries, options, *progress, results));
  name_queries(results);
  if (!args.ledger.empty()) TAMIS_TRY_OK(append_to_ledger(args, options, engine, collection, results));
  return results;
}

Status write_page(const EvalArgs& args, const std::vector<MeasuredCollection>& collections, const std::string& title,
                  const std::string& conditions) {
  if (args.html.empty()) return ok();
  const auto page = eval_html(collections, collections.front().results.base, args.report, title, conditions);
  return write_file_atomic(args.html, page);
}

Result<int> eval_runs(EvalArgs& args, Context& context) {
  if (args.words.size() < 2) {
    return Error{Code::kInvalidArgument, "runs: no run named (wanted: tamis eval runs A.trec)"};
  }
  if (args.qrels.empty()) return Error{Code::kInvalidArgument, "no judgements: --qrels FILE"};
  if (!args.methods.empty() || !args.ledger.empty()) {
    return Error{Code::kInvalidArgument, "--methods and --ledger: for an index (wanted: tamis eval INDEX)"};
  }
  TAMIS_TRY(auto results, begin_results(args, args.qrels));
  TAMIS_TRY_OK(measure_runs(args, results));
  name_queries(results);
  TAMIS_TRY(results.base, base_from(results, args.against, args.report.tests.missing));
  compare_runs(results, args.report.tests);
  context.out.write(
      args.json ? eval_json(results, args.report)
                : eval_table(results, results.measures.size(), args.report, Style(context.terminal.out_colour)));
  const auto conditions =
      fmt::format("{}, {}", counted(results.run_names.size(), "run"), counted(results.query_names.size(), "question"));
  TAMIS_TRY_OK(write_page_of(args, std::move(results), args.qrels, conditions));
  return kFound;
}

Result<int> eval_index(EvalArgs& args, Context& context) {
  if (args.words.size() > 1) {
    return Error{Code::kInvalidArgument,
                 fmt::format("{}: one index at a time, or \"runs\" in front of runs", args.words[1])};
  }
  if (args.qrels.empty()) return Error{Code::kInvalidArgument, "no judgements: --qrels FILE"};
  if (args.queries.empty()) return Error{Code::kInvalidArgument, "no questions: --queries FILE"};
  TAMIS_TRY(const auto options, index_options(args));
  TAMIS_TRY(auto results,
            measure_collection(args, options, args.words[0], args.queries, args.qrels, name_of(args), context));
  TAMIS_TRY(results.base, base_from(results, args.against, args.report.tests.missing));
  compare_runs(results, args.report.tests);
  const auto conditions = headline(args, results);
  if (args.json) {
    context.out.write(eval_json(results, args.report));
  } else {
    const Style style(context.terminal.out_colour);
    context.out.write(conditions + '\n' + eval_summary(results, args.report, style));
    if (results.run_names.size() > 1 || args.report.per_query) {
      context.out.write("\n" + eval_table(results, 1, args.report, style));
    }
  }
  TAMIS_TRY_OK(write_page_of(args, std::move(results), name_of(args), conditions));
  return kFound;
}

}  // namespace tamis::cli
