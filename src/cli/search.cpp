#include <fmt/format.h>
#include <tamis/index/query_algorithm.h>
#include <tamis/search/query.h>

#include <charconv>
#include <chrono>
#include <memory>

#include "command.h"
#include "display.h"
#include "explain.h"
#include "find_passage.h"
#include "hits.h"
#include "locate.h"
#include "question_encoders.h"
#include "search_args.h"
#include "vector_format.h"

namespace tamis::cli {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

Result<search::ParsedQuery> parse(const std::string& text, bool plain, const search::Collection& collection) {
  if (plain) return search::plain_query(text);
  // The names of fields are looked up only where one could stand.
  if (text.find(':') == std::string::npos) return search::parse_query(text, {});
  return search::parse_query(text, collection.field_names());
}

constexpr std::size_t kShownUnknown = 8;
constexpr std::size_t kShownWordColumns = 40;

std::string unknown_text(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size() && i < kShownUnknown; ++i) {
    out += (i > 0 ? ", " : "") + shorten(harmless(words[i]), kShownWordColumns);
  }
  return words.size() > kShownUnknown ? fmt::format("{} and {} more", out, words.size() - kShownUnknown) : out;
}

/// Why there may be nothing: for standard error.
void explain_nothing(const search::SearchResult& result, const search::Collection& collection) {
  if (collection.num_passages() == 0) {
    say("tamis search: the index is empty: \"tamis index FOLDER\" fills it");
  } else if (collection.segments().front().field->config().name != "bm25") {
    say("tamis search: this index holds vectors: ask it with --query-vectors FILE");
  } else if (!result.unknown_words.empty()) {
    say(fmt::format("tamis search: nothing found; not in the index: {}", unknown_text(result.unknown_words)));
  } else {
    say("tamis search: nothing found");
  }
}

/// What was done for the wanted recall, and why.
std::string effort_text(const search::SearchOptions& options, const search::Collection& collection,
                        const sieve::Effort& effort) {
  const double recall = options.recall < 0 ? collection.recall() : options.recall;
  if (recall >= 1) return "recall 1: exact";
  if (effort.exact()) {
    return fmt::format(
        "recall {}: exact, for nothing faster is known to reach it for {} and {} hits: \"tamis tune\" "
        "measures it",
        recall, search::curve_name(options), options.k);
  }
  return fmt::format("recall {}: {}", recall, to_text(effort));
}

/// Passages that the command line names, as "tamis show" takes them.
Result<std::vector<PassageId>> marked_passages(const Engine& engine, const Snapshot& snapshot, std::string_view option,
                                               const std::vector<std::string>& names) {
  std::vector<PassageId> ids;
  for (const auto& name : names) {
    auto id = find_passage(engine, snapshot, name);
    if (!id) return within(option, std::move(id).error());
    ids.push_back(*id);
  }
  return ids;
}

