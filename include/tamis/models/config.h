#pragma once

#include <tamis/base/result.h>
#include <tamis/tensor/ops.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::models {

/// Families of encoders that can be run. They differ in the names of their weights and in the fields below.
enum class Architecture : std::uint8_t { kBert, kDistilBert, kRoberta, kMpnet, kModernBert };
/// "bert", "distilbert", "roberta" …
[[nodiscard]] std::string_view to_string(Architecture architecture) noexcept;
/// The `model_type`s of config.json that are understood, for messages and documentation.
[[nodiscard]] std::vector<std::string_view> known_model_types();

/// A transformer encoder in numbers: what `config.json` says, all families in one set of fields.
struct TransformerConfig {
  Architecture architecture = Architecture::kBert;
  std::string model_type;  ///< as the file has it, e.g. "xlm-roberta"
  bool masked_lm = false;  ///< the class that was saved has a masked-language-model head
  std::uint32_t vocab_size = 30522;
  std::uint32_t hidden_size = 768;
  std::uint32_t num_layers = 12;
  std::uint32_t num_heads = 12;
  std::uint32_t intermediate_size = 3072;
  std::uint32_t type_vocab_size = 2;  ///< rows of the segment table; 0 = there is none
  std::uint32_t position_rows = 512;  ///< rows of the learned positions; 0 = rotary positions
  std::uint32_t first_position = 0;   ///< row of the first token (padding id + 1 in RoBERTa and MPNet)
  std::uint32_t max_tokens = 512;     ///< longest sequence that the positions allow
  std::uint32_t pad_token_id = 0;
  float norm_epsilon = 1e-12F;
  tensor::Activation activation = tensor::Activation::kGelu;
  tensor::Activation head_activation = tensor::Activation::kGelu;  ///< of the masked-language-model head's transform
  bool tied_head = true;                                           ///< the decoder's weights are the word embeddings
  // ModernBERT
  std::uint32_t window = 0;         ///< a windowed layer's token i sees j with |i - j| <= window
  std::vector<bool> windowed;       ///< [num_layers]; empty = no layer
  float theta = 160000.0F;          ///< base of the rotary frequencies, layers that see everything
  float windowed_theta = 10000.0F;  ///< the same, windowed layers
  // MPNet
  std::uint32_t relative_buckets = 0;  ///< of the attention's position bias; 0 = none

  [[nodiscard]] std::uint32_t head_dim() const noexcept { return hidden_size / num_heads; }
};

/// Reads and checks a config.json. kUnsupported names a model type that is not known (and those that are), or a feature
/// that changes the result and is not implemented; kCorrupt names the field, what it is and what it may be.
[[nodiscard]] Result<TransformerConfig> parse_config(std::string_view json);
/// The same for a file of at most 1 MiB; the message names it.
[[nodiscard]] Result<TransformerConfig> read_config(const std::filesystem::path& path);

}  // namespace tamis::models
