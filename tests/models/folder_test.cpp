#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tamis/models/encoder.h>
#include <tamis/models/folder.h>
#include <tamis/models/safetensors.h>

#include <cstdlib>
#include <limits>

#include "checkpoint.h"

namespace tamis::models {
namespace {

namespace fs = std::filesystem;

fs::path fixture(std::string_view name) { return fs::path(TAMIS_FIXTURES) / name; }

/// A copy of a fixture in which files are changed.
class Damaged : public ::testing::Test {
 protected:
  void take(std::string_view name) {
    for (const auto& entry : fs::directory_iterator(folder_.path())) fs::remove_all(entry.path());
    copy_fixture(name, folder_.path());
  }
  void replace(std::string_view file, std::string_view from, std::string_view to) const {
    std::string text = read_all(folder_.path() / file);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << file << " has no " << from;
    folder_.write(file, text.replace(at, from.size(), to));
  }
  std::string complaint() const {
    const auto model = describe_folder(folder_.path());
    if (!model) return model.error().message;
    const auto encoder = Encoder::load(*model);
    return encoder ? std::string() : encoder.error().message;
  }
  bool complains_of(std::string_view what) const { return complaint().find(what) != std::string::npos; }
  Folder folder_;
};

TEST(ModelFolder, says_what_a_transformers_folder_makes) {
  const auto sparse = describe_folder(fixture("bert")).value();
  EXPECT_EQ(sparse.layout, "transformers");
  EXPECT_EQ(sparse.kind, ModelKind::kSparse);
  EXPECT_EQ(sparse.saturation, tensor::Saturation::kLog1p);
  EXPECT_EQ(sparse.pooling, tensor::Pooling::kMax);
  EXPECT_EQ(sparse.max_tokens, 24U);
  EXPECT_TRUE(sparse.query_table.empty());
}

TEST(ModelFolder, says_what_a_pipeline_of_modules_makes) {
  const auto twice = describe_folder(fixture("splade-max-twice")).value();
  EXPECT_EQ(twice.layout, "sentence-transformers");
  EXPECT_EQ(twice.saturation, tensor::Saturation::kLog1pTwice);
  EXPECT_EQ(describe_folder(fixture("splade-sum")).value().pooling, tensor::Pooling::kSum);
  const auto mean = describe_folder(fixture("dense-mean")).value();
  EXPECT_EQ(mean.kind, ModelKind::kDense);
  EXPECT_EQ(mean.dense_pooling, DensePooling::kMean);
  EXPECT_TRUE(mean.normalize);
  const auto cls = describe_folder(fixture("dense-cls")).value();
  EXPECT_EQ(cls.dense_pooling, DensePooling::kCls);
  EXPECT_FALSE(cls.normalize);
}

TEST(ModelFolder, a_router_has_documents_by_network_and_queries_by_table) {
  const auto model = describe_folder(fixture("router")).value();
  EXPECT_TRUE(model.inference_free);
  EXPECT_EQ(model.kind, ModelKind::kSparse);
  const auto table = read_query_table(model).value();
  ASSERT_EQ(table.by_id.size(), model.config.vocab_size);
  const auto file = Safetensors::open(model.query_table).value();
  std::vector<float> stored(file.tensors()[0].num_values());
  read_weights(file.tensors()[0], stored).value();
  EXPECT_EQ(table.by_id, stored);  // bit for bit
}

TEST_F(Damaged, query_weights_by_token_are_read_in_both_forms) {
  take("bert");
  folder_.write("idf.json", R"({"the":0.016384,"hello":6.93775,"unseen":0,"odd":-1.5})");
  const auto json = read_query_table(describe_folder(folder_.path()).value()).value();
  const std::vector<std::pair<std::string, float>> wanted = {{"the", 0.016384F}, {"hello", 6.93775F}};
  EXPECT_EQ(json.by_token, wanted);
  fs::remove(folder_.path() / "idf.json");
  folder_.write("query_token_weights.txt", "the\t0.016384\nhello\t6.93775\r\nunseen\t0\n");
  EXPECT_EQ(read_query_table(describe_folder(folder_.path()).value()).value().by_token, wanted);
}

TEST_F(Damaged, query_weights_that_are_wrong_are_named) {
  take("bert");
  const auto complaint_of = [&](std::string_view name, std::string_view text) {
    folder_.write(name, text);
    const auto table = read_query_table(describe_folder(folder_.path()).value());
    fs::remove(folder_.path() / name);
    return table ? std::string() : table.error().message.substr(folder_.path().string().size() + 1);
  };
  EXPECT_EQ(complaint_of("idf.json", "[]"), "idf.json: not a JSON object {token: weight}");
  EXPECT_EQ(complaint_of("idf.json", R"({"a":"x"})"), "idf.json: the weight of \"a\" is no number");
  EXPECT_EQ(complaint_of("idf.json", R"({"a":1e300})"),
            "idf.json: the weight of \"a\" is 1e+300 (wanted a finite number)");
  EXPECT_EQ(complaint_of("idf.json", R"({"a":1,"a":2})"), "idf.json: the key \"a\" is there twice");
  EXPECT_EQ(complaint_of("query_token_weights.txt", "a\t1\nb\n"),
            "query_token_weights.txt: line 2: no token and weight");
  EXPECT_EQ(complaint_of("query_token_weights.txt", "a\tx\n"),
            "query_token_weights.txt: line 1: the weight is no number");
  EXPECT_EQ(complaint_of("query_token_weights.txt", "a\t1\na\t2\n"), "query_token_weights.txt: \"a\" is named twice");
  EXPECT_EQ(complaint_of("query_token_weights.txt", "a\tnan\n"),
            "query_token_weights.txt: line 1: the weight of \"a\" is nan (wanted a finite number)");
  EXPECT_EQ(read_query_table(describe_folder(folder_.path()).value()).error().code, Code::kNotFound);
}

TEST_F(Damaged, the_longest_text_is_the_least_of_what_the_files_say) {
  take("bert");
  const auto limit = [&] { return describe_folder(folder_.path()).value().max_tokens; };
  folder_.write("tokenizer_config.json", R"({"model_max_length": 1000000000000000019884624838656})");
  EXPECT_EQ(limit(), 24U);
  folder_.write("tokenizer_config.json", R"({"model_max_length": 20})");
  EXPECT_EQ(limit(), 20U);
  folder_.write("tokenizer_config.json", R"({"model_max_length": 1})");
  EXPECT_TRUE(complains_of("\"model_max_length\" is no number from 3 up")) << complaint();
}

TEST_F(Damaged, a_folder_without_a_model_says_so) {
  EXPECT_TRUE(complains_of("no model (neither config.json nor modules.json)")) << complaint();
  EXPECT_EQ(describe_folder(folder_.path() / "none").error().code, Code::kNotFound);
}

TEST_F(Damaged, unknown_modules_and_settings_are_named) {
  take("dense-mean");
  replace("modules.json", "normalize.Normalize\"", "dense.Dense\"");
  EXPECT_TRUE(complains_of("the module \"Dense\" at this place is not known")) << complaint();
  take("dense-mean");
  folder_.write("1_Pooling/config.json", R"({"pooling_mode":"lasttoken"})");
  EXPECT_TRUE(complains_of("pooling is \"lasttoken\" (known: mean, cls)")) << complaint();
  folder_.write("1_Pooling/config.json", R"({"pooling_mode_max_tokens":true,"pooling_mode_mean_tokens":true})");
  EXPECT_TRUE(complains_of("together (known: one of mean, cls)")) << complaint();
  take("splade-sum");
  folder_.write("1_SpladePooling/config.json", R"({"pooling_strategy":"mean"})");
  EXPECT_TRUE(complains_of("\"pooling_strategy\" is \"mean\" (known: max, sum)")) << complaint();
  folder_.write("1_SpladePooling/config.json", R"({"activation_function":"softplus"})");
  EXPECT_TRUE(complains_of("\"activation_function\" is \"softplus\" (known: relu, log1p_relu)")) << complaint();
}

TEST_F(Damaged, the_old_flags_of_pooling_are_understood) {
  take("dense-mean");
  folder_.write("1_Pooling/config.json", R"({"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":false})");
  EXPECT_EQ(describe_folder(folder_.path()).value().dense_pooling, DensePooling::kCls);
  folder_.write("1_Pooling/config.json", R"({"pooling_mode_cls_token":false,"pooling_mode_mean_tokens":true})");
  EXPECT_EQ(describe_folder(folder_.path()).value().dense_pooling, DensePooling::kMean);
}

TEST_F(Damaged, modules_stay_inside_the_folder) {
  take("dense-mean");
  for (const std::string path : {"../x", "/etc", "a/../../b"}) {
    folder_.write("modules.json", R"([{"type":"a.Transformer","path":")" + path + "\"}]");
    EXPECT_TRUE(complains_of("leads out of the folder")) << path << ": " << complaint();
  }
  folder_.write("modules.json", "[]");
  EXPECT_TRUE(complains_of("wanted a list of 1 to 16 modules")) << complaint();
  folder_.write("modules.json", R"([{"path":""}])");
  EXPECT_TRUE(complains_of("a module without \"type\"")) << complaint();
}

TEST_F(Damaged, a_router_with_a_second_network_is_refused) {
  take("router");
  replace("router_config.json", "sparse_static_embedding.SparseStaticEmbedding\"", "transformer.Transformer\"");
  EXPECT_TRUE(complains_of("queries have a Transformer of their own (known: SparseStaticEmbedding)")) << complaint();
}

TEST_F(Damaged, weights_that_do_not_fit_the_configuration_are_named) {
  take("bert");
  replace("config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3");
  EXPECT_TRUE(complains_of("bert.encoder.layer.2.attention.self.query.weight: missing")) << complaint();
  take("bert");
  replace("config.json", "\"vocab_size\": 40", "\"vocab_size\": 41");
  EXPECT_TRUE(complains_of("word_embeddings.weight: has the shape [40, 8] (wanted [41, 8])")) << complaint();
  take("bert");
  replace("config.json", "\"model_type\": \"bert\"", "\"model_type\": \"roberta\"");
  EXPECT_TRUE(complains_of("are these the weights of a roberta model?")) << complaint();
}

TEST_F(Damaged, a_model_without_a_head_makes_no_sparse_vectors) {
  take("dense-mean");
  fs::remove(folder_.path() / "modules.json");
  replace("config.json", "\"BertModel\"", "\"BertForMaskedLM\"");
  EXPECT_TRUE(complains_of("without a masked-language-model head the model makes no sparse vectors")) << complaint();
}

TEST_F(Damaged, an_untied_model_needs_its_decoder) {
  take("bert");
  replace("config.json", "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false");
  EXPECT_TRUE(complains_of("cls.predictions.decoder.weight: missing, though \"tie_word_embeddings\" is false"))
      << complaint();
}

/// NaN in any tensor of any fixture is found, and the message names the tensor.
TEST_F(Damaged, a_weight_that_is_no_number_is_refused_with_its_name) {
  for (const std::string name : {"bert", "roberta", "mpnet", "modernbert", "dense-mean", "bert-untied"}) {
    take(name);
    const auto path = folder_.path() / "model.safetensors";
    const std::string image = read_all(path);
    const auto tensors = Safetensors::open(path).value();
    std::vector<std::pair<std::string, std::size_t>> places;
    for (const auto& tensor : tensors.tensors()) {
      places.emplace_back(tensor.name, tensor.begin + (tensor.num_values() - 1) * sizeof(float));
    }
    for (const auto& [tensor, at] : places) {
      std::string damaged = image;
      const float nan = std::numeric_limits<float>::quiet_NaN();
      std::memcpy(damaged.data() + at, &nan, sizeof nan);
      folder_.write("model.safetensors", damaged);
      const bool read =
          tensor.find("pooler") == std::string::npos &&
          (name == "bert-untied" ? tensor != "cls.predictions.bias"
                                 : tensor.find("decoder.bias") == std::string::npos || name == "modernbert");
      if (!read) continue;
      EXPECT_TRUE(complains_of(tensor + ": the weight at [")) << name << " " << tensor << ": " << complaint();
      EXPECT_TRUE(complains_of("is NaN (wanted a finite number)")) << complaint();
    }
  }
}

TEST_F(Damaged, every_file_cut_short_is_an_error_or_not_needed) {
  take("router");
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
    if (entry.is_regular_file() && entry.path().filename() != "reference.json") files.push_back(entry.path());
  }
  for (const auto& file : files) {
    const std::string whole = read_all(file);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, whole.size() / 2, whole.size() - 2}) {
      folder_.write(fs::relative(file, folder_.path()).string(), std::string_view(whole).substr(0, size));
      const auto model = describe_folder(folder_.path());
      const bool bad = !model || !Encoder::load(*model) || !read_query_table(*model);
      EXPECT_TRUE(bad || file.parent_path().filename() == "query_0_SparseStaticEmbedding")
          << file << " cut to " << size;
    }
    folder_.write(fs::relative(file, folder_.path()).string(), whole);
  }
  EXPECT_EQ(complaint(), "");
}

}  // namespace
}  // namespace tamis::models
