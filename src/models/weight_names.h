#pragma once

#include <tamis/models/config.h>

#include <string_view>

namespace tamis::models {

/// Where a family keeps its weights in a checkpoint. Names of linear layers and norms stand without ".weight" and
/// ".bias".
struct WeightNames {
  std::string_view prefix;  ///< of the body when the checkpoint also holds a head; absent when it does not
  std::string_view words, positions, types, embedding_norm, final_norm;
  std::string_view layer;  ///< before the number of a layer
  // Within a layer. `query_key_value` is one matrix; else the three are separate.
  std::string_view query, key, value, query_key_value;
  std::string_view attention_out, attention_norm, up, down, output_norm;
  // Masked-language-model head, without the prefix
  std::string_view transform, transform_norm, decoder, decoder_bias;
};

[[nodiscard]] const WeightNames& weight_names(Architecture architecture) noexcept;

}  // namespace tamis::models
