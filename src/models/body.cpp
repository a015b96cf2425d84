#include "body.h"

#include <tamis/base/check.h>

#include <algorithm>
#include <string>
#include <utility>

namespace tamis::models {

using tensor::Bf16View;
using tensor::ConstBf16View;
using tensor::ConstMatrixView;
using tensor::MatrixView;

/// The matrices of one run. `states` is read and written by every layer.
struct Body::Work {
  MatrixView states;       // [rows][hidden]
  MatrixView projections;  // [rows][3 hidden]: queries, keys, values side by side
  MatrixView context;      // [rows][hidden]
  MatrixView inner;        // [rows][outputs of `up`]
  // In bf16 the same, where keeps_rounded(); `rounded` is a copy of the states.
  Bf16View rounded, rounded_projections, rounded_context, rounded_inner;
};

namespace {

float* room(AlignedBuffer<float>& buffer, std::size_t count) {
  if (buffer.size() < count) {
    buffer = {};  // the old one goes first: both together are never needed
    buffer = AlignedBuffer<float>(count + count / 4);
  }
  return buffer.data();
}

}  // namespace

Result<Body::Layer> Body::load_layer(const TransformerConfig& config, std::uint32_t number, const std::string& prefix,
                                     const WeightLoader& loader) {
  const auto& names = weight_names(config.architecture);
  const std::string base = prefix + std::string(names.layer) + std::to_string(number) + ".";
  const auto name = [&](std::string_view part) { return base + std::string(part); };
  const bool gated = config.architecture == Architecture::kModernBert;
  const std::uint32_t hidden = config.hidden_size;
  const std::string apart[] = {name(names.query), name(names.key), name(names.value)};
  TAMIS_TRY(auto projections, names.query_key_value.empty()
                                  ? loader.linears(apart, hidden, hidden)
                                  : loader.linear(name(names.query_key_value), 3 * hidden, hidden));
  TAMIS_TRY(auto attention_out, loader.linear(name(names.attention_out), hidden, hidden));
  std::optional<Norm> attention_norm;
  // ModernBERT's first layer goes without: the embeddings have just been normalised.
  if (!gated || number > 0) {
    TAMIS_TRY(attention_norm, loader.norm(name(names.attention_norm), hidden));
  }
  TAMIS_TRY(auto output_norm, loader.norm(name(names.output_norm), hidden));
  TAMIS_TRY(auto up, loader.linear(name(names.up), (gated ? 2 : 1) * config.intermediate_size, hidden));
  TAMIS_TRY(auto down, loader.linear(name(names.down), hidden, config.intermediate_size));
  return Layer{std::move(attention_norm),
               std::move(projections),
               std::move(attention_out),
               std::move(output_norm),
               std::move(up),
               std::move(down),
               !config.windowed.empty() && config.windowed[number]};
}

Status Body::load_embeddings(const std::string& prefix, const WeightLoader& loader) {
  const auto& names = weight_names(config_.architecture);
  const std::uint32_t hidden = config_.hidden_size;
  TAMIS_TRY(words_, loader.table(prefix + std::string(names.words) + ".weight", config_.vocab_size, hidden));
  TAMIS_TRY(embedding_norm_, loader.norm(prefix + std::string(names.embedding_norm), hidden));
  if (!names.positions.empty()) {
    TAMIS_TRY(positions_,
              loader.matrix(prefix + std::string(names.positions) + ".weight", config_.position_rows, hidden));
  }
  if (!names.types.empty()) {
    TAMIS_TRY(const auto types,
              loader.matrix(prefix + std::string(names.types) + ".weight", config_.type_vocab_size, hidden));
    type_.assign(types.data(), types.data() + hidden);
  }
  if (!names.final_norm.empty()) {
    TAMIS_TRY(final_norm_, loader.norm(prefix + std::string(names.final_norm), hidden));
  }
  if (config_.relative_buckets > 0) {
    TAMIS_TRY(const auto table, loader.matrix(prefix + "encoder.relative_attention_bias.weight",
                                              config_.relative_buckets, config_.num_heads));
    relative_.emplace(table, config_);
  }
  return ok();
}

Result<Body> Body::load(const TransformerConfig& config, std::uint32_t max_tokens, const std::string& prefix,
                        const WeightLoader& loader, const EncoderOptions& options) {
  Body body;
  body.config_ = config;
  body.options_ = options;
  TAMIS_TRY_OK(body.load_embeddings(prefix, loader));
  for (std::uint32_t i = 0; i < config.num_layers; ++i) {
    TAMIS_TRY(auto layer, load_layer(config, i, prefix, loader));
    body.layers_.push_back(std::move(layer));
  }
  if (config.position_rows == 0) {
    body.rotary_.emplace(config.head_dim(), max_tokens, static_cast<double>(config.theta));
    body.windowed_rotary_.emplace(config.head_dim(), max_tokens, static_cast<double>(config.windowed_theta));
  }
  return body;
}

std::size_t Body::num_bytes() const noexcept {
  return words_.num_bytes() + (positions_.size() + type_.size()) * sizeof(float) + layers_bytes();
}

std::size_t Body::layers_bytes() const noexcept {
  std::size_t sum = 0;
  for (const auto& layer : layers_) {
    sum += layer.query_key_value.bytes() + layer.attention_out.bytes() + layer.up.bytes() + layer.down.bytes();
  }
  return sum;
}

std::size_t Body::best_rows() const noexcept {
  constexpr std::size_t kSmallLayer = 1 << 20;  // two such layers stay in a second-level cache
  const std::size_t layer = layers_.empty() ? 0 : layers_bytes() / layers_.size();
  return layer <= kSmallLayer ? 256 : 1024;
}

void Body::normalize(const Norm& norm, ConstMatrixView x, MatrixView out) const {
  tensor::layer_norm(x, norm.gamma, norm.beta, config_.norm_epsilon, out);
}

void Body::normalize(const Norm& norm, const Work& work) const {
  tensor::layer_norm(work.states, norm.gamma, norm.beta, config_.norm_epsilon, work.states, work.rounded);
}

void Body::embed(std::span<const std::uint32_t> ids, MatrixView states) const {
  const std::size_t hidden = config_.hidden_size;
  std::size_t next = config_.first_position;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    float* state = states.row(i);
    words_.read(ids[i], state);
    if (!type_.empty()) {
      for (std::size_t d = 0; d < hidden; ++d) state[d] += type_[d];
    }
    if (positions_.size() == 0) continue;
    // Where a padding token has a position of its own, the others are counted without it.
    const bool padding = config_.first_position > 0 && ids[i] + 1 == config_.first_position;
    const float* position = positions_.data() + (padding ? ids[i] : next) * hidden;
    next += padding ? 0 : 1;
    for (std::size_t d = 0; d < hidden; ++d) state[d] += position[d];
  }
}

