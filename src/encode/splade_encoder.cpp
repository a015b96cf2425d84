#include <fmt/format.h>
#include <tamis/base/section_file.h>
#include <tamis/encode/splade_encoder.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <utility>

#include "splade_model.h"

namespace tamis::encode {
namespace {

namespace fs = std::filesystem;

std::string last_part(const fs::path& folder) {
  const fs::path whole = fs::absolute(folder).lexically_normal();
  return (whole.has_filename() ? whole.filename() : whole.parent_path().filename()).string();
}

Status check_vocabulary(const models::ModelDescription& model, const text::Tokenizer& tokenizer) {
  if (tokenizer.vocabulary_size() <= model.config.vocab_size) return ok();
  return Error{Code::kInvalidArgument,
               fmt::format("the tokenizer has {} tokens, the network knows {}: it is another model's",
                           tokenizer.vocabulary_size(), model.config.vocab_size)};
}

/// Numbers of config.json that change vectors though the weights stay the same.
std::string shape_text(const models::ModelDescription& model) {
  const auto& config = model.config;
  std::string out =
      fmt::format("{} layers={} heads={} activation={}/{} epsilon={} first_position={}", to_string(config.architecture),
                  config.num_layers, config.num_heads, static_cast<int>(config.activation),
                  static_cast<int>(config.head_activation), config.norm_epsilon, config.first_position);
  if (config.window == 0) return out;
  out += fmt::format(" theta={}/{} attention_window={}:", config.theta, config.windowed_theta, config.window);
  for (const bool windowed : config.windowed) out += windowed ? '1' : '0';
  return out;
}

}  // namespace

Status SpladeConfig::validate() const {
  if (std::isfinite(threshold) && threshold >= 0.0F) return ok();
  return Error{Code::kInvalidArgument, fmt::format("threshold is {} (wanted finite, at least 0)", threshold)};
}

SpladeEncoder::SpladeEncoder(std::shared_ptr<const Model> model, TextRole role, const SpladeConfig& config)
    : model_(std::move(model)), config_(config) {
  const auto& description = model_->encoder.description();
  prompt_ = role == TextRole::kQuery ? description.query_prompt : description.document_prompt;
  if (config_.window_tokens == 0) config_.window_tokens = description.max_tokens;
}

Result<std::unique_ptr<SpladeEncoder>> SpladeEncoder::open(const fs::path& folder, TextRole role,
                                                           const SpladeConfig& config,
                                                           const models::EncoderOptions& options) {
  const auto made = [&]() -> Result<std::unique_ptr<SpladeEncoder>> {
    TAMIS_TRY(const auto description, models::describe_folder(folder));
    if (description.kind != models::ModelKind::kSparse) {
      return Error{Code::kUnsupported, "a dense model (wanted one that makes sparse vectors)"};
    }
    TAMIS_TRY(auto tokenizer, text::Tokenizer::open(description.tokenizer_folder));
    TAMIS_TRY_OK(check_vocabulary(description, tokenizer));
    TAMIS_TRY(auto encoder, models::Encoder::load(description, options));
    const SpladeEncoder first(
        std::make_shared<const Model>(Model{last_part(folder), std::move(tokenizer), std::move(encoder)}), role, {});
    return first.with(role, config);
  };
  try {
    auto encoder = made();
    if (!encoder) return within(folder.string(), std::move(encoder).error());
    return encoder;
  } catch (const std::bad_alloc&) {
    return Error{Code::kExhausted, folder.string() + ": not enough memory for the model"};
  }
}

Result<std::unique_ptr<SpladeEncoder>> SpladeEncoder::with(TextRole role, const SpladeConfig& config) const {
  TAMIS_TRY_OK(config.validate());
  const std::size_t least = model_->special_tokens() + 1;
  const std::size_t most = description().max_tokens;
  const std::size_t window = config.window_tokens == 0 ? most : config.window_tokens;
  if (window < least || window > most) {
    return Error{Code::kInvalidArgument,
                 fmt::format("window_tokens is {} (wanted {} to {}, special tokens included)", window, least, most)};
  }
  if (config.max_tokens != 0 && config.max_tokens < least) {
    return Error{Code::kInvalidArgument, fmt::format("max_tokens is {} (wanted at least {}, special tokens included)",
                                                     config.max_tokens, least)};
  }
  return std::unique_ptr<SpladeEncoder>(new SpladeEncoder(model_, role, config));
}

std::string_view SpladeEncoder::name() const noexcept { return model_->name; }

std::string SpladeEncoder::fingerprint() const {
  const auto& model = description();
  return fmt::format(
      "splade/1 tokenizer={:016x} weights={:016x} {} saturation={} pooling={} window_tokens={} "
      "max_tokens={} top={} threshold={} prompt={:016x}",
      model_->tokenizer.fingerprint(), model_->encoder.weights_fingerprint(), shape_text(model),
      static_cast<int>(model.saturation), static_cast<int>(model.pooling), config_.window_tokens, config_.max_tokens,
      config_.top, config_.threshold, hash_text(prompt_));
}

float SpladeEncoder::ceiling() const noexcept {
  const float summed = description().pooling == tensor::Pooling::kSum ? 8.0F : 1.0F;
  switch (description().saturation) {
    case tensor::Saturation::kNone:
      return 32.0F * summed;
    case tensor::Saturation::kLog1p:
      return 4.0F * summed;
    case tensor::Saturation::kLog1pTwice:
      break;
  }
  return 2.0F * summed;
}

std::uint32_t SpladeEncoder::vocabulary_size() const noexcept { return model_->encoder.dimension(); }
std::string_view SpladeEncoder::term(TermId term) const noexcept { return model_->tokenizer.token(term); }
const models::ModelDescription& SpladeEncoder::description() const noexcept { return model_->encoder.description(); }
const text::Tokenizer& SpladeEncoder::tokenizer() const noexcept { return model_->tokenizer; }
tensor::Precision SpladeEncoder::precision() const noexcept { return model_->encoder.precision(); }

std::unique_ptr<sparse::TextEncoder::Worker> SpladeEncoder::make_worker() const {
  const std::size_t special = model_->special_tokens();
  SpladeSettings settings;
  settings.prompt = prompt_;
  settings.room = config_.window_tokens - special;
  settings.limit = config_.max_tokens == 0 ? std::numeric_limits<std::size_t>::max() : config_.max_tokens - special;
  settings.terms.threshold = config_.threshold;
  settings.terms.top_n = config_.top;
  return make_splade_worker(model_, std::move(settings));
}

}  // namespace tamis::encode
