#include <fmt/format.h>
#include <tamis/eval/evaluate.h>

#include <memory>
#include <string_view>
#include <utility>

#include "command.h"
#include "eval_args.h"
#include "search_args.h"

namespace tamis::cli {
namespace {

/// What a first word stands for; anything else is an index.
struct Kind {
  std::string_view name;
  Result<int> (*run)(EvalArgs&, Context&);
};
constexpr Kind kKinds[] = {
    {"runs", eval_runs}, {"collections", eval_collections}, {"diff", eval_diff}, {"ledger", eval_ledger}};

Status check_args(const EvalArgs& args) {
  if (args.words.empty()) {
    return Error{Code::kInvalidArgument,
                 "nothing to evaluate (wanted: tamis eval INDEX --queries FILE --qrels FILE, or tamis eval runs A.trec "
                 "B.trec --qrels FILE)"};
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

Result<int> run_eval(EvalArgs& args, Context& context) {
  TAMIS_TRY_OK(check_args(args));
  TAMIS_TRY(args.report.tests.missing, eval::missing_queries_from(args.missing));
  for (const auto& kind : kKinds) {
    if (kind.name == args.words[0]) return kind.run(args, context);
  }
  return eval_index(args, context);
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
  command.option("--title-weight", "N", args.index.title_weight, "weight of title words; below 0 = the index's own")
      .in("Of an index");
  command
      .option("--sample", "N", args.index.sample,
              "at most so many questions, spread over each file: for a quick look; 0 = all")
      .in("Of an index");
  command.option("--save-runs", "DIR", args.index.save_runs, "writes a TREC run a method")
      .of(Hint::kFolder)
      .in("Of an index");
  command
      .option("--ledger", "FILE", args.ledger,
              "appends an entry a method to this file (SQLite); diff and ledger read it")
      .of(Hint::kFile)
      .in("Of an index");
  command
      .option("--collection", "NAME", args.collection,
              "what the ledger calls the questions; normally the folder around the index")
      .in("Of an index");
  command
      .option("--choose", "NAME=METHODS", args.choices,
              "of collections: a column that is, for each, the one of these methods that is best on the others; may be "
              "repeated")
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
  command
      .option("--html", "FILE", args.html,
              "writes a page too: tables, quality against latency, gains and losses of each question; it needs no "
              "network")
      .of(Hint::kFile);
  command.flag("--markdown", args.markdown, "of collections: tables in Markdown");
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
      "where it is below --alpha, bootstrap interval of the change, queries that got better and worse.\n\n"
      "collections reads a list of test collections, JSON lines {\"name\", \"index\", \"queries\", \"qrels\", "
      "\"group\"}, and asks all of them: a table of collections and methods, and means in which collections, or groups "
      "of them, weigh alike. diff compares two entries of a --ledger by their numbers, or two runs; ledger lists "
      "one.\n\nMeasures "
      "have the names of ir-measures, with parameters as in \"P(rel=2)@5\" and "
      "\"nDCG(dcg='exp-log2')@10\": " +
      measures_text() + ".";
  command.examples = {
      {"tamis eval .tamis --queries q.jsonl --qrels test.tsv", "all fields of the index, and their sum"},
      {"tamis eval .tamis --queries q.jsonl --qrels test.tsv --methods 'bm25, splade-tiny+bm25'",
       "what one method loses and gains"},
      {"tamis eval collections list.jsonl --methods 'bm25, splade-tiny+bm25'", "over several test collections"},
      {"tamis eval diff 3 7 --ledger ledger.db", "what changed between two measurements"},
      {"tamis eval runs bm25.trec new.trec --qrels test.tsv", "is the second run better?"},
      {"tamis eval runs a.trec --qrels qrels.txt --measures \"nDCG@10 AP(rel=2) R@1000\" --json", "for programs"},
      {"tamis eval runs a.trec b.trec --qrels test.tsv --queries-worst 5 --queries queries.jsonl", "where it lost"},
      {"tamis eval runs passages.trec --qrels qrels.txt --passages max --passage-separator %", "documents by MaxP"}};
  command
      .arguments(
          "INDEX | KIND FILE", args->words,
          "an index's folder; or runs and runs, collections and a list, diff and two entries or runs, ledger and "
          "one")
      .of(Hint::kPath);
  add_options(command, *args);
  command.run = [args](Context& context) { return run_eval(*args, context); };
  return command;
}

}  // namespace tamis::cli
