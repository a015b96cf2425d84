#pragma once

#include <tamis/models/encoder.h>
#include <tamis/models/safetensors.h>
#include <tamis/tensor/attention.h>
#include <tamis/tensor/linear.h>
#include <tamis/tensor/ops.h>

#include <optional>
#include <vector>

#include "relative_attention.h"
#include "weight_loader.h"
#include "weight_names.h"

namespace tamis::models {

/// Embeddings and layers of a transformer encoder: token ids in, one state a token out.
class Body {
 public:
  /// @param prefix  of the body's names in the checkpoint, "" or "bert." …
  [[nodiscard]] static Result<Body> load(const TransformerConfig& config, std::uint32_t max_tokens,
                                         const std::string& prefix, const WeightLoader& loader,
                                         const EncoderOptions& options);

  /// @param ids      [rows] of all texts, one after the other, each < vocab_size
  /// @param offsets  [texts + 1] ascending from 0 to rows
  /// @param states   [rows][hidden size], overwritten
  void run(std::span<const std::uint32_t> ids, std::span<const std::uint32_t> offsets, tensor::MatrixView states,
           EncoderScratch& scratch) const;
  /// The table of word embeddings, [vocabulary][hidden size].
  [[nodiscard]] const StoredRows& words() const noexcept { return words_; }
  /// Of all weights, in memory.
  [[nodiscard]] std::size_t num_bytes() const noexcept;
  /// Rows that run() is best called with: enough that reading a layer's weights is paid for, few enough for the caches.
  [[nodiscard]] std::size_t best_rows() const noexcept;

 private:
  struct Layer {
    std::optional<Norm> attention_norm;
    tensor::PackedLinear query_key_value, attention_out;
    Norm output_norm;
    tensor::PackedLinear up, down;
    bool windowed = false;
  };
  struct Work;

  static Result<Layer> load_layer(const TransformerConfig& config, std::uint32_t number, const std::string& prefix,
                                  const WeightLoader& loader);
  Status load_embeddings(const std::string& prefix, const WeightLoader& loader);
  /// The sums of embeddings of one text.
  void embed(std::span<const std::uint32_t> ids, tensor::MatrixView states) const;
  /// Attention of every text with itself, from the projections to the context.
  void attend(const Layer& layer, std::span<const std::uint32_t> offsets, const Work& work,
              EncoderScratch& scratch) const;
  /// The layer as BERT has it: norms after the sums.
  void run_post_norm(const Layer& layer, std::span<const std::uint32_t> offsets, const Work& work,
                     EncoderScratch& scratch) const;
  /// The layer as ModernBERT has it: norms before attention and MLP, a gate in the MLP.
  void run_pre_norm(const Layer& layer, std::span<const std::uint32_t> offsets, const Work& work,
                    EncoderScratch& scratch) const;
  /// The same with bf16 operands between the steps: what a step would round is kept rounded.
  void run_rounded(const Layer& layer, std::span<const std::uint32_t> offsets, const Work& work,
                   EncoderScratch& scratch) const;
  [[nodiscard]] std::size_t layers_bytes() const noexcept;
  [[nodiscard]] bool keeps_rounded() const noexcept;
  [[nodiscard]] tensor::AttentionOptions attention_options(const Layer& layer) const;
  void normalize(const Norm& norm, tensor::ConstMatrixView x, tensor::MatrixView out) const;
  void normalize(const Norm& norm, const Work& work) const;

  TransformerConfig config_;
  EncoderOptions options_;
  StoredRows words_;
  AlignedBuffer<float> positions_;  // [position_rows][hidden size]
  std::vector<float> type_;         // [hidden size]: texts are one segment
  Norm embedding_norm_;
  std::optional<Norm> final_norm_;
  std::vector<Layer> layers_;
  std::optional<tensor::RotaryTable> rotary_, windowed_rotary_;
  std::optional<RelativeBias> relative_;
};

}  // namespace tamis::models
