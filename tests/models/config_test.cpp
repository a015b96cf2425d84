#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tamis/models/config.h>

#include <string>

namespace tamis::models {
namespace {

std::string message_of(std::string_view json) {
  const auto config = parse_config(json);
  return config ? std::string() : config.error().message;
}

/// A BERT with one field changed.
std::string bert_with(std::string_view key, std::string_view value) {
  std::string out = R"({"model_type":"bert")";
  return out + fmt::format(",\"{}\":{}}}", key, value);
}

TEST(Config, defaults_are_those_of_each_family) {
  const auto bert = parse_config(R"({"model_type":"bert","architectures":["BertForMaskedLM"]})").value();
  EXPECT_EQ(bert.architecture, Architecture::kBert);
  EXPECT_TRUE(bert.masked_lm);
  EXPECT_EQ(bert.vocab_size, 30522U);
  EXPECT_EQ(bert.max_tokens, 512U);
  EXPECT_EQ(bert.type_vocab_size, 2U);
  EXPECT_TRUE(bert.tied_head);
  const auto distil = parse_config(R"({"model_type":"distilbert","dim":96,"n_heads":3,"hidden_dim":128})").value();
  EXPECT_EQ(distil.hidden_size, 96U);
  EXPECT_EQ(distil.num_layers, 6U);
  EXPECT_EQ(distil.head_dim(), 32U);
  EXPECT_EQ(distil.type_vocab_size, 0U);
  EXPECT_FALSE(distil.masked_lm);
}

TEST(Config, positions_begin_behind_the_padding_where_the_family_says_so) {
  const auto roberta = parse_config(R"({"model_type":"xlm-roberta","max_position_embeddings":514})").value();
  EXPECT_EQ(roberta.architecture, Architecture::kRoberta);
  EXPECT_EQ(roberta.first_position, 2U);
  EXPECT_EQ(roberta.max_tokens, 512U);
  EXPECT_EQ(message_of(R"({"model_type":"roberta","max_position_embeddings":2})"),
            "\"max_position_embeddings\" is 2 (wanted more than 2)");
}

TEST(Config, windows_and_rotary_positions_are_read_in_the_old_and_the_new_way) {
  const auto old_way = parse_config(R"({"model_type":"modernbert","num_hidden_layers":5,"global_attn_every_n_layers":2,
      "local_attention":64,"global_rope_theta":80000.0,"local_rope_theta":5000})")
                           .value();
  EXPECT_EQ(old_way.windowed, (std::vector<bool>{false, true, false, true, false}));
  EXPECT_EQ(old_way.window, 32U);
  EXPECT_EQ(old_way.theta, 80000.0F);
  EXPECT_EQ(old_way.windowed_theta, 5000.0F);
  const auto new_way = parse_config(R"({"model_type":"modernbert","num_hidden_layers":2,
      "layer_types":["sliding_attention","full_attention"],
      "rope_parameters":{"full_attention":{"rope_theta":7,"rope_type":"default"},"sliding_attention":{"rope_theta":8}}})")
                           .value();
  EXPECT_EQ(new_way.windowed, (std::vector<bool>{true, false}));
  EXPECT_EQ(new_way.theta, 7.0F);
  EXPECT_EQ(new_way.windowed_theta, 8.0F);
  EXPECT_EQ(message_of(R"({"model_type":"modernbert","num_hidden_layers":2,"layer_types":["full_attention"]})"),
            "\"layer_types\" has 1 entries (wanted one for each of 2 layers)");
  EXPECT_EQ(message_of(R"({"model_type":"modernbert","rope_parameters":{"full_attention":{"rope_type":"yarn"}}})"),
            "\"rope_type\" of full_attention is \"yarn\" (known: default)");
}

TEST(Config, an_unknown_architecture_is_named_beside_the_known_ones) {
  EXPECT_EQ(
      message_of(R"({"model_type":"llama"})"),
      "\"model_type\" is \"llama\": not an architecture that is known (known: bert, distilbert, roberta, xlm-roberta, "
      "camembert, mpnet, modernbert)");
  EXPECT_EQ(parse_config(R"({"model_type":"llama"})").error().code, Code::kUnsupported);
  EXPECT_EQ(message_of("{}"), "neither \"model_type\" nor \"architectures\" says what it is");
  EXPECT_TRUE(
      message_of(R"({"architectures":["BartForMaskedLM"]})").starts_with("\"architectures\" is \"BartForMaskedLM\""));
  EXPECT_EQ(parse_config(R"({"architectures":["XLMRobertaForMaskedLM"]})").value().model_type, "xlm-roberta");
  EXPECT_EQ(parse_config(R"({"architectures":["DistilBertModel"]})").value().model_type, "distilbert");
}

TEST(Config, what_would_change_the_result_is_refused) {
  EXPECT_EQ(
      message_of(bert_with("hidden_act", "\"mish\"")),
      "\"hidden_act\" is \"mish\" (known: gelu, gelu_python, gelu_new, gelu_fast, gelu_accurate, gelu_pytorch_tanh, "
      "relu, silu, swish)");
  EXPECT_EQ(message_of(bert_with("position_embedding_type", "\"relative_key\"")),
            "\"position_embedding_type\" is \"relative_key\" (known: absolute)");
  EXPECT_EQ(message_of(bert_with("is_decoder", "true")), "\"is_decoder\" is true (wanted an encoder)");
}

TEST(Config, sizes_have_limits) {
  EXPECT_EQ(message_of(bert_with("hidden_size", "100")),
            "a hidden size of 100 does not divide into 12 attention heads");
  for (const std::string key : {"vocab_size", "hidden_size", "num_attention_heads", "intermediate_size",
                                "max_position_embeddings", "num_hidden_layers", "type_vocab_size"}) {
    for (const std::string value : {"-1", "1e30", "99999999", "1.5", "\"12\"", "[]", "100000000000000000000000"}) {
      const auto message = message_of(bert_with(key, value));
      EXPECT_TRUE(message.starts_with("\"" + key + "\" is ")) << key << " = " << value << ": " << message;
    }
  }
  EXPECT_EQ(message_of(bert_with("layer_norm_eps", "-1")), "\"layer_norm_eps\" is -1 (wanted 0 to 1)");
  EXPECT_EQ(message_of(bert_with("vocab_size", "null")), "");
  EXPECT_EQ(message_of(R"({"model_type":"modernbert","max_position_embeddings":1048576})"), "");
  EXPECT_EQ(message_of(R"({"model_type":"modernbert","max_position_embeddings":1048576,"num_attention_heads":1})"),
            "rotary positions of 1048576 tokens, 768 values a head (at most 67108864 together)");
}

TEST(Config, no_json_is_an_error) {
  for (const std::string text : {"", "{", "nonsense", "[1,2]", "7", "{\"model_type\":\"bert\"}}", "\xff"}) {
    EXPECT_FALSE(parse_config(text)) << text;
  }
  EXPECT_EQ(message_of(R"({"model_type":"bert","model_type":"bert"})"), "the key \"model_type\" is there twice");
  EXPECT_EQ(message_of(bert_with("note", std::string(100, '[') + std::string(100, ']'))).find("not JSON"), 0U);
}

}  // namespace
}  // namespace tamis::models
