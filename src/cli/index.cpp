#include <fmt/format.h>
#include <tamis/engine/engine.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include "command.h"
#include "dense_vectors.h"
#include "display.h"
#include "index_encoders.h"
#include "index_report.h"
#include "interrupt.h"
#include "locate.h"
#include "progress.h"
#include "search_args.h"
#include "terminal.h"
#include "tune.h"
#include "vector_format.h"

namespace tamis::cli {
namespace {

namespace fs = std::filesystem;

struct IndexArgs {
  std::vector<std::string> paths;
  std::string index, vectors, vectors_format = "auto", encoder, dense, recall;
  IngestOptions options;
  bool no_ignore = false, json = false, quiet = false, verbose = false;
};

/// No index is made for a path that is not there.
Status check_exists(const std::string& path) {
  std::error_code error;
  if (fs::exists(path, error)) return ok();
  if (error) return Error{Code::kIo, fmt::format("{}: {}", path, error.message())};
  return Error{Code::kNotFound, fmt::format("{}: no such file or folder", path)};
}

/// The paths to read, without "-".
Result<std::vector<fs::path>> folders_and_files(const IndexArgs& args) {
  std::vector<fs::path> roots;
  for (const auto& path : args.paths) {
    if (path == "-") continue;
    TAMIS_TRY_OK(check_exists(path));
    roots.emplace_back(path);
  }
  if (!args.vectors.empty()) TAMIS_TRY_OK(check_exists(args.vectors));
  return roots;
}

Status check_request(const IndexArgs& args) {
  const auto& options = args.options;
  TAMIS_TRY_OK(options.bm25.validate());
  TAMIS_TRY_OK(options.passages.validate());
  if (!options.language.empty()) TAMIS_TRY_OK(text::language_from(options.language));
  const auto& fields = options.read.fields;
  const bool read_otherwise = !options.read.reader.empty() || !options.language.empty() || !fields.id.empty() ||
                              !fields.title.empty() || !fields.text.empty();
  if (args.paths.empty() && args.vectors.empty() && read_otherwise) {
    return Error{Code::kInvalidArgument,
                 "no path named: what was indexed before is read as it was then; name the path to read it otherwise"};
  }
  if (!args.paths.empty() && !args.vectors.empty()) {
    return Error{Code::kInvalidArgument, "an index holds either texts or vectors: name folders or --vectors, not both"};
  }
  return ok();
}

Result<IngestReport> ingest_everything(const IndexArgs& args, const std::vector<fs::path>& roots, Engine& engine,
                                       ProgressSink& progress, const CancelToken& cancel) {
  if (!args.vectors.empty()) {
    TAMIS_TRY(const auto format, vector_format_from(args.vectors_format));
    return engine.ingest_vectors(args.vectors, format, args.options, progress, cancel);
  }
  IngestReport report;
  if (!roots.empty() || args.paths.empty()) {
    TAMIS_TRY(report, engine.ingest(roots, args.options, progress, cancel));
  }
  for (const auto& path : args.paths) {
    if (path != "-") continue;
    TAMIS_TRY(const auto stream, docs::open_stream(STDIN_FILENO));
    TAMIS_TRY(auto more, engine.ingest_stream(*stream, args.options, progress, cancel));
    add_report(report, std::move(more));
    break;  // it can be read once
  }
  return report;
}

/// An update of what is indexed already looks for its index as a search does; a path makes a new one here.
Result<Engine> open_or_create(const IndexArgs& args, const Terminal& terminal) {
  if (!args.paths.empty() || !args.vectors.empty()) return Engine::open_or_create(index_to_write(args.index, terminal));
  auto engine = open_engine(args.index, terminal);
  if (engine || engine.error().code != Code::kNotFound) return engine;
  return Error{Code::kNotFound,
               "nothing named and no index to update: tamis index FOLDER, tamis index FILE, or tamis index - for "
               "standard input"};
}

Result<int> run_index(IndexArgs& args, Context& context) {
  TAMIS_TRY_OK(check_request(args));
  CancelToken cancel;
  const Interruptible interruptible(cancel);  // before there is anything to be left half-made
  double recall = 1;
  if (!args.recall.empty()) {
    TAMIS_TRY(recall, parse_recall("--recall", args.recall));
  }
  TAMIS_TRY(const auto roots, folders_and_files(args));
  TAMIS_TRY(auto engine, open_or_create(args, context.terminal));
  if (args.vectors.empty()) {
    TAMIS_TRY(auto encoders, encoders_to_index(engine, args.encoder, args.options.rebuild));
    args.options.encoders = std::move(encoders.choices);
    if (!encoders.remark.empty() && !args.quiet) say("tamis index: " + encoders.remark);
  }
  const auto progress = make_progress(context.terminal, args.quiet);
  TAMIS_TRY(const auto report, ingest_everything(args, roots, engine, *progress, cancel));

  if (args.vectors.empty()) {
    TAMIS_TRY(const auto dense, update_dense(engine, args.dense, args.options.threads, *progress, cancel));
    if (!dense.remark.empty() && !args.quiet) say("tamis index: " + dense.remark);
  }
  if (!args.recall.empty()) TAMIS_TRY_OK(tune_for(engine, recall, *progress));

  const Style errors(context.terminal.error_colour);
  if (const auto warnings = report_warnings(report, args.verbose, errors); !warnings.empty()) say(warnings);
  if (args.json) {
    context.out.write(report_json(report));
  } else if (!args.quiet) {
    context.out.write(report_text(report, args.verbose, Style(context.terminal.out_colour)));
  }
  const bool empty = report.documents == 0 && report.files_unchanged == 0 && report.files_deleted == 0;
  if (empty) say("tamis index: found nothing to index");
  return empty ? kNothingFound : kFound;
}

std::vector<std::string> reader_names() {
  std::vector<std::string> names;
  for (const auto* reader : docs::readers()) names.emplace_back(reader->name());
  return names;
}

/// What is read, and how.
void add_reading_options(Command& command, IndexArgs& args) {
  auto& options = args.options;
  command.flag("--hidden", options.walk.hidden, "also files and folders whose name begins with a dot").in("Reading");
  command.flag("--no-ignore", args.no_ignore, "do not obey .gitignore and .tamisignore").in("Reading");
  command.option("--reader", "NAME", options.read.reader, "read as this format, whatever the name says")
      .among(reader_names())
      .in("Reading");
  command.option("--language", "CODE", options.language, "language of all texts (en, de, zh …) instead of a guess")
      .in("Reading");
  command.option("--name", "NAME", options.stdin_name, "what standard input is called; its ending picks the reader")
      .in("Reading");
  command.option("--id-field", "NAME", options.read.fields.id, "JSON lines and CSV: the field with the id")
      .in("Reading");
  command.option("--title-field", "NAME", options.read.fields.title, "JSON lines and CSV: the field with the title")
      .in("Reading");
  command.option("--text-field", "NAME", options.read.fields.text, "JSON lines and CSV: a field with text")
      .in("Reading");
}

}  // namespace

Command make_index_command() {
  auto args = std::make_shared<IndexArgs>();
  auto& options = args->options;
  Command command;
  command.name = "index";
  command.summary = "bring an index up to date with folders and files";
  command.description =
      "Reads what is new or changed, forgets what is gone, and publishes all of it at once: a search sees the index as "
      "it "
      "was or as it is, also after a crash or Ctrl-C. Text, Markdown, HTML, PDF, DOCX, man pages, CSV, JSON lines, "
      "source "
      "code and more are read, also compressed; .gitignore and .tamisignore are obeyed.\n\n"
      "The index is made in .tamis of the current folder unless --index or $TAMIS_INDEX name another one.";
  command.examples = {
      {"tamis index ~/docs", "the first time: everything; later: what has changed"},
      {"tamis index", "bring everything up to date that was indexed before"},
      {"tamis index --index ~/wiki.tamis ~/wiki ~/notes.md", "several sources in an index of its own"},
      {"curl -s https://example.org/a.html | tamis index - --name a.html", "a page from standard input"},
      {"tamis index corpus.jsonl --text-field abstract --text-field body", "JSON lines with fields of their own"},
      {"tamis index --vectors passages.jsonl", "sparse vectors that another program made"}};
  command.arguments("PATH", args->paths, "folders and files; - is standard input").of(Hint::kPath);
  add_index_option(command, args->index);
  command.flag("--rebuild", options.rebuild, "read everything again; fixes BM25's average length anew");
  command.flag("--retry", options.retry_skipped,
               "look again at files that could not be read, though they are unchanged");
  command
      .option(
          "--encoder", "MODEL", args->encoder,
          "the model that gives passages their vectors: a name that \"tamis model\" knows, a folder, or bm25 for words "
          "alone; normally the index's own, for a new index splade-tiny if it is installed")
      .of(Hint::kFolder);
  command.option(
      "--dense", "MODEL", args->dense,
      "also keep a dense vector a passage, for rerank:dense, such as minilm; later runs give what is new its "
      "vector by themselves");
  command.option(
      "--recall", "SHARE", args->recall,
      "the share of the best that searches are to find unless they say otherwise, such as 0.97; measures what "
      "reaches it, as \"tamis tune\" does; a new index is searched exactly");
  command.option("--threads", "N", options.threads, "threads; 0 = all that the machine has");
  command.bytes_option("--memory", options.memory_bytes, "for gathering, merging and blocks; it takes 160M at least");
  command.flag("--json", args->json, "the summary as one JSON object");
  command.flag("-q,--quiet", args->quiet, "no progress and no summary, only what went wrong");
  command.flag("-v,--verbose", args->verbose, "name every path that was skipped");
  add_reading_options(command, *args);
  command.option("--vectors", "FILE", args->vectors, "index sparse vectors: JSON lines, CSR, CIFF, Seismic, NPZ")
      .of(Hint::kFile)
      .in("Vectors");
  command.option("--vectors-format", "NAME", args->vectors_format, "format of that file")
      .among(vector_format_names())
      .in("Vectors");
  command.config_options(options.passages, "Passages");
  command.config_options(options.bm25, "BM25");
  command.run = [args](Context& context) {
    args->options.walk.use_ignore = !args->no_ignore;
    return run_index(*args, context);
  };
  return command;
}

}  // namespace tamis::cli