Result<int> search_one(const SearchArgs& args, const Engine& engine, Context& context, Clock::time_point started) {
  std::string text;
  for (const auto& word : args.words) text += (text.empty() ? "" : " ") + word;
  TAMIS_TRY(const auto snapshot, engine.snapshot());
  const auto& collection = snapshot->collection();
  TAMIS_TRY(const auto encoders, QuestionEncoders::open(*snapshot, args.method, args.query_encoder));
  if (!encoders.remark().empty()) say("tamis search: " + encoders.remark());
  auto workers = encoders.make_workers();
  search::SearchOptions options = args.options;
  options.method = encoders.method();
  options.question_kind = args.query_encoder;
  workers.give_to(options);
  TAMIS_TRY(options.like, marked_passages(engine, *snapshot, "--like", args.like));
  TAMIS_TRY(options.unlike, marked_passages(engine, *snapshot, "--unlike", args.unlike));
  const auto opened = Clock::now();
  TAMIS_TRY(const auto query, parse(text, args.plain, collection));
  search::Searcher searcher;
  TAMIS_TRY(const auto result, searcher.search(collection, query, options));
  const auto searched = Clock::now();
  TAMIS_TRY(const auto hits, snapshot->hits(result.passages));
  HitPrinter printer(context.terminal, collection, args.whole_text);
  const Explainer explainer(*snapshot, encoders);
  std::vector<std::vector<ExplainedField>> why(hits.size());
  if (args.explain) {
    std::vector<PassageId> passages;
    for (const auto& hit : hits) passages.push_back(hit.passage);
    TAMIS_TRY(why, explainer.explain(searcher, query, options, passages));
  }
  search::Speller speller;
  TAMIS_TRY(const auto meant, did_you_mean(speller, collection, query, text));
  if (args.format == "text") {
    printer.begin(query);
    if (!meant.empty()) context.out.write(suggestion_line(meant) + (hits.empty() ? "" : "\n"));
  } else if (hits.empty() && !meant.empty()) {
    context.out.write(suggestion_json(nullptr, meant));
  }
  for (const auto& hit : hits) {
    if (context.out.closed()) break;
    const auto similar = result.similar.empty() ? 0 : result.similar[hit.rank - 1];
    if (args.format == "jsonl") {
      const auto explained = args.explain ? explained_json(why[hit.rank - 1]) : "";
      context.out.write(hit_json(hit, nullptr, {explained, meant, similar}));
    } else {
      context.out.write(printer.print(hit, similar) + explained_text(why[hit.rank - 1]));
    }
    if (args.format == "text" && hit.rank < hits.size()) context.out.write("\n");
  }
  if (args.stats) {
    (void)context.out.finish();  // the results come first
    say(fmt::format("{}: query {:.3f} ms{}: {}; opened in {:.1f} ms, hits read in {:.1f} ms",
                    search::to_string(options.method), milliseconds(opened, searched),
                    workers.encoders.empty() ? "" : fmt::format(", {:.3f} of it encoding", 1e3 * result.encode_seconds),
                    work_text(result.work), milliseconds(started, opened), milliseconds(searched, Clock::now())));
    say(effort_text(options, collection, result.effort));
  }
  if (hits.empty()) explain_nothing(result, collection);
  return hits.empty() ? kNothingFound : kFound;
}

Status check_request(SearchArgs& args, const Context& context) {
  const bool many = !args.queries.empty() || !args.query_vectors.empty();
  if (!args.queries.empty() && !args.query_vectors.empty()) {
    return Error{Code::kInvalidArgument, "--queries and --query-vectors: name one of them"};
  }
  if (many && !args.words.empty()) {
    return Error{Code::kInvalidArgument, "a question and a file of questions: name one of them"};
  }
  const bool marked = !args.like.empty() || !args.unlike.empty();
  if (many && marked) return Error{Code::kInvalidArgument, "--like and --unlike are for one question"};
  if (!many && args.words.empty() && !marked) {
    return Error{Code::kInvalidArgument, "no question: tamis search \"how do I rotate a log file\""};
  }
  const bool is_run = args.format == "trec" || args.format == "bin";
  if (is_run && !many) {
    return Error{Code::kInvalidArgument, "a run is made from a file of questions: --queries or --query-vectors"};
  }
  if (args.format == "bin" && context.terminal.out_is_terminal) {
    return Error{Code::kInvalidArgument, "--format bin: standard output is a terminal (wanted a file or a pipe)"};
  }
  if (args.explain && many) {
    return Error{Code::kInvalidArgument, "--explain is for one question"};
  }
  if (!args.query_vectors.empty() && !(args.method.empty() && args.query_encoder.empty())) {
    return Error{Code::kInvalidArgument,
                 "--query-vectors asks the index's own vectors: no --method, no --query-encoder"};
  }
  if (!args.recall.empty()) {
    TAMIS_TRY(args.options.recall, parse_recall("--recall", args.recall));
  }
  if (args.options.k > kMaxK) {
    return Error{Code::kInvalidArgument, fmt::format("--k: {} is more than {}", args.options.k, kMaxK)};
  }
  if (args.json) args.format = "jsonl";
  if (is_run) args.options.group_documents = true;
  if (args.plain && args.syntax) return Error{Code::kInvalidArgument, "--plain and --syntax: name one of them"};
  if (!args.queries.empty() && !args.syntax) args.plain = true;
  return ok();
}

