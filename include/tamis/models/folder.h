#pragma once

#include <tamis/base/result.h>
#include <tamis/models/config.h>
#include <tamis/tensor/head.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tamis::models {

/// What comes out of a model: a sparse vector over its vocabulary, or a dense one.
enum class ModelKind : std::uint8_t { kSparse, kDense };
/// "sparse", "dense".
[[nodiscard]] std::string_view to_string(ModelKind kind) noexcept;

/// How the states of a text's tokens become one dense vector.
enum class DensePooling : std::uint8_t { kMean, kCls };
/// "mean", "cls".
[[nodiscard]] std::string_view to_string(DensePooling pooling) noexcept;

/// All that an encoder has to know about a folder with a model.
struct ModelDescription {
  std::filesystem::path folder;              ///< as given
  std::filesystem::path transformer_folder;  ///< holds config.json and the weights
  std::filesystem::path tokenizer_folder;    ///< holds tokenizer.json or vocab.txt, as far as there are any
  std::string layout;                        ///< "transformers" or "sentence-transformers"
  TransformerConfig config;
  ModelKind kind = ModelKind::kSparse;
  std::uint32_t max_tokens = 512;  ///< a sequence, special tokens included
  // Sparse
  tensor::Saturation saturation = tensor::Saturation::kLog1p;
  tensor::Pooling pooling = tensor::Pooling::kMax;
  /// Weights of query tokens that the model ships, for queries without inference: idf.json, query_token_weights.txt, or
  /// a safetensors file with one value a token id. Empty: there are none.
  std::filesystem::path query_table;
  /// The model was trained for queries by that table: the network is for documents only.
  bool inference_free = false;
  // Dense
  DensePooling dense_pooling = DensePooling::kMean;
  bool normalize = true;                      ///< to length 1
  bool pooling_is_assumed = false;            ///< nothing in the folder says how to pool
  std::string query_prompt, document_prompt;  ///< put in front of texts
};

/// Reads the folder of a model in one of the layouts that people publish: `transformers` (config.json,
/// model.safetensors) or `sentence-transformers` (modules.json: a transformer, then SpladePooling, or Pooling and
/// perhaps Normalize; or a Router whose document route is that and whose query route is a SparseStaticEmbedding). No
/// weights are read. kNotFound when it is no model folder, kUnsupported naming the module or architecture that is not
/// known, kCorrupt.
[[nodiscard]] Result<ModelDescription> describe_folder(const std::filesystem::path& folder);

/// A shipped table of query weights. One of the two is filled.
struct QueryTable {
  std::vector<float> by_id;                             ///< [vocabulary]
  std::vector<std::pair<std::string, float>> by_token;  ///< in the file's order, each token once
};
/// Reads description.query_table. Weights are those of the file, rounded to f32; what is not above 0 is 0 or left out.
/// kNotFound when the model ships none; kCorrupt for NaN, a token named twice, a table larger than the vocabulary.
[[nodiscard]] Result<QueryTable> read_query_table(const ModelDescription& description);

}  // namespace tamis::models
