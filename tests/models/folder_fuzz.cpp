#include <tamis/models/folder.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "base/scratch_folder.h"

namespace {

constexpr std::string_view kFiles[] = {"modules.json",
                                       "router_config.json",
                                       "config.json",
                                       "sentence_bert_config.json",
                                       "tokenizer_config.json",
                                       "1_Pooling/config.json",
                                       "config_sentence_transformers.json",
                                       "2_Query/config.json",
                                       "idf.json",
                                       "query_token_weights.txt"};
constexpr std::size_t kNumFiles = std::size(kFiles);

/// Sound files of folders that are known; an empty one is absent.
constexpr std::string_view kConfig = R"({"model_type":"bert","architectures":["BertForMaskedLM"],"vocab_size":40,
  "hidden_size":8,"num_attention_heads":2,"num_hidden_layers":2,"intermediate_size":12,"max_position_embeddings":24})";
constexpr std::string_view kSplade =
    R"([{"type":"a.MLMTransformer","path":""},{"type":"a.SpladePooling","path":"1_Pooling"}])";
constexpr std::string_view kDense =
    R"([{"type":"a.Transformer","path":""},{"type":"a.Pooling","path":"1_Pooling"},{"type":"a.Normalize","path":"3"}])";
constexpr std::string_view kRouted = R"([{"type":"a.Router","path":""}])";
constexpr std::string_view kRouter = R"({"types":{"":"a.MLMTransformer","1_Pooling":"a.SpladePooling",
  "2_Query":"a.SparseStaticEmbedding"},"structure":{"document":["","1_Pooling"],"query":["2_Query"]}})";
constexpr std::string_view kLimit = R"({"max_seq_length":20})", kTokens = R"({"model_max_length":1e30})";
constexpr std::string_view kMax = R"({"pooling_strategy":"max","activation_function":"relu"})";
constexpr std::string_view kMean = R"({"pooling_mode_cls_token":false,"pooling_mode_mean_tokens":true})";
constexpr std::string_view kPrompts = R"({"prompts":{"query":"q: ","document":"d: "}})";
constexpr std::string_view kFolders[][kNumFiles] = {
    {},
    {"", "", kConfig, "", kTokens, "", "", "", R"({"a":1.5,"b":2})"},
    {"", "", kConfig, "", kTokens, "", "", "", "", "a\t1.5\nb\t2\n"},
    {kSplade, "", kConfig, kLimit, kTokens, kMax, kPrompts},
    {kDense, "", kConfig, kLimit, kTokens, kMean, kPrompts},
    {kRouted, kRouter, kConfig, kLimit, kTokens, kMax, kPrompts, R"({"path":"x/idf.json"})", R"({"a":1.5,"b":2})"}};

}  // namespace

/// The first byte chooses a folder; the others are cut at zeros into files that replace those of the folder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const tamis::testing::ScratchFolder folder;
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto& sound = kFolders[data[0] % std::size(kFolders)];
  for (const auto* sub : {"1_Pooling", "2_Query"}) std::filesystem::create_directories(folder / sub);
  for (std::size_t i = 0; i < kNumFiles; ++i) {
    const auto end = std::min(rest.find('\0'), rest.size());
    const auto content = end > 0 ? rest.substr(0, end) : sound[i];
    const auto file = folder / std::string(kFiles[i]);
    std::filesystem::remove(file);
    if (!content.empty()) std::ofstream(file, std::ios::binary) << content;
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
  const auto model = tamis::models::describe_folder(folder.path());
  if (size == 1 && data[0] % std::size(kFolders) != 0 && !model) std::abort();  // else they would be of no use
  if (!model) return 0;
  if (model->max_tokens < 3 || model->max_tokens > model->config.max_tokens) std::abort();
  const auto inside = model->transformer_folder.lexically_relative(folder.path());
  if (!inside.empty() && *inside.begin() == "..") std::abort();
  static_cast<void>(tamis::models::read_query_table(*model));
  return 0;
}
