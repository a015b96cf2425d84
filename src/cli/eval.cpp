#include <fmt/format.h>
#include <tamis/eval/evaluate.h>
#include <tamis/eval/files.h>

#include <memory>
#include <span>
#include <utility>

#include "command.h"
#include "display.h"
#include "eval_args.h"
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

Status check_args(const EvalArgs& args) {
  if (args.words.empty()) {
    return Error{Code::kInvalidArgument,
                 "nothing to evaluate (wanted: tamis eval INDEX --queries FILE --qrels FILE, or tamis eval runs A.trec "
                 "B.trec --qrels FILE)"};
  }
  const bool runs = args.words[0] == "runs";
  if (runs && args.words.size() < 2)
    return Error{Code::kInvalidArgument, "runs: no run named (wanted: tamis eval runs A.trec)"};
  if (!runs && args.words.size() > 1) {
    return Error{Code::kInvalidArgument,
                 fmt::format("{}: one index at a time, or \"runs\" in front of runs", args.words[1])};
  }
  if (args.qrels.empty()) return Error{Code::kInvalidArgument, "no judgements: --qrels FILE"};
  if (!runs && args.queries.empty()) return Error{Code::kInvalidArgument, "no questions: --queries FILE"};
  if (runs && !args.methods.empty()) {
    return Error{Code::kInvalidArgument, "--methods: runs are there already (wanted: tamis eval INDEX)"};
  }
  if (!(args.report.tests.alpha > 0.0 && args.report.tests.alpha < 1.0)) {
    return Error{Code::kInvalidArgument, fmt::format("--alpha: {} (wanted between 0 and 1)", args.report.tests.alpha)};
  }
  constexpr std::uint32_t kMostResamples = 100'000'000;
  if (args.report.tests.resamples > kMostResamples) {
    return Error{Code::kInvalidArgument,
                 fmt::format("--resamples: {} (wanted at most {})", args.report.tests.resamples, kMostResamples)};
  }
  if (args.index.depth == 0 || args.index.depth > kMaxK || args.index.timed_hits > kMaxK) {
    return Error{Code::kInvalidArgument,
                 fmt::format("--depth and --timed-hits: at most {}, --depth at least 1", kMaxK)};
  }
  return ok();
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

Status ask_index(const EvalArgs& args, const Context& context, EvalResults& results) {
  TAMIS_TRY(const auto options, index_options(args));
  TAMIS_TRY(const auto topics, of_the_call(eval::read_topics(args.queries)));
  TAMIS_TRY(const auto engine, open_engine(args.words[0], context.terminal));
  const auto progress = make_progress(context.terminal, args.quiet);
  return measure_index(engine, topics, args.queries, options, *progress, results);
}

/// The conditions that a table holds under.
std::string headline(const EvalArgs& args, const EvalResults& results) {
  return fmt::format("{}: {}, {}, {} hits; latency of {} hits on {}\n", shown_path(args.words[0]),
                     counted(results.passages, "passage"), counted(results.qrels.size(), "question"), args.index.depth,
                     args.index.timed_hits > 0 ? args.index.timed_hits : args.index.depth,
                     counted(results.threads, "thread"));
}

Result<int> run_eval(EvalArgs& args, Context& context) {
  TAMIS_TRY_OK(check_args(args));
  const bool runs = args.words[0] == "runs";
  EvalResults results;
  TAMIS_TRY(results.measures, eval::parse_measures(args.measures));
  TAMIS_TRY(args.report.tests.missing, eval::missing_queries_from(args.missing));
  TAMIS_TRY(results.qrels, of_the_call(eval::read_qrels(args.qrels, results.ids)));
  if (results.qrels.size() == 0) {
    return Error{Code::kInvalidArgument, fmt::format("{}: no judgements in it", args.qrels)};
  }
  TAMIS_TRY_OK(runs ? measure_runs(args, results) : ask_index(args, context, results));
  TAMIS_TRY(results.base, base_from(results, args.against, args.report.tests.missing));
  compare_runs(results, args.report.tests);
  const Style style(context.terminal.out_colour);
  if (args.json) {
    context.out.write(eval_json(results, args.report));
  } else if (runs) {
    context.out.write(eval_table(results, results.measures.size(), args.report, style));
  } else {
    context.out.write(headline(args, results) + eval_summary(results, args.report, style));
    if (results.run_names.size() > 1 || args.report.per_query) {
      context.out.write("\n" + eval_table(results, 1, args.report, style));
    }
  }
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

void add_rules(Command& command, EvalArgs& args) {
  command
      .option("--ties", "RULE", args.ties,
              "equal scores: descending ids as trec_eval, ascending ids, lines as they are")
      .among({"trec", "id", "given"})
      .in("Rules");
  command.option("--missing", "RULE", args.missing, "judged queries without hits: count as 0 (trec_eval -c), or not")
      .among({"zero", "skip"})
      .in("Rules");
  command.flag("--no-self", args.no_self, "take out hits that have the query's own id").in("Rules");
  command
      .option("--passages", "RULE", args.passages,
              "a document's score from its passages': the best, the first, the sum, the mean of the best; of an index "
              "normally max, and runs are normally of documents")
      .among({"max", "first", "sum", "mean"})
      .in("Rules");
  command.option("--passage-separator", "TEXT", args.passage_separator, "stands between document and passage in ids")
      .in("Rules");
  command.option("--passage-top", "N", args.passage_top, "passages of --passages mean").in("Rules");
}

void add_index_rules(Command& command, EvalArgs& args) {
  command
      .option("--methods", "METHODS", args.methods,
              "methods as of \"tamis search\", separated by commas; may be repeated; normally each field of the index "
              "by itself and the sum of all")
      .in("Of an index");
  command.option("--query-encoder", "NAME", args.index.query_encoder, "as of \"tamis search\"")
      .among({"model", "idf"})
      .in("Of an index");
  command.option("--recall", "SHARE", args.recall, "as of \"tamis search\"; normally the index's own")
      .in("Of an index");
  command.flag("--syntax", args.index.syntax, "questions have syntax (else they are plain)").in("Of an index");
  command
      .option("--depth", "N", args.index.depth,
              "hits that are measured: documents; with a rule other than max, passages")
      .in("Of an index");
  command
      .option("--timed-hits", "N", args.index.timed_hits,
              "latency is that of a search for so many passages; 0 = of the search that is measured")
      .in("Of an index");
  command.option("--threads", "N", args.index.threads, "questions at a time; 0 = as many as the machine has threads")
      .in("Of an index");
  command.option("--save-runs", "DIR", args.index.save_runs, "writes a TREC run a method")
      .of(Hint::kFolder)
      .in("Of an index");
  command.flag("-q,--quiet", args.quiet, "no progress").in("Of an index");
}

void add_options(Command& command, EvalArgs& args) {
  command.option("--qrels", "FILE", args.qrels, "judgements: TREC, MS MARCO or BEIR").of(Hint::kFile);
  command
      .option("--queries", "FILE", args.queries,
              "questions: JSON lines {\"_id\", \"text\", \"filter\"}, id TAB text, TREC topics; of runs only to show "
              "them")
      .of(Hint::kFile);
  command.option("--measures", "NAMES", args.measures, "what is measured, separated by blanks");
  command.flag("--json", args.json, "one JSON object a measure and run");
  command.flag("--per-query", args.report.per_query, "the values of each query too");
  command.option("--queries-worst", "N", args.report.queries_worst, "the N queries that lose most, and that gain most");
  command
      .option("--against", "RUN", args.against,
              "what the others are compared to: the first, the best, or a run by its name")
      .in("Tests");
  command.option("--alpha", "P", args.report.tests.alpha, "p values below it get a mark").in("Tests");
  command
      .option("--resamples", "N", args.report.tests.resamples,
              "random samples of a test or interval; 0 = 20,000, fewer for many queries")
      .in("Tests");
  command.option("--seed", "N", args.report.tests.seed, "of the random samples").in("Tests");
  add_index_rules(command, args);
  add_rules(command, args);
}

}  // namespace

Command make_eval_command() {
  auto args = std::make_shared<EvalArgs>();
  Command command;
  command.name = "eval";
  command.summary = "measure how good searches are, and whether they differ";
  command.description =
      "With the folder of an index: asks it all questions that have judgements, by each method, and prints a line a "
      "method with all measures and the latency of a question; + and - mark what is significantly better or worse than "
      "the first method. A question's \"filter\", such as \"id:doc-7/*\" or \"year:>=2020\", says what may answer "
      "it.\n\nruns reads runs of any system (TREC's six columns, also .gz and .zst); no index is needed. A "
      "table a measure: mean, change, p value of a paired randomisation test with Holm's correction over the runs, a * "
      "where it is below --alpha, bootstrap interval of the change, queries that got better and worse.\n\nMeasures "
      "have the names of ir-measures, with parameters as in \"P(rel=2)@5\" and "
      "\"nDCG(dcg='exp-log2')@10\": " +
      measures_text() + ".";
  command.examples = {
      {"tamis eval .tamis --queries q.jsonl --qrels test.tsv", "all fields of the index, and their sum"},
      {"tamis eval .tamis --queries q.jsonl --qrels test.tsv --methods 'bm25, splade-tiny+bm25' --queries-worst 5",
       "what one method loses and gains"},
      {"tamis eval runs bm25.trec new.trec --qrels test.tsv", "is the second run better?"},
      {"tamis eval runs a.trec --qrels qrels.txt --measures \"nDCG@10 AP(rel=2) R@1000\" --json", "for programs"},
      {"tamis eval runs a.trec b.trec --qrels test.tsv --queries-worst 5 --queries queries.jsonl", "where it lost"},
      {"tamis eval runs passages.trec --qrels qrels.txt --passages max --passage-separator %", "documents by MaxP"}};
  command.arguments("INDEX | runs FILE", args->words, "an index's folder; or \"runs\" and runs").of(Hint::kPath);
  add_options(command, *args);
  command.run = [args](Context& context) { return run_eval(*args, context); };
  return command;
}

}  // namespace tamis::cli
