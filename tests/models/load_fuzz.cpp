#include <tamis/models/encoder.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include "checkpoint.h"

namespace {

using namespace tamis;          // NOLINT(*-using-*)
using namespace tamis::models;  // NOLINT(*-using-*)

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr const char* kFixtures[] = {"bert", "roberta", "mpnet", "modernbert", "distilbert-f16", "dense-mean"};
constexpr std::string_view kKeys[] = {"architectures",
                                      "dim",
                                      "global_attn_every_n_layers",
                                      "hidden_dim",
                                      "hidden_size",
                                      "intermediate_size",
                                      "layer_norm_eps",
                                      "local_attention",
                                      "max_position_embeddings",
                                      "model_type",
                                      "n_heads",
                                      "n_layers",
                                      "norm_eps",
                                      "num_attention_heads",
                                      "num_hidden_layers",
                                      "pad_token_id",
                                      "relative_attention_num_buckets",
                                      "tie_word_embeddings",
                                      "type_vocab_size",
                                      "vocab_size"};
constexpr std::string_view kValues[] = {"null",           "true",           "false",    "1e-12",     "0.5",
                                        "5000",           "4294967295",     "\"bert\"", "\"mpnet\"", "\"roberta\"",
                                        "\"modernbert\"", "\"distilbert\"", "[]",       "64"};

/// A configuration in which one field has another value. Its file has a field a line.
void change(std::string& config, std::string_view key, std::string_view value) {
  const std::string start = "\n  \"" + std::string(key) + "\": ";
  const auto at = config.find(start);
  if (at == std::string::npos) {
    config.insert(1, start + std::string(value) + ",");
    return;
  }
  const auto begin = at + start.size();
  auto end = config.find("\n  \"", begin);
  end = end == std::string::npos ? config.rfind('\n') : end - 1;
  config.replace(begin, end - begin, value);
}

void check(const Encoder& encoder) {
  const auto& model = encoder.description();
  std::vector<std::uint32_t> ids(std::min<std::uint32_t>(model.max_tokens, 30));
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<std::uint32_t>(i * 7 % model.config.vocab_size);
  const TokenSpan batch[] = {ids, TokenSpan(ids).first(1)};
  EncoderScratch scratch;
  if (model.kind == ModelKind::kDense) {
    std::vector<float> out(2 * encoder.dimension());
    require(encoder.encode_dense(batch, tensor::MatrixView(out.data(), 2, encoder.dimension()), scratch).has_value());
    return;
  }
  std::vector<tensor::PassageTerms> out(2);
  require(encoder.encode_sparse(batch, {}, out, scratch).has_value());
  for (const auto& [terms, weights, positions] : out) {
    require(terms.size() == weights.size() && std::is_sorted(terms.begin(), terms.end()));
    require(terms.empty() || terms.back() < model.config.vocab_size);
    for (const float weight : weights) require(std::isfinite(weight) && weight > 0.0F);
  }
}

}  // namespace

/// The first byte chooses a sound model; each pair that follows gives a field of its configuration another value, while
/// the weights stay what they are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder scratch;
  if (size == 0) return 0;
  const std::string fixture = kFixtures[data[0] % std::size(kFixtures)];
  const auto folder = scratch.path() / fixture;
  const auto original = std::filesystem::path(TAMIS_FIXTURES) / fixture;
  if (!std::filesystem::exists(folder)) {
    std::filesystem::copy(original, folder, std::filesystem::copy_options::recursive);
  }
  std::string config = read_all(original / "config.json");
  for (std::size_t i = 1; i + 1 < std::min<std::size_t>(size, 16); i += 2) {
    const std::size_t value = data[i + 1];
    change(config, kKeys[data[i] % std::size(kKeys)],
           value < std::size(kValues) ? std::string(kValues[value]) : std::to_string(value - std::size(kValues)));
  }
  scratch.write(fixture + "/config.json", config);
  const auto model = describe_folder(folder);
  if (!model) {
    require(size > 2);
    return 0;
  }
  EncoderOptions options;
  options.precision = size % 2 == 0 ? tensor::Precision::kBf16 : tensor::Precision::kF32;
  const auto encoder = Encoder::load(*model, options);
  require(encoder.has_value() || size > 2);
  if (encoder) check(*encoder);
  return 0;
}
