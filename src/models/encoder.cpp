#include <fmt/format.h>
#include <tamis/models/encoder.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "body.h"
#include "weight_loader.h"

namespace tamis::models {

using tensor::MatrixView;

namespace {

/// Rows that the fused head gets at a time: a panel of its weights streams past them.
constexpr std::size_t kHeadRows = 4096;

float* room(AlignedBuffer<float>& buffer, std::size_t count) {
  if (buffer.size() < count) {
    buffer = {};
    buffer = AlignedBuffer<float>(count + count / 4);
  }
  return buffer.data();
}

/// What stands between the last state and the vocabulary.
struct Head {
  tensor::PackedLinear transform;
  Norm norm;
  tensor::PackedHead vocabulary;
};

/// The body's names carry a prefix when the checkpoint holds a head, too.
Result<std::string> find_prefix(const ModelDescription& model, const Safetensors& file) {
  const auto& names = weight_names(model.config.architecture);
  const std::string words = std::string(names.words) + ".weight";
  for (const std::string& prefix : {std::string(names.prefix), std::string()}) {
    if (file.find(prefix + words) != nullptr) return prefix;
  }
  return Error{Code::kCorrupt, fmt::format("{}{}: missing among {} tensors: are these the weights of a {} model?",
                                           names.prefix, words, file.tensors().size(), model.config.model_type)};
}

Result<Head> load_head(const ModelDescription& model, const StoredRows& words, const WeightLoader& loader) {
  const auto& config = model.config;
  const auto& names = weight_names(config.architecture);
  if (!loader.has(std::string(names.transform) + ".weight")) {
    return Error{Code::kCorrupt,
                 fmt::format("{}.weight: missing: without a masked-language-model head the model makes no "
                             "sparse vectors",
                             names.transform)};
  }
  TAMIS_TRY(auto transform, loader.linear(std::string(names.transform), config.hidden_size, config.hidden_size));
  TAMIS_TRY(auto norm, loader.norm(std::string(names.transform_norm), config.hidden_size));
  // The decoder is its own where the file has one; where it has none, it is the table of word embeddings.
  const std::string decoder = std::string(names.decoder) + ".weight";
  const bool own_decoder = loader.has(decoder);
  if (!own_decoder && !config.tied_head) {
    return Error{Code::kCorrupt, decoder + ": missing, though \"tie_word_embeddings\" is false"};
  }
  StoredRows own;
  if (own_decoder) {
    TAMIS_TRY(own, loader.table(decoder, config.vocab_size, config.hidden_size));
  }
  // Checkpoints hold the bias twice; which one counts shows only where the two are not tied.
  std::string bias(names.decoder_bias);
  const std::string own_bias = std::string(names.decoder) + ".bias";
  if (loader.has(own_bias) && (!config.tied_head || !loader.has(bias))) bias = own_bias;
  if (!loader.has(bias)) bias.clear();
  TAMIS_TRY(auto vocabulary, loader.head(own_decoder ? own : words, bias));
  return Head{std::move(transform), std::move(norm), std::move(vocabulary)};
}

/// The vector of a text of `states`, in double: the sum of many states stays exact to the last bit of a float.
void pool_dense(tensor::ConstMatrixView states, const ModelDescription& model, float* out) {
  const std::size_t rows = model.dense_pooling == DensePooling::kCls ? 1 : states.rows;
  double squares = 0.0;
  for (std::size_t d = 0; d < states.cols; ++d) {
    double sum = 0.0;
    for (std::size_t i = 0; i < rows; ++i) sum += static_cast<double>(states.row(i)[d]);
    out[d] = static_cast<float>(sum / static_cast<double>(rows));
    squares += static_cast<double>(out[d]) * static_cast<double>(out[d]);
  }
  if (!model.normalize) return;
  constexpr double kLeastLength = 1e-12;
  const double length = std::max(std::sqrt(squares), kLeastLength);
  for (std::size_t d = 0; d < states.cols; ++d) out[d] = static_cast<float>(static_cast<double>(out[d]) / length);
}

Status check_text(std::size_t number, TokenSpan text, const ModelDescription& model) {
  const auto wrong = [&](std::string what) {
    return Error{Code::kInvalidArgument, fmt::format("text {}: {}", number, what)};
  };
  if (text.empty()) return wrong("no tokens");
  if (text.size() > model.max_tokens) {
    return wrong(fmt::format("{} tokens (the model takes at most {})", text.size(), model.max_tokens));
  }
  const std::uint32_t largest = *std::max_element(text.begin(), text.end());
  if (largest < model.config.vocab_size) return ok();
  return wrong(fmt::format("token {} is outside the vocabulary of {}: another model's tokenizer?", largest,
                           model.config.vocab_size));
}

}  // namespace

std::size_t EncoderScratch::bytes() const noexcept {
  const std::size_t floats = states.size() + rounded.size() + projections.size() + context.size() + inner.size() +
                             pooled.size() + scores.capacity();
  return kernels.bytes() + floats * sizeof(float) + (ids.capacity() + offsets.capacity()) * sizeof(std::uint32_t);
}

struct Encoder::Impl {
  ModelDescription description;
  EncoderOptions options;
  std::uint64_t fingerprint = 0;
  std::optional<Body> body;
  std::optional<Head> head;