void Body::run(std::span<const std::uint32_t> ids, std::span<const std::uint32_t> offsets, MatrixView states,
               EncoderScratch& scratch) const {
  TAMIS_CHECK(states.rows == ids.size() && states.cols == config_.hidden_size, "one state a token");
  const std::size_t rows = ids.size();
  const std::size_t hidden = config_.hidden_size;
  const std::size_t inner = layers_.empty() ? 0 : layers_[0].up.out();
  Work work;
  work.states = states;
  const bool rounded = keeps_rounded();
  if (rounded) {
    // The rooms are for floats; half of each is enough.
    const auto half = [&](AlignedBuffer<float>& buffer, std::size_t cols) {
      return Bf16View(reinterpret_cast<std::uint16_t*>(room(buffer, (rows * cols + 1) / 2)), rows, cols);
    };
    work.rounded = half(scratch.rounded, hidden);
    work.rounded_projections = half(scratch.projections, 3 * hidden);
    work.rounded_context = half(scratch.context, hidden);
    work.rounded_inner = half(scratch.inner, inner);
  } else {
    work.projections = MatrixView(room(scratch.projections, rows * 3 * hidden), rows, 3 * hidden);
    work.context = MatrixView(room(scratch.context, rows * hidden), rows, hidden);
    work.inner = MatrixView(room(scratch.inner, rows * inner), rows, inner);
  }
  for (std::size_t p = 0; p + 1 < offsets.size(); ++p) {
    const std::size_t count = offsets[p + 1] - offsets[p];
    embed(ids.subspan(offsets[p], count), states.row_range(offsets[p], count));
  }
  if (rounded) {
    normalize(embedding_norm_, work);
  } else {
    normalize(embedding_norm_, states, states);
  }
  for (const auto& layer : layers_) {
    if (rounded) {
      run_rounded(layer, offsets, work, scratch);
    } else if (config_.architecture == Architecture::kModernBert) {
      run_pre_norm(layer, offsets, work, scratch);
    } else {
      run_post_norm(layer, offsets, work, scratch);
    }
  }
  if (final_norm_) normalize(*final_norm_, states, states);
}

