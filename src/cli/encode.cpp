#include <fmt/format.h>
#include <tamis/base/thread_pool.h>
#include <tamis/encode/encode_all.h>
#include <tamis/models/store.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <utility>

#include "command.h"
#include "display.h"
#include "encoder_places.h"
#include "interrupt.h"
#include "progress.h"
#include "text_lines.h"
#include "vector_output.h"

namespace tamis::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct EncodeArgs {
  std::string encoder{models::kDefaultModel}, query_encoder, idf_from, precision, output;
  std::string format = "jsonl";
  bool query = false, explain = false, quiet = false;
  std::uint64_t threads = 0;
  encode::SpladeConfig config;
};

Status check(const EncodeArgs& args) {
  const auto refuse = [](std::string what) { return Error{Code::kInvalidArgument, std::move(what)}; };
  if (!args.query && !args.query_encoder.empty()) return refuse("--query-encoder is for --query");
  if (!args.idf_from.empty() && args.query_encoder != "idf") return refuse("--idf-from is for --query-encoder idf");
  if (args.format == "csr" && args.output.empty()) return refuse("--format csr: name the file with --output");
  if (args.format != "csr" && !args.output.empty()) {
    return refuse("--output is for --format csr; JSON lines go to standard output");
  }
  if (args.format == "csr" && args.explain) return refuse("--explain has no place in a CSR file");
  return ok();
}

Result<std::unique_ptr<sparse::TextEncoder>> open_encoder(const EncodeArgs& args) {
  TAMIS_TRY(const auto folder, encoder_folder(args.encoder));
  bool idf = args.query_encoder == "idf";
  if (args.query && args.query_encoder.empty()) {
    TAMIS_TRY(const auto description, models::describe_folder(folder));
    idf = description.inference_free;
  }
  if (idf) {
    TAMIS_TRY(auto made, open_idf_encoder(folder, args.idf_from));
    return std::unique_ptr<sparse::TextEncoder>(std::move(made));
  }
  models::EncoderOptions options;
  if (!args.precision.empty()) {
    TAMIS_TRY(options.precision, tensor::parse_precision(args.precision));
  }
  const auto role = args.query ? encode::TextRole::kQuery : encode::TextRole::kPassage;
  TAMIS_TRY(auto made, encode::SpladeEncoder::open(folder, role, args.config, options));
  return std::unique_ptr<sparse::TextEncoder>(std::move(made));
}

/// Some texts on their way through the program.
struct Block {
  std::vector<NamedText> texts;
  std::vector<sparse::SparseVector> vectors;
  std::string lines;  ///< as they will be printed
  std::uint64_t num_terms = 0;
};

class Encoding {
 public:
  Encoding(const EncodeArgs& args, const sparse::TextEncoder& encoder, TextLines& texts, Context& context)
      : args_(args), encoder_(encoder), texts_(texts), context_(context), pool_(args.threads), workers_(pool_.size()) {
    if (args.format == "jsonl") lines_ = std::make_unique<VectorLines>(encoder);
  }

  Result<int> run() {
    CancelToken cancel;
    const Interruptible interruptible(cancel);
    const auto progress = make_progress(context_.terminal, args_.quiet);
    progress->begin("encoding", count_lines(STDIN_FILENO), args_.query ? "queries" : "passages");
    const auto begin = Clock::now();
    auto status = pool_.ordered_pipeline<Block>(
        4 * pool_.size(), [&](Block& block) { return fill(block); },
        [&](Block& block, std::size_t worker) { return encode_block(block, worker); },
        [&](Block& block) {
          take(block);
          progress->update(done_);
          return ok();
        },
        cancel);
    progress->end();
    TAMIS_TRY_OK(std::move(status));
    if (args_.format == "csr") TAMIS_TRY_OK(table_.write(args_.output, encoder_.vocabulary_size()));
    report(std::chrono::duration<double>(Clock::now() - begin).count());
    if (texts_.num_bad() > 0) {
      return Error{Code::kCorrupt, fmt::format("{} passed over: see above", counted(texts_.num_bad(), "bad line"))};
    }
    return done_ > 0 ? kFound : kNothingFound;
  }

 private:
  Result<bool> fill(Block& block) {
    if (context_.out.closed()) return false;
    for (std::size_t bytes = 0; bytes < encode::kTaskBytes;) {
      NamedText text;
      TAMIS_TRY(const bool more, texts_.next(text));
      if (!more) break;
      bytes += text.text.size() + 1;
      block.texts.push_back(std::move(text));
    }
    return !block.texts.empty();
  }

  Status encode_block(Block& block, std::size_t number) {
    auto& worker = workers_[number];
    if (!worker) worker = encoder_.make_worker();
    block.vectors.resize(block.texts.size());
    std::vector<sparse::TermOrigin> origins;
    if (!args_.explain) {
      const std::vector<std::string_view> texts = views(block);
      TAMIS_TRY_OK(worker->encode(texts, block.vectors));
    }
    for (std::size_t i = 0; i < block.texts.size(); ++i) {
      const auto& [id, text] = block.texts[i];
      if (args_.explain) TAMIS_TRY_OK(worker->explain(text, block.vectors[i], origins));
      if (lines_) lines_->append(id, block.vectors[i], text, origins, block.lines);
      block.num_terms += block.vectors[i].size();
    }
    return ok();
  }

