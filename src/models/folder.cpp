#include <fmt/format.h>
#include <tamis/models/folder.h>
#include <tamis/models/safetensors.h>

#include <algorithm>

#include "json.h"
#include "layout.h"

namespace tamis::models {
namespace {

namespace fs = std::filesystem;

/// [CLS], one token, [SEP].
constexpr std::uint32_t kLeastTokens = 3;

Error unsupported(std::string message) { return Error{Code::kUnsupported, std::move(message)}; }

/// The least of what the files allow. Tokenizers write 1e30 for "no limit".
Status take_max_tokens(ModelDescription& model) {
  model.max_tokens = model.config.max_tokens;
  const auto lower = [&](const fs::path& path, std::string_view key) -> Status {
    if (!is_file(path)) return ok();
    TAMIS_TRY(const Json file, Json::read(path, kMaxSmallJson));
    const Json* field = file.find(key);
    if (field == nullptr) return ok();
    const auto limit = field->number();
    if (!limit || *limit < kLeastTokens) {
      return within(path.string(),
                    Error{Code::kCorrupt, fmt::format("\"{}\" is no number from {} up", key, kLeastTokens)});
    }
    if (*limit < static_cast<double>(model.max_tokens)) model.max_tokens = static_cast<std::uint32_t>(*limit);
    return ok();
  };
  TAMIS_TRY_OK(lower(model.tokenizer_folder / "tokenizer_config.json", "model_max_length"));
  if (model.layout == "sentence-transformers") {
    TAMIS_TRY_OK(lower(model.transformer_folder / "sentence_bert_config.json", "max_seq_length"));
  }
  if (model.max_tokens < kLeastTokens) {
    return Error{Code::kCorrupt, fmt::format("{}: room for {} tokens (wanted {} or more)", model.folder.string(),
                                             model.max_tokens, kLeastTokens)};
  }
  return ok();
}

/// config.json of the transformer, and where its tokenizer lies.
Status take_transformer(const fs::path& folder, ModelDescription& model) {
  model.transformer_folder = folder;
  TAMIS_TRY(model.config, read_config(folder / "config.json"));
  const bool own = is_file(folder / "tokenizer.json") || is_file(folder / "vocab.txt");
  model.tokenizer_folder = own ? folder : model.folder;
  return ok();
}

Status take_splade_pooling(const fs::path& folder, ModelDescription& model) {
  const fs::path path = folder / "config.json";
  TAMIS_TRY(const Json config, Json::read(path, kMaxSmallJson));
  const auto take = [&]() -> Status {
    std::string pooling = "max";
    std::string activation = "relu";
    TAMIS_TRY_OK(JsonFields(config).text("pooling_strategy", pooling));
    TAMIS_TRY_OK(JsonFields(config).text("activation_function", activation));
    if (pooling != "max" && pooling != "sum") {
      return unsupported(fmt::format("\"pooling_strategy\" is \"{}\" (known: max, sum)", pooling));
    }
    if (activation != "relu" && activation != "log1p_relu") {
      return unsupported(fmt::format("\"activation_function\" is \"{}\" (known: relu, log1p_relu)", activation));
    }
    model.pooling = pooling == "max" ? tensor::Pooling::kMax : tensor::Pooling::kSum;
    model.saturation = activation == "relu" ? tensor::Saturation::kLog1p : tensor::Saturation::kLog1pTwice;
    return ok();
  };
  model.kind = ModelKind::kSparse;
  auto status = take();
  return status ? std::move(status) : within(path.string(), std::move(status).error());
}

/// "pooling_mode": "mean", or one flag a mode in the older files.
Result<std::string> pooling_mode(const Json& config) {
  const Json* mode = config.find("pooling_mode");
  if (mode != nullptr && mode->text()) return std::string(*mode->text());
  if (mode != nullptr && mode->items().size() == 1 && mode->items()[0].text()) {
    return std::string(*mode->items()[0].text());
  }
  if (mode != nullptr) return unsupported("several \"pooling_mode\"s (known: one of mean, cls)");
  constexpr std::string_view kPrefix = "pooling_mode_";
  std::string found;
  for (const auto& [key, value] : config.fields()) {
    if (!key.starts_with(kPrefix) || !value.boolean().value_or(false)) continue;
    if (!found.empty()) return unsupported(fmt::format("{} and {} together (known: one of mean, cls)", found, key));
    found = key.substr(kPrefix.size());
  }
  if (found.ends_with("_token")) found.resize(found.size() - 6);
  if (found.ends_with("_tokens")) found.resize(found.size() - 7);
  return found.empty() ? std::string("mean") : found;
}

Status take_dense_pooling(const fs::path& folder, ModelDescription& model) {
  const fs::path path = folder / "config.json";
  TAMIS_TRY(const Json config, Json::read(path, kMaxSmallJson));
  auto mode = pooling_mode(config);
  if (!mode) return within(path.string(), std::move(mode).error());
  if (*mode != "mean" && *mode != "cls") {
    return within(path.string(), unsupported(fmt::format("pooling is \"{}\" (known: mean, cls)", *mode)));
  }
  model.kind = ModelKind::kDense;
  model.dense_pooling = *mode == "mean" ? DensePooling::kMean : DensePooling::kCls;
  model.normalize = false;  // a module of its own says otherwise
  return ok();
}

Status take_document_route(const std::vector<Module>& modules, ModelDescription& model) {
  bool transformer = false;
  bool pooled = false;
  for (const auto& [type, folder] : modules) {
    if (!transformer && (type == "Transformer" || type == "MLMTransformer")) {
      TAMIS_TRY_OK(take_transformer(folder, model));
      transformer = true;
    } else if (transformer && !pooled && type == "SpladePooling") {
      TAMIS_TRY_OK(take_splade_pooling(folder, model));
      pooled = true;
    } else if (transformer && !pooled && type == "Pooling") {
      TAMIS_TRY_OK(take_dense_pooling(folder, model));
      pooled = true;
    } else if (pooled && type == "Normalize" && model.kind == ModelKind::kDense) {
      model.normalize = true;
    } else {
      return unsupported(
          fmt::format("{}: the module \"{}\" at this place is not known (known: Transformer or MLMTransformer, "
                      "then SpladePooling, or Pooling and Normalize)",
                      model.folder.string(), type));
    }
  }
  if (!pooled) return unsupported(model.folder.string() + ": no module that pools (SpladePooling or Pooling)");
  return ok();
}

/// A query route that looks up tokens. A route with a network must be the document's own.
Status take_query_route(const Pipeline& pipeline, ModelDescription& model) {
  if (pipeline.query.empty()) return ok();
  const auto& [type, folder] = pipeline.query[0];
  if (type == pipeline.document[0].type && folder == pipeline.document[0].folder) return ok();
  if (type != "SparseStaticEmbedding" && type != "IDF") {
    return unsupported(
        fmt::format("{}: queries have a {} of their own (known: SparseStaticEmbedding)", model.folder.string(), type));
  }
  model.inference_free = true;
  model.query_table = folder / "model.safetensors";
  if (is_file(model.query_table) || !is_file(folder / "config.json")) return ok();
  TAMIS_TRY(const Json config, Json::read(folder / "config.json", kMaxSmallJson));
  std::string name;
  TAMIS_TRY_OK(JsonFields(config).text("path", name));
  // "path" may name a place on the machine where it was made; the file itself lies beside, or at the top.
  const fs::path file = fs::path(name).filename();
  if (file.extension() == ".json") model.query_table = is_file(folder / file) ? folder / file : model.folder / file;
  return ok();
}

Status take_prompts(ModelDescription& model) {
  const fs::path path = model.folder / "config_sentence_transformers.json";
  if (!is_file(path)) return ok();
  TAMIS_TRY(const Json config, Json::read(path, kMaxSmallJson));
  const Json* prompts = config.find("prompts");
  if (prompts == nullptr) return ok();
  for (const auto& [name, value] : prompts->fields()) {
    if (name == "query") model.query_prompt = value.text().value_or("");
    if (name == "document" || name == "passage") model.document_prompt = value.text().value_or("");
  }
  return ok();
}

/// Nothing but config.json: a masked-LM head makes it a SPLADE model, no head a dense one.
Status take_plain(ModelDescription& model) {
  TAMIS_TRY_OK(take_transformer(model.folder, model));
  model.layout = "transformers";
  model.kind = model.config.masked_lm ? ModelKind::kSparse : ModelKind::kDense;
  model.pooling_is_assumed = model.kind == ModelKind::kDense;
  return ok();
}

Status take_pipeline(ModelDescription& model) {
  TAMIS_TRY(const Pipeline pipeline, read_pipeline(model.folder));
  model.layout = "sentence-transformers";
  TAMIS_TRY_OK(take_document_route(pipeline.document, model));
  TAMIS_TRY_OK(take_query_route(pipeline, model));
  return take_prompts(model);
}

}  // namespace

std::string_view to_string(ModelKind kind) noexcept { return kind == ModelKind::kSparse ? "sparse" : "dense"; }
std::string_view to_string(DensePooling pooling) noexcept { return pooling == DensePooling::kMean ? "mean" : "cls"; }

Result<ModelDescription> describe_folder(const fs::path& folder) {
  ModelDescription model;
  model.folder = folder;
  std::error_code error;
  if (!fs::is_directory(folder, error)) return Error{Code::kNotFound, folder.string() + ": no such folder"};
  const bool pipeline = is_file(folder / "modules.json");
  if (!pipeline && !is_file(folder / "config.json")) {
    return Error{Code::kNotFound, folder.string() + ": no model (neither config.json nor modules.json)"};
  }
  TAMIS_TRY_OK(pipeline ? take_pipeline(model) : take_plain(model));
  TAMIS_TRY_OK(take_max_tokens(model));
  for (const std::string_view name : {"idf.json", "query_token_weights.txt"}) {
    const bool wanted = model.kind == ModelKind::kSparse && model.query_table.empty();
    if (wanted && is_file(folder / name)) model.query_table = folder / name;
  }
  return model;
}

}  // namespace tamis::models