bool Body::keeps_rounded() const noexcept {
  // Rotary positions and relative ones are applied to floats.
  return options_.precision == tensor::Precision::kBf16 && config_.architecture != Architecture::kModernBert &&
         !relative_;
}

tensor::AttentionOptions Body::attention_options(const Layer& layer) const {
  tensor::AttentionOptions options;
  options.heads = config_.num_heads;
  options.window = layer.windowed ? config_.window : 0;
  options.precision = options_.precision;
  options.level = options_.level;
  return options;
}

void Body::attend(const Layer& layer, std::span<const std::uint32_t> offsets, const Work& work,
                  EncoderScratch& scratch) const {
  const std::size_t hidden = config_.hidden_size;
  const auto options = attention_options(layer);
  const auto& rotary = layer.windowed ? windowed_rotary_ : rotary_;
  for (std::size_t p = 0; p + 1 < offsets.size(); ++p) {
    const auto text = work.projections.row_range(offsets[p], offsets[p + 1] - offsets[p]);
    const auto context = work.context.row_range(offsets[p], offsets[p + 1] - offsets[p]);
    if (rotary) rotary->apply(text.columns(0, 2 * hidden));
    const auto queries = text.columns(0, hidden);
    const auto keys = text.columns(hidden, hidden);
    const auto values = text.columns(2 * hidden, hidden);
    if (relative_) {
      relative_->attend(queries, keys, values, context, scratch.scores);
    } else {
      tensor::attention(queries, keys, values, context, options, scratch.kernels);
    }
  }
}

void Body::run_post_norm(const Layer& layer, std::span<const std::uint32_t> offsets, const Work& work,
                         EncoderScratch& scratch) const {
  layer.query_key_value.apply(work.states, work.projections, {}, scratch.kernels);
  attend(layer, offsets, work, scratch);
  layer.attention_out.apply(work.context, work.states, {tensor::Activation::kNone, work.states}, scratch.kernels);
  normalize(*layer.attention_norm, work.states, work.states);
  layer.up.apply(work.states, work.inner, {config_.activation, {}}, scratch.kernels);
  layer.down.apply(work.inner, work.states, {tensor::Activation::kNone, work.states}, scratch.kernels);
  normalize(layer.output_norm, work.states, work.states);
}

void Body::run_rounded(const Layer& layer, std::span<const std::uint32_t> offsets, const Work& work,
                       EncoderScratch& scratch) const {
  const std::size_t hidden = config_.hidden_size;
  const auto options = attention_options(layer);
  auto& kernels = scratch.kernels;
  layer.query_key_value.apply(work.rounded, work.rounded_projections, {}, kernels);
  for (std::size_t p = 0; p + 1 < offsets.size(); ++p) {
    const auto text = work.rounded_projections.row_range(offsets[p], offsets[p + 1] - offsets[p]);
    const auto part = [&](std::size_t which) { return ConstBf16View(text.columns(which * hidden, hidden)); };
    tensor::attention(part(0), part(1), part(2), work.rounded_context.row_range(offsets[p], text.rows), options,
                      kernels);
  }
  layer.attention_out.apply(work.rounded_context, work.states, {tensor::Activation::kNone, work.states}, kernels);
  normalize(*layer.attention_norm, work);
  layer.up.apply(work.rounded, work.rounded_inner, {config_.activation, {}}, kernels);
  layer.down.apply(work.rounded_inner, work.states, {tensor::Activation::kNone, work.states}, kernels);
  normalize(layer.output_norm, work);
}

void Body::run_pre_norm(const Layer& layer, std::span<const std::uint32_t> offsets, const Work& work,
                        EncoderScratch& scratch) const {
  if (layer.attention_norm) normalize(*layer.attention_norm, work.states, work.context);
  const ConstMatrixView before = layer.attention_norm ? work.context : work.states;
  layer.query_key_value.apply(before, work.projections, {}, scratch.kernels);
  attend(layer, offsets, work, scratch);
  layer.attention_out.apply(work.context, work.states, {tensor::Activation::kNone, work.states}, scratch.kernels);
  normalize(layer.output_norm, work.states, work.context);
  layer.up.apply(work.context, work.inner, {}, scratch.kernels);
  const auto gated = work.inner.columns(0, config_.intermediate_size);
  tensor::gated_activation(config_.activation, work.inner, gated);
  layer.down.apply(gated, work.states, {tensor::Activation::kNone, work.states}, scratch.kernels);
}

}  // namespace tamis::models