  [[nodiscard]] Status check(std::span<const TokenSpan> batch) const {
    for (std::size_t i = 0; i < batch.size(); ++i) TAMIS_TRY_OK(check_text(i, batch[i], description));
    return ok();
  }

  /// The number of texts from `first` on that have at most `rows` tokens together; at least one.
  static std::size_t take_texts(std::span<const TokenSpan> batch, std::size_t first, std::size_t rows) {
    std::size_t count = 0;
    for (std::size_t sum = 0; first + count < batch.size(); ++count) {
      sum += batch[first + count].size();
      if (count > 0 && sum > rows) break;
    }
    return count;
  }

  /// The states of some texts, one after the other.
  void run_body(std::span<const TokenSpan> texts, MatrixView states, EncoderScratch& scratch) const {
    std::size_t row = 0;
    for (std::size_t first = 0; first < texts.size();) {
      const std::size_t count = take_texts(texts, first, body->best_rows());
      scratch.ids.clear();
      scratch.offsets.assign(1, 0);
      for (const auto& text : texts.subspan(first, count)) {
        scratch.ids.insert(scratch.ids.end(), text.begin(), text.end());
        scratch.offsets.push_back(static_cast<std::uint32_t>(scratch.ids.size()));
      }
      body->run(scratch.ids, scratch.offsets, states.row_range(row, scratch.ids.size()), scratch);
      row += scratch.ids.size();
      first += count;
    }
  }

  /// Runs the body over groups of texts and hands over each group's states.
  template <class Sink>
  void for_groups(std::span<const TokenSpan> batch, EncoderScratch& scratch, const Sink& sink) const {
    const std::size_t hidden = description.config.hidden_size;
    for (std::size_t first = 0; first < batch.size();) {
      const std::size_t count = take_texts(batch, first, kHeadRows);
      const auto texts = batch.subspan(first, count);
      std::size_t rows = 0;
      for (const auto& text : texts) rows += text.size();
      const MatrixView states(room(scratch.states, rows * hidden), rows, hidden);
      run_body(texts, states, scratch);
      sink(first, texts, states);
      first += count;
    }
  }

