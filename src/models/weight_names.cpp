#include "weight_names.h"

namespace tamis::models {
namespace {

constexpr WeightNames kBert = {
    .prefix = "bert.",
    .words = "embeddings.word_embeddings",
    .positions = "embeddings.position_embeddings",
    .types = "embeddings.token_type_embeddings",
    .embedding_norm = "embeddings.LayerNorm",
    .final_norm = "",
    .layer = "encoder.layer.",
    .query = "attention.self.query",
    .key = "attention.self.key",
    .value = "attention.self.value",
    .query_key_value = "",
    .attention_out = "attention.output.dense",
    .attention_norm = "attention.output.LayerNorm",
    .up = "intermediate.dense",
    .down = "output.dense",
    .output_norm = "output.LayerNorm",
    .transform = "cls.predictions.transform.dense",
    .transform_norm = "cls.predictions.transform.LayerNorm",
    .decoder = "cls.predictions.decoder",
    .decoder_bias = "cls.predictions.bias",
};

constexpr WeightNames roberta() {
  WeightNames names = kBert;
  names.prefix = "roberta.";
  names.transform = "lm_head.dense";
  names.transform_norm = "lm_head.layer_norm";
  names.decoder = "lm_head.decoder";
  names.decoder_bias = "lm_head.bias";
  return names;
}
constexpr WeightNames kRoberta = roberta();

constexpr WeightNames mpnet() {
  WeightNames names = kRoberta;
  names.prefix = "mpnet.";
  names.types = "";
  names.query = "attention.attn.q";
  names.key = "attention.attn.k";
  names.value = "attention.attn.v";
  names.attention_out = "attention.attn.o";
  names.attention_norm = "attention.LayerNorm";
  return names;
}
constexpr WeightNames kMpnet = mpnet();

constexpr WeightNames kDistilBert = {
    .prefix = "distilbert.",
    .words = "embeddings.word_embeddings",
    .positions = "embeddings.position_embeddings",
    .types = "",
    .embedding_norm = "embeddings.LayerNorm",
    .final_norm = "",
    .layer = "transformer.layer.",
    .query = "attention.q_lin",
    .key = "attention.k_lin",
    .value = "attention.v_lin",
    .query_key_value = "",
    .attention_out = "attention.out_lin",
    .attention_norm = "sa_layer_norm",
    .up = "ffn.lin1",
    .down = "ffn.lin2",
    .output_norm = "output_layer_norm",
    .transform = "vocab_transform",
    .transform_norm = "vocab_layer_norm",
    .decoder = "vocab_projector",
    .decoder_bias = "vocab_projector.bias",
};

/// Norms stand before what they belong to: `attention_norm` before attention, `output_norm` before the MLP.
constexpr WeightNames kModernBert = {
    .prefix = "model.",
    .words = "embeddings.tok_embeddings",
    .positions = "",
    .types = "",
    .embedding_norm = "embeddings.norm",
    .final_norm = "final_norm",
    .layer = "layers.",
    .query = "",
    .key = "",
    .value = "",
    .query_key_value = "attn.Wqkv",
    .attention_out = "attn.Wo",
    .attention_norm = "attn_norm",
    .up = "mlp.Wi",
    .down = "mlp.Wo",
    .output_norm = "mlp_norm",
    .transform = "head.dense",
    .transform_norm = "head.norm",
    .decoder = "decoder",
    .decoder_bias = "decoder.bias",
};

}  // namespace

const WeightNames& weight_names(Architecture architecture) noexcept {
  switch (architecture) {
    case Architecture::kRoberta:
      return kRoberta;
    case Architecture::kDistilBert:
      return kDistilBert;
    case Architecture::kMpnet:
      return kMpnet;
    case Architecture::kModernBert:
      return kModernBert;
    case Architecture::kBert:
      break;
  }
  return kBert;
}

}  // namespace tamis::models