Result<int> run_search(SearchArgs& args, Context& context) {
  const auto started = Clock::now();
  TAMIS_TRY_OK(check_request(args, context));
  TAMIS_TRY(const auto engine, open_engine(args.index, context.terminal));
  if (args.queries.empty() && args.query_vectors.empty()) return search_one(args, engine, context, started);
  return search_many(args, engine, context);
}

std::vector<std::string> algorithm_names() {
  std::vector<std::string> names;
  for (const auto name : index::query_algorithm_names()) names.emplace_back(name);
  return names;
}

/// For files of questions.
void add_batch_options(Command& command, SearchArgs& args) {
  command
      .option("--queries", "FILE", args.queries,
              "questions: JSON lines {\"_id\", \"text\"}, \"id TAB text\", or one a line; - is standard input")
      .of(Hint::kFile)
      .in("Many questions");
  command.flag("--syntax", args.syntax, "questions of a file have syntax too (else they are plain)")
      .in("Many questions");
  command
      .option("--query-vectors", "FILE", args.query_vectors,
              "questions as sparse vectors: JSON lines, CSR, CIFF, Seismic, NPZ")
      .of(Hint::kFile)
      .in("Many questions");
  command.option("--query-vectors-format", "NAME", args.query_vectors_format, "format of that file")
      .among(vector_format_names())
      .in("Many questions");
  command.option("--threads", "N", args.threads, "threads for many questions; 0 = all that the machine has")
      .in("Many questions");
}

}  // namespace

Result<std::string> did_you_mean(search::Speller& speller, const search::Collection& collection,
                                 const search::ParsedQuery& query, const std::string& text) {
  TAMIS_TRY(const auto words, speller.suggest(collection, query));
  return words.empty() ? std::string() : search::with_words_replaced(text, words);
}

std::string suggestion_line(const std::string& meant) { return fmt::format("Did you mean: {}\n", harmless(meant)); }

Result<double> parse_recall(std::string_view name, std::string_view text) {
  double recall = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), recall);
  if (error == std::errc() && end == text.data() + text.size() && recall > 0 && recall <= 1) return recall;
  return Error{Code::kInvalidArgument, fmt::format("{}: \"{}\" (wanted a share above 0, at most 1)", name, text)};
}

std::string to_text(const sieve::Effort& effort) {
  if (effort.exact()) return "exact";
  return fmt::format("{:.0f} % of the bounds, {:.0f} % of the blocks at most, {:.0f} % of the query, {} candidates",
                     100 * effort.bound_share, 100 * effort.block_share, 100 * effort.query_share, effort.rerank);
}

std::string work_text(const search::Work& work) {
  const auto& [windows, blocks, reranked] = work;
  std::string out;
  if (blocks.blocks > 0) {
    out = fmt::format("{} of {} blocks read, {} runs, {} exact scores", with_commas(blocks.blocks_scored),
                      with_commas(blocks.blocks), with_commas(blocks.runs), with_commas(blocks.reranked));
    if (blocks.exhaustive > 0) out += fmt::format(", {} x all postings", blocks.exhaustive);
  }
  if (windows.windows_total > 0 || blocks.blocks == 0) {
    out += fmt::format("{}{} of {} postings scored, {} of {} windows, {} candidates", out.empty() ? "" : "; ",
                       with_commas(windows.postings_scored), with_commas(windows.postings_total),
                       with_commas(windows.windows_scored), with_commas(windows.windows_total),
                       with_commas(windows.candidates));
  }
  if (reranked > 0) out += fmt::format("; {} reranked", with_commas(reranked));
  return out;
}

