#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tamis/base/file.h>
#include <tamis/models/config.h>

#include <algorithm>
#include <iterator>

#include "json.h"

namespace tamis::models {
namespace {

constexpr std::uint64_t kMaxConfigBytes = 1ULL << 20;
constexpr std::uint32_t kMaxVocabulary = 1U << 22;
constexpr std::uint32_t kMaxHidden = 1U << 14;
constexpr std::uint32_t kMaxInner = 1U << 17;
constexpr std::uint32_t kMaxLayers = 256;
constexpr std::uint32_t kMaxPositions = 1U << 20;
constexpr std::uint64_t kMaxRotations = 1ULL << 26;  // 8 bytes of tables each, which no weight in the file stands for
constexpr std::uint32_t kMpnetBuckets = 32;  // fixed in the architecture's code, whatever the configuration says

struct Family {
  std::string_view model_type;
  Architecture architecture;
};
/// camembert and xlm-roberta are RoBERTa with other vocabularies.
constexpr Family kFamilies[] = {
    {"bert", Architecture::kBert},
    {"distilbert", Architecture::kDistilBert},
    {"roberta", Architecture::kRoberta},
    {"xlm-roberta", Architecture::kRoberta},
    {"camembert", Architecture::kRoberta},
    {"mpnet", Architecture::kMpnet},
    {"modernbert", Architecture::kModernBert},
};

struct ActivationRow {
  std::string_view name;
  tensor::Activation activation;
};
constexpr ActivationRow kActivations[] = {
    {"gelu", tensor::Activation::kGelu},
    {"gelu_python", tensor::Activation::kGelu},
    {"gelu_new", tensor::Activation::kGeluTanh},
    {"gelu_fast", tensor::Activation::kGeluTanh},
    {"gelu_accurate", tensor::Activation::kGeluTanh},
    {"gelu_pytorch_tanh", tensor::Activation::kGeluTanh},
    {"relu", tensor::Activation::kRelu},
    {"silu", tensor::Activation::kSilu},
    {"swish", tensor::Activation::kSilu},
};

Status take_activation(const JsonFields& fields, std::string_view key, tensor::Activation& activation) {
  std::string name;
  TAMIS_TRY_OK(fields.text(key, name));
  if (name.empty()) return ok();
  for (const auto& row : kActivations) {
    if (row.name != name) continue;
    activation = row.activation;
    return ok();
  }
  std::vector<std::string_view> known;
  for (const auto& row : kActivations) known.push_back(row.name);
  return Error{Code::kUnsupported, fmt::format("\"{}\" is \"{}\" (known: {})", key, name, fmt::join(known, ", "))};
}

/// "BertForMaskedLM" of ["BertForMaskedLM"]; "" when there is none.
std::string saved_class(const Json& root) {
  const Json* classes = root.find("architectures");
  if (classes == nullptr || classes->items().empty()) return {};
  const auto name = classes->items()[0].text();
  return name ? std::string(*name) : std::string();
}

Result<Family> find_family(const Json& root) {
  std::string type;
  TAMIS_TRY_OK(JsonFields(root).text("model_type", type));
  std::string seen = fmt::format("\"model_type\" is \"{}\"", type);
  if (type.empty()) {
    // Files of the first years name a class only.
    const std::string name = saved_class(root);
    if (name.empty()) return Error{Code::kCorrupt, "neither \"model_type\" nor \"architectures\" says what it is"};
    seen = fmt::format("\"architectures\" is \"{}\"", name);
    for (const auto& family : kFamilies) {
      std::string plain(family.model_type);
      plain.erase(std::remove(plain.begin(), plain.end(), '-'), plain.end());
      const bool same = name.size() > plain.size() &&
                        std::equal(plain.begin(), plain.end(), name.begin(),
                                   [](char a, char b) {
                                     return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
                                   }) &&
                        (name.substr(plain.size()).starts_with("For") || name.substr(plain.size()) == "Model");
      if (same) return family;
    }
  }
  for (const auto& family : kFamilies) {
    if (family.model_type == type) return family;
  }
  return Error{Code::kUnsupported, fmt::format("{}: not an architecture that is known (known: {})", seen,
                                               fmt::join(known_model_types(), ", "))};
}

Status take_common(const JsonFields& fields, TransformerConfig& config) {
  TAMIS_TRY_OK(fields.whole("vocab_size", config.vocab_size, 1, kMaxVocabulary));
  TAMIS_TRY_OK(fields.whole("hidden_size", config.hidden_size, 1, kMaxHidden));
  TAMIS_TRY_OK(fields.whole("num_hidden_layers", config.num_layers, 0, kMaxLayers));
  TAMIS_TRY_OK(fields.whole("num_attention_heads", config.num_heads, 1, kMaxHidden));
  TAMIS_TRY_OK(fields.whole("intermediate_size", config.intermediate_size, 1, kMaxInner));
  TAMIS_TRY_OK(fields.whole("pad_token_id", config.pad_token_id, 0, kMaxVocabulary));
  return fields.boolean("tie_word_embeddings", config.tied_head);
}

/// Learned positions: the first `first_position` rows are never used.
Status take_positions(const JsonFields& fields, TransformerConfig& config) {
  TAMIS_TRY_OK(fields.whole("max_position_embeddings", config.position_rows, 1, kMaxPositions));
  std::string kind = "absolute";
  TAMIS_TRY_OK(fields.text("position_embedding_type", kind));
  if (kind != "absolute") {
    return Error{Code::kUnsupported, fmt::format("\"position_embedding_type\" is \"{}\" (known: absolute)", kind)};
  }
  if (config.position_rows <= config.first_position) {
    return Error{Code::kCorrupt, fmt::format("\"max_position_embeddings\" is {} (wanted more than {})",
                                             config.position_rows, config.first_position)};
  }
  config.max_tokens = config.position_rows - config.first_position;
  return ok();
}

Status take_bert(const JsonFields& fields, TransformerConfig& config) {
  const bool roberta = config.architecture == Architecture::kRoberta;
  if (roberta) {
    config.vocab_size = 50265;
    config.pad_token_id = 1;
    config.norm_epsilon = 1e-12F;
  }
  TAMIS_TRY_OK(take_common(fields, config));
  TAMIS_TRY_OK(fields.whole("type_vocab_size", config.type_vocab_size, 1, 1024));
  TAMIS_TRY_OK(fields.number("layer_norm_eps", config.norm_epsilon, 0, 1));
  TAMIS_TRY_OK(take_activation(fields, "hidden_act", config.activation));
  // RoBERTa's head has the exact function written into its code.
  if (!roberta) config.head_activation = config.activation;
  if (roberta) config.first_position = config.pad_token_id + 1;
  bool decoder = false;
  TAMIS_TRY_OK(fields.boolean("is_decoder", decoder));
  if (decoder) return Error{Code::kUnsupported, "\"is_decoder\" is true (wanted an encoder)"};
  return take_positions(fields, config);
}

Status take_distilbert(const JsonFields& fields, TransformerConfig& config) {
  config.num_layers = 6;
  config.type_vocab_size = 0;
  TAMIS_TRY_OK(take_common(fields, config));
  TAMIS_TRY_OK(fields.whole("dim", config.hidden_size, 1, kMaxHidden));
  TAMIS_TRY_OK(fields.whole("n_layers", config.num_layers, 0, kMaxLayers));
  TAMIS_TRY_OK(fields.whole("n_heads", config.num_heads, 1, kMaxHidden));
  TAMIS_TRY_OK(fields.whole("hidden_dim", config.intermediate_size, 1, kMaxInner));
  TAMIS_TRY_OK(take_activation(fields, "activation", config.activation));
  config.head_activation = config.activation;
  return take_positions(fields, config);
}

Status take_mpnet(const JsonFields& fields, TransformerConfig& config) {
  config.vocab_size = 30527;
  config.type_vocab_size = 0;
  config.pad_token_id = 1;
  config.relative_buckets = kMpnetBuckets;
  TAMIS_TRY_OK(take_common(fields, config));
  TAMIS_TRY_OK(fields.number("layer_norm_eps", config.norm_epsilon, 0, 1));
  TAMIS_TRY_OK(take_activation(fields, "hidden_act", config.activation));
  TAMIS_TRY_OK(fields.whole("relative_attention_num_buckets", config.relative_buckets, kMpnetBuckets, kMpnetBuckets));
  config.first_position = 2;  // the architecture's padding id is 1, whatever the configuration says
  return take_positions(fields, config);
}

/// Rotary bases: in the newer files an object a kind of layer, in the older ones two numbers.
Status take_rotary(const Json& root, TransformerConfig& config) {
  const JsonFields fields(root);
  TAMIS_TRY_OK(fields.number("global_rope_theta", config.theta, 1, 1e12));
  TAMIS_TRY_OK(fields.number("local_rope_theta", config.windowed_theta, 1, 1e12));
  if (root.find("rope_scaling") != nullptr) {
    return Error{Code::kUnsupported, "\"rope_scaling\" is set (known: no scaling of rotary positions)"};
  }
  const Json* kinds = root.find("rope_parameters");
  if (kinds == nullptr) return ok();
  for (const bool windowed : {false, true}) {
    const std::string_view name = windowed ? "sliding_attention" : "full_attention";
    const Json* kind = kinds->find(name);
    if (kind == nullptr) continue;
    const JsonFields values(*kind);
    std::string type = "default";
    TAMIS_TRY_OK(values.text("rope_type", type));
    if (type != "default") {
      return Error{Code::kUnsupported, fmt::format("\"rope_type\" of {} is \"{}\" (known: default)", name, type)};
    }
    TAMIS_TRY_OK(values.number("rope_theta", windowed ? config.windowed_theta : config.theta, 1, 1e12));
  }
  return ok();
}

/// Which layers look at a window only.
Status take_windows(const Json& root, TransformerConfig& config) {
  std::uint32_t both_sides = 128;
  std::uint32_t every = 3;
  TAMIS_TRY_OK(JsonFields(root).whole("local_attention", both_sides, 2, kMaxPositions));
  TAMIS_TRY_OK(JsonFields(root).whole("global_attn_every_n_layers", every, 1, kMaxLayers));
  config.window = both_sides / 2;
  config.windowed.assign(config.num_layers, false);
  const Json* types = root.find("layer_types");
  for (std::uint32_t i = 0; types == nullptr && i < config.num_layers; ++i) config.windowed[i] = i % every != 0;
  if (types == nullptr) return ok();
  if (types->items().size() != config.num_layers) {
    return Error{Code::kCorrupt, fmt::format("\"layer_types\" has {} entries (wanted one for each of {} layers)",
                                             types->items().size(), config.num_layers)};
  }
  for (std::uint32_t i = 0; i < config.num_layers; ++i) {
    const auto type = types->items()[i].text();
    if (type != "full_attention" && type != "sliding_attention") {
      return Error{Code::kUnsupported,
                   fmt::format("\"layer_types\" has \"{}\" (known: full_attention, sliding_attention)",
                               type.value_or("no text"))};
    }
    config.windowed[i] = type == "sliding_attention";
  }
  return ok();
}

Status take_modernbert(const Json& root, TransformerConfig& config) {
  const JsonFields fields(root);
  config.vocab_size = 50368;
  config.intermediate_size = 1152;
  config.num_layers = 22;
  config.type_vocab_size = 0;
  config.pad_token_id = 50283;
  config.position_rows = 0;
  config.max_tokens = 8192;
  config.norm_epsilon = 1e-5F;
  TAMIS_TRY_OK(take_common(fields, config));
  TAMIS_TRY_OK(fields.whole("max_position_embeddings", config.max_tokens, 1, kMaxPositions));
  TAMIS_TRY_OK(fields.number("norm_eps", config.norm_epsilon, 0, 1));
  TAMIS_TRY_OK(take_activation(fields, "hidden_activation", config.activation));
  TAMIS_TRY_OK(take_activation(fields, "classifier_activation", config.head_activation));
  TAMIS_TRY_OK(take_rotary(root, config));
  TAMIS_TRY_OK(take_windows(root, config));
  if ((config.hidden_size / config.num_heads) % 2 != 0) {
    return Error{Code::kCorrupt, fmt::format("{} values in {} heads: rotary positions want an even number a head",
                                             config.hidden_size, config.num_heads)};
  }
  const std::uint64_t head = config.hidden_size / config.num_heads;
  if (head * config.max_tokens > kMaxRotations) {
    return Error{Code::kExhausted, fmt::format("rotary positions of {} tokens, {} values a head (at most {} together)",
                                               config.max_tokens, head, kMaxRotations)};
  }
  return ok();
}

Status take_family(const Json& root, TransformerConfig& config) {
  const JsonFields fields(root);
  switch (config.architecture) {
    case Architecture::kBert:
    case Architecture::kRoberta:
      return take_bert(fields, config);
    case Architecture::kDistilBert:
      return take_distilbert(fields, config);
    case Architecture::kMpnet:
      return take_mpnet(fields, config);
    case Architecture::kModernBert:
      return take_modernbert(root, config);
  }
  return ok();
}

}  // namespace

std::string_view to_string(Architecture architecture) noexcept {
  for (const auto& family : kFamilies) {
    if (family.architecture == architecture) return family.model_type;
  }
  return "unknown";
}

std::vector<std::string_view> known_model_types() {
  std::vector<std::string_view> names;
  for (const auto& family : kFamilies) names.push_back(family.model_type);
  return names;
}

Result<TransformerConfig> parse_config(std::string_view json) {
  TAMIS_TRY(const Json root, Json::parse(json));
  if (!root.is_object()) return Error{Code::kCorrupt, "not a JSON object"};
  TAMIS_TRY(const Family family, find_family(root));
  TransformerConfig config;
  config.architecture = family.architecture;
  config.model_type = family.model_type;
  const std::string saved = saved_class(root);
  config.masked_lm = saved.ends_with("ForMaskedLM") || saved.ends_with("ForPreTraining");
  TAMIS_TRY_OK(take_family(root, config));
  if (config.hidden_size % config.num_heads != 0) {
    return Error{Code::kCorrupt, fmt::format("a hidden size of {} does not divide into {} attention heads",
                                             config.hidden_size, config.num_heads)};
  }
  return config;
}

Result<TransformerConfig> read_config(const std::filesystem::path& path) {
  TAMIS_TRY(const std::string content, read_file(path, kMaxConfigBytes));
  auto config = parse_config(content);
  if (!config) return within(path.string(), std::move(config).error());
  return config;
}

}  // namespace tamis::models