  static std::vector<std::string_view> views(const Block& block) {
    std::vector<std::string_view> out;
    for (const auto& text : block.texts) out.emplace_back(text.text);
    return out;
  }

  void take(Block& block) {
    if (lines_) {
      context_.out.write(block.lines);
    } else {
      for (std::size_t i = 0; i < block.texts.size(); ++i) table_.add(block.texts[i].id, std::move(block.vectors[i]));
    }
    done_ += block.texts.size();
    num_terms_ += block.num_terms;
  }

  void report(double seconds) const {
    if (args_.quiet || !context_.terminal.error_is_terminal || done_ == 0) return;
    const auto rate = static_cast<std::uint64_t>(static_cast<double>(done_) / std::max(seconds, 1e-3));
    say(fmt::format("{} {} in {} on {}: {}/s, {:.1f} terms each", with_commas(done_),
                    args_.query ? "queries" : "passages", human_seconds(seconds), counted(pool_.size(), "thread"),
                    with_commas(rate), static_cast<double>(num_terms_) / static_cast<double>(done_)));
  }

  const EncodeArgs& args_;
  const sparse::TextEncoder& encoder_;
  TextLines& texts_;
  Context& context_;
  ThreadPool pool_;
  std::vector<std::unique_ptr<sparse::TextEncoder::Worker>> workers_;
  std::unique_ptr<VectorLines> lines_;
  VectorTable table_;
  std::uint64_t done_ = 0, num_terms_ = 0;
};

Result<int> run_encode(const EncodeArgs& args, Context& context) {
  TAMIS_TRY_OK(check(args));
  TAMIS_TRY(const auto encoder, open_encoder(args));
  TAMIS_TRY(auto stream, docs::open_stream(STDIN_FILENO));
  TextLines texts(std::move(stream), args.query, "tamis encode");
  return Encoding(args, *encoder, texts, context).run();
}

}  // namespace

Command make_encode_command() {
  auto args = std::make_shared<EncodeArgs>();
  Command command;
  command.name = "encode";
  command.summary = "turn texts into sparse vectors, for this or another engine";
  command.description =
      "Reads texts from standard input and writes one sparse vector each, in the order of the texts. A text a line, "
      "numbered from 1, or JSON lines with \"_id\", \"title\" and \"text\"; compressed input is unpacked. A line that "
      "cannot be used is named and passed over, and the exit code is 2 in the end.\n\n"
      "A text that is longer than the model's window is cut into windows and gets the maximum of their vectors. A "
      "vector "
      "depends on its text alone, not on the others or on the number of threads.\n\n"
      "Output is what \"tamis index --vectors\" and \"tamis search --query-vectors\" take.";
  command.examples = {
      {"tamis encode < texts.txt > vectors.jsonl", "a text a line"},
      {"tamis encode --encoder ./my-model --format csr --output v.csr < corpus.jsonl", "numbers instead of words"},
      {"tamis encode --query --query-encoder idf --idf-from vectors.jsonl < questions.txt",
       "questions without the network"}};
  command.option("--encoder", "MODEL", args->encoder, "the model: a name that tamis model knows, or a folder")
      .of(Hint::kFolder);
  command.flag("--query", args->query, "the texts are questions; also \"id TAB text\" a line");
  command
      .option("--query-encoder", "NAME", args->query_encoder,
              "questions by the network, or by token weights alone; normally what the model was made for")
      .among({"model", "idf"});
  command
      .option("--idf-from", "FILE", args->idf_from,
              "token weights from these vectors of passages instead of the model's own")
      .of(Hint::kFile);
  command.option("--format", "FORMAT", args->format, "JSON lines, or a binary matrix").among({"jsonl", "csr"});
  command.option("-o,--output", "FILE", args->output, "where a matrix goes; ids go to FILE.ids").of(Hint::kFile);
  command.option("--precision", "NAME", args->precision, "of the network; normally the fastest that is as good")
      .among({"f32", "bf16"});
  command.option("--max-tokens", "N", args->config.max_tokens, "read so many tokens of a text, 0 = all");
  command.option("--top", "N", args->config.top, "keep so many terms of a text, the heaviest, 0 = all");
  command.option("--threshold", "X", args->config.threshold, "keep only terms that weigh more");
  command.flag("--explain", args->explain, "also say which piece of the text gave each term (\"from\")");
  command.option("--threads", "N", args->threads, "0 = one a core");
  command.flag("-q,--quiet", args->quiet, "no progress");
  command.run = [args](Context& context) { return run_encode(*args, context); };
  return command;
}

}  // namespace tamis::cli