Command make_search_command() {
  auto args = std::make_shared<SearchArgs>();
  auto& options = args->options;
  Command command;
  command.name = "search";
  command.summary = "print the passages that answer a question best";
  command.description =
      "A question is plain words; besides them it may say \"an exact phrase\", +must, -not, field:value, field:>=value "
      "and "
      "path:glob. Fields are path, title, id and the metadata of the documents. A backslash takes the meaning from the "
      "next "
      "character, --plain from all.\n\n"
      "Each hit is \"rank. path:line  heading  score  passage\" and the lines that answer best; \"tamis show\" takes "
      "the passage or path:line. Without --index and $TAMIS_INDEX the index is .tamis of the current folder or of one "
      "above it.";
  command.examples = {
      {"tamis search \"how do I rotate a log file\"", "the ten best passages"},
      {"tamis search '+logrotate \"size limit\" -windows path:admin/**'", "must, phrase, not, and a filter"},
      {"tamis search 'year:>=2020 solar cells' --json -k 20", "JSON lines, for programs"},
      {"tamis search --method 'splade-tiny+bm25 > rerank:dense(n=50)' \"heat pumps\"",
       "the best 50 scored by a dense model"},
      {"tamis search --like p1042 --unlike p7", "more like the one, less like the other"},
      {"tamis search --explain --method splade-tiny \"why does my computer get hot\"", "by meaning alone, and why"},
      {"tamis search --queries q.jsonl --format trec -k 1000 > run.trec", "a TREC run, documents by best passage"},
      {"tamis search --query-vectors q.jsonl --format trec", "questions that are sparse vectors"},
      {"tamis search --query-vectors q.csr --format bin > top.bin", "row numbers and scores, as the BigANN tracks"}};
  command.arguments("WORD", args->words, "the question");
  add_index_option(command, args->index);
  command.option("-k,--k", "N", options.k, "how many hits");
  command.flag("--json", args->json, "one JSON object a line, the same as --format jsonl").in("Output");
  command.option("--format", "NAME", args->format, "how hits are printed")
      .among({"text", "jsonl", "trec", "bin"})
      .in("Output");
  command.flag("--full", args->whole_text, "the whole text of passages instead of the best lines").in("Output");
  command.flag("--stats", args->stats, "query time and counted work, to standard error").in("Output");
  command.flag("--explain", args->explain, "why each hit was found: shared terms, and the words that gave them")
      .in("Output");
  command.option(
      "--method", "METHOD", args->method,
      "what hits are ranked by: fields of the index joined by +, then how they are fused, then steps, such as "
      "splade-tiny+bm25, bm25 or splade-tiny*0.7+bm25*0.3:rrf>rocchio; normally the sum of all");
  command.option("--like", "PASSAGE", args->like,
                 "more like this passage, named as hits are (p1042); again for more; a question is not needed then");
  command.option("--unlike", "PASSAGE", args->unlike, "less like this passage; again for more");
  command
      .option("--query-encoder", "NAME", args->query_encoder,
              "the question by the model's network, or by token weights alone; normally what the model was made for")
      .among({"model", "idf"});
  command.option("--recall", "SHARE", args->recall,
                 "the share of the best that is to be found, 1 = all; less is faster where \"tamis tune\" has measured "
                 "what reaches it; normally the index's own");
  command.flag("--plain", args->plain, "every character is text: no syntax");
  command.flag("--documents", options.group_documents, "only the best passage of a document");
  command.option("--algorithm", "NAME", options.algorithm, "query algorithm; all give the same hits")
      .among(algorithm_names());
  command.option("--title-weight", "N", options.title_weight, "weight of title words; below 0 = the index's own");
  add_batch_options(command, *args);
  command.run = [args](Context& context) { return run_search(*args, context); };
  return command;
}

}  // namespace tamis::cli
