#include <fmt/format.h>
#include <tamis/eval/evaluate.h>
#include <tamis/eval/files.h>

#include <memory>
#include <span>
#include <utility>

#include "command.h"
#include "display.h"
#include "eval_report.h"

namespace tamis::cli {
namespace {

struct EvalArgs {
  std::vector<std::string> words;
  std::string qrels, queries, measures = "nDCG@10 AP R@100 RR@10", ties = "trec", missing = "zero", passages;
  std::string passage_separator = "#";
  std::uint32_t passage_top = 3;
  EvalReportOptions report;
  bool json = false, no_self = false;
};

/// A file of the user, not of an index: its faults are the call's.
template <class T>
Result<T> of_the_call(Result<T> result) {
  if (result || result.error().code != Code::kCorrupt) return result;
  return Error{Code::kInvalidArgument, std::move(result).error().message};
}

Result<eval::Run> read_run(const std::string& path, const EvalArgs& args, eval::Ids& ids) {
  TAMIS_TRY(auto run, of_the_call(eval::read_run(path, ids)));
  if (!args.passages.empty()) {
    eval::PassageOptions options;
    TAMIS_TRY(options.rule, eval::passage_rule_from(args.passages));
    options.separator = args.passage_separator;
    options.top = args.passage_top;
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
    if (place) out[*place] = topic.title.empty() ? topic.description : topic.title;
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

Status check_args(const EvalArgs& args) {
  if (args.words.empty() || args.words[0] != "runs") {
    return Error{
        Code::kInvalidArgument,
        fmt::format("{} (wanted: tamis eval runs A.trec B.trec --qrels FILE)",
                    args.words.empty() ? "nothing to evaluate" : "'" + args.words[0] + "' is no kind of evaluation")};
  }
  if (args.words.size() < 2)
    return Error{Code::kInvalidArgument, "runs: no run named (wanted: tamis eval runs A.trec)"};
  if (args.qrels.empty()) return Error{Code::kInvalidArgument, "no judgements: --qrels FILE"};
  if (!(args.report.alpha > 0.0 && args.report.alpha < 1.0)) {
    return Error{Code::kInvalidArgument, fmt::format("--alpha: {} (wanted between 0 and 1)", args.report.alpha)};
  }
  constexpr std::uint32_t kMostResamples = 100'000'000;
  if (args.report.resamples > kMostResamples) {
    return Error{Code::kInvalidArgument,
                 fmt::format("--resamples: {} (wanted at most {})", args.report.resamples, kMostResamples)};
  }
  return ok();
}

Result<int> run_eval(EvalArgs& args, Context& context) {
  TAMIS_TRY_OK(check_args(args));
  EvalResults results;
  TAMIS_TRY(results.measures, eval::parse_measures(args.measures));
  TAMIS_TRY(const auto ties, eval::tie_rule_from(args.ties));
  TAMIS_TRY(args.report.missing, eval::missing_queries_from(args.missing));
  TAMIS_TRY(results.qrels, of_the_call(eval::read_qrels(args.qrels, results.ids)));
  if (results.qrels.size() == 0) {
    return Error{Code::kInvalidArgument, fmt::format("{}: no judgements in it", args.qrels)};
  }
  for (const auto& path : std::span(args.words).subspan(1)) {
    TAMIS_TRY(const auto run, read_run(path, args, results.ids));
    results.run_names.push_back(path);
    results.evaluations.push_back(eval::evaluate(run, results.qrels, results.measures, ties, results.ids));
    say_gaps(results, results.evaluations.size() - 1);
  }
  if (!args.queries.empty()) {
    TAMIS_TRY(results.questions, read_questions_of(results, args.queries));
  }
  context.out.write(args.json ? eval_json(results, args.report)
                              : eval_table(results, args.report, Style(context.terminal.out_colour)));
  return kFound;
}

std::string measures_text() {
  std::string out;
  for (const auto& info : eval::known_measures()) {
    const std::string_view cutoff = info.needs_cutoff ? "@k" : info.takes_cutoff ? "[@k]" : "";
    out += fmt::format("{}{}{} ({})", out.empty() ? "" : "; ", info.name, cutoff, info.summary);
  }
  return out;
}

void add_options(Command& command, EvalArgs& args) {
  command.option("--qrels", "FILE", args.qrels, "judgements: TREC, MS MARCO or BEIR").of(Hint::kFile);
  command.option("--measures", "NAMES", args.measures, "what is measured, separated by blanks");
  command.flag("--json", args.json, "one JSON object a measure and run");
  command.flag("--per-query", args.report.per_query, "the values of each query too");
  command.option("--queries-worst", "N", args.report.queries_worst, "the N queries that lose most, and that gain most");
  command.option("--queries", "FILE", args.queries, "questions, shown with them: JSON lines, id TAB text, TREC topics")
      .of(Hint::kFile);
  command
      .option("--ties", "RULE", args.ties,
              "equal scores: descending ids as trec_eval, ascending ids, lines as they are")
      .among({"trec", "id", "given"})
      .in("Rules");
  command.option("--missing", "RULE", args.missing, "judged queries without hits: count as 0 (trec_eval -c), or not")
      .among({"zero", "skip"})
      .in("Rules");
  command.flag("--no-self", args.no_self, "take out hits that have the query's own id").in("Rules");
  command.option("--passages", "RULE", args.passages, "hits are passages: a document's score from theirs")
      .among({"max", "first", "sum", "mean"})
      .in("Rules");
  command.option("--passage-separator", "TEXT", args.passage_separator, "stands between document and passage in ids")
      .in("Rules");
  command.option("--passage-top", "N", args.passage_top, "passages of --passages mean").in("Rules");
  command.option("--alpha", "P", args.report.alpha, "p values below it get a mark").in("Tests");
  command
      .option("--resamples", "N", args.report.resamples,
              "random samples of a test or interval; 0 = 20,000, fewer for many queries")
      .in("Tests");
  command.option("--seed", "N", args.report.seed, "of the random samples").in("Tests");
}

}  // namespace

Command make_eval_command() {
  auto args = std::make_shared<EvalArgs>();
  Command command;
  command.name = "eval";
  command.summary = "measure how good runs are, and whether they differ";
  command.description =
      "runs reads runs of any system (TREC's six columns, also .gz and .zst) and compares each with the first one. A "
      "table a measure: mean, change, p value of a paired randomisation test with Holm's correction over the runs, a * "
      "where it is below --alpha, bootstrap interval of the change, queries that got better and worse. No index is "
      "needed.\n\nMeasures have the names of ir-measures, with parameters as in \"P(rel=2)@5\" and "
      "\"nDCG(dcg='exp-log2')@10\": " +
      measures_text() + ".";
  command.examples = {
      {"tamis eval runs bm25.trec new.trec --qrels test.tsv", "is the second run better?"},
      {"tamis eval runs a.trec --qrels qrels.txt --measures \"nDCG@10 AP(rel=2) R@1000\" --json", "for programs"},
      {"tamis eval runs a.trec b.trec --qrels test.tsv --queries-worst 5 --queries queries.jsonl", "where it lost"},
      {"tamis eval runs passages.trec --qrels qrels.txt --passages max --passage-separator %", "documents by MaxP"}};
  command.arguments("runs FILE", args->words, "\"runs\", then runs; the first is what others are compared to")
      .of(Hint::kFile);
  add_options(command, *args);
  command.run = [args](Context& context) { return run_eval(*args, context); };
  return command;
}

}  // namespace tamis::cli