  void run_head(std::span<const TokenSpan> texts, MatrixView states, const tensor::HeadOptions& how,
                std::span<tensor::PassageTerms> out, EncoderScratch& scratch) const {
    const auto& config = description.config;
    const MatrixView turned(room(scratch.pooled, states.rows * states.cols), states.rows, states.cols);
    head->transform.apply(states, turned, {config.head_activation, {}}, scratch.kernels);
    tensor::layer_norm(turned, head->norm.gamma, head->norm.beta, config.norm_epsilon, turned);
    scratch.offsets.assign(1, 0);
    for (const auto& text : texts) {
      scratch.offsets.push_back(scratch.offsets.back() + static_cast<std::uint32_t>(text.size()));
    }
    head->vocabulary.terms(turned, scratch.offsets, how, out, scratch.kernels);
  }
};

Encoder::Encoder(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;
Encoder::~Encoder() = default;

Result<Encoder> Encoder::load(const ModelDescription& description, const EncoderOptions& options) {
  try {
    auto impl = std::make_unique<Impl>();
    impl->description = description;
    impl->options = options;
    const auto fill = [&](const Safetensors& file) -> Status {
      TAMIS_TRY(const std::string prefix, find_prefix(description, file));
      const WeightLoader loader(file, impl->options);
      TAMIS_TRY(impl->body, Body::load(description.config, description.max_tokens, prefix, loader, options));
      if (description.kind == ModelKind::kSparse) {
        TAMIS_TRY(impl->head, load_head(description, impl->body->words(), loader));
      }
      TAMIS_TRY(impl->fingerprint, file.fingerprint());
      return ok();
    };
    TAMIS_TRY(const auto file, Safetensors::open_folder(description.transformer_folder));
    if (auto status = fill(file); !status)
      return within(description.transformer_folder.string(), std::move(status).error());
    return Encoder(std::move(impl));
  } catch (const std::bad_alloc&) {
    return Error{Code::kExhausted, description.folder.string() + ": not enough memory for the model"};
  }
}

const ModelDescription& Encoder::description() const noexcept { return impl_->description; }
tensor::Precision Encoder::precision() const noexcept { return impl_->options.precision; }

std::uint64_t Encoder::weights_fingerprint() const noexcept { return impl_->fingerprint; }

std::size_t Encoder::num_bytes() const noexcept {
  return impl_->body->num_bytes() +
         (impl_->head ? impl_->head->transform.bytes() + impl_->head->vocabulary.bytes() : 0);
}

std::uint32_t Encoder::dimension() const noexcept {
  const auto& config = impl_->description.config;
  return impl_->head ? config.vocab_size : config.hidden_size;
}

Status Encoder::encode_sparse(std::span<const TokenSpan> batch, const SparseOptions& options,
                              std::span<tensor::PassageTerms> out, EncoderScratch& scratch) const {
  const auto& model = impl_->description;
  if (!impl_->head) {
    return Error{Code::kInvalidArgument, model.folder.string() + ": a dense model makes no sparse vectors"};
  }
  if (out.size() != batch.size()) return Error{Code::kInvalidArgument, "one sparse vector a text is wanted"};
  if (options.positions && model.pooling != tensor::Pooling::kMax) {
    return Error{Code::kInvalidArgument, "a sum over tokens has no position"};
  }
  TAMIS_TRY_OK(impl_->check(batch));
  tensor::HeadOptions how;
  how.saturation = model.saturation;
  how.pooling = model.pooling;
  how.threshold = options.threshold;
  how.top_n = options.top_n;
  how.positions = options.positions;
  try {
    impl_->for_groups(batch, scratch, [&](std::size_t first, std::span<const TokenSpan> texts, MatrixView states) {
      impl_->run_head(texts, states, how, out.subspan(first, texts.size()), scratch);
    });
  } catch (const std::bad_alloc&) {
    return Error{Code::kExhausted, "not enough memory to encode"};
  }
  return ok();
}

Status Encoder::encode_dense(std::span<const TokenSpan> batch, MatrixView out, EncoderScratch& scratch) const {
  const auto& model = impl_->description;
  if (out.rows != batch.size() || out.cols != model.config.hidden_size) {
    return Error{Code::kInvalidArgument, fmt::format("room for {} × {} values (wanted {} × {})", out.rows, out.cols,
                                                     batch.size(), model.config.hidden_size)};
  }
  if (model.kind != ModelKind::kDense) {
    return Error{Code::kInvalidArgument, model.folder.string() + ": a sparse model makes no dense vectors"};
  }
  TAMIS_TRY_OK(impl_->check(batch));
  try {
    impl_->for_groups(batch, scratch, [&](std::size_t first, std::span<const TokenSpan> texts, MatrixView states) {
      std::size_t row = 0;
      for (std::size_t i = 0; i < texts.size(); row += texts[i].size(), ++i) {
        pool_dense(states.row_range(row, texts[i].size()), model, out.row(first + i));
      }
    });
  } catch (const std::bad_alloc&) {
    return Error{Code::kExhausted, "not enough memory to encode"};
  }
  return ok();
}

Status Encoder::encode_tokens(std::span<const TokenSpan> batch, MatrixView out, EncoderScratch& scratch) const {
  TAMIS_TRY_OK(impl_->check(batch));
  std::size_t rows = 0;
  for (const auto& text : batch) rows += text.size();
  if (out.rows != rows || out.cols != impl_->description.config.hidden_size) {
    return Error{Code::kInvalidArgument, fmt::format("room for {} × {} values (wanted {} × {})", out.rows, out.cols,
                                                     rows, impl_->description.config.hidden_size)};
  }
  try {
    impl_->run_body(batch, out, scratch);
  } catch (const std::bad_alloc&) {
    return Error{Code::kExhausted, "not enough memory to encode"};
  }
  return ok();
}

}  // namespace tamis::models
