#include <gtest/gtest.h>
#include <tamis/encode/splade_encoder.h>
#include <tamis/text/unicode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "tiny_model.h"

namespace tamis::encode {
namespace {

using tensor::Precision;

SpladeConfig random_config(std::mt19937& rng) {
  const auto number = [&](std::uint32_t least, std::uint32_t count) {
    return least + static_cast<std::uint32_t>(rng() % count);
  };
  SpladeConfig config;
  if (rng() % 2 == 0) config.max_tokens = number(3, 60);
  if (rng() % 2 == 0) config.window_tokens = number(3, 22);
  if (rng() % 3 == 0) config.top = number(1, 12);
  if (rng() % 3 == 0) config.threshold = 0.25F * static_cast<float>(rng() % 4);
  return config;
}

TEST(SpladeEncoder, gives_the_definition_for_any_batch_bit_for_bit) {
  const TinyModel model;
  for (const auto& options : {at(Precision::kF32, Isa::kRef), at(Precision::kF32), at(Precision::kBf16)}) {
    const SlowSplade slow(model.path(), options);
    const auto encoder = SpladeEncoder::open(model.path(), TextRole::kPassage, {}, options).value();
    for (std::uint32_t seed = 0; seed < 100; ++seed) {
      std::mt19937 rng(seed);
      const auto config = random_config(rng);
      std::vector<std::string> texts(rng() % 10);
      for (auto& text : texts) text = random_text(rng, rng() % 4 == 0 ? 150 : 12);
      std::vector<sparse::SparseVector> out(texts.size());
      const auto sized = encoder->with(TextRole::kPassage, config).value();
      ASSERT_TRUE(sized->make_worker()->encode(views(texts), out)) << "seed=" << seed;
      for (std::size_t i = 0; i < texts.size(); ++i) {
        EXPECT_TRUE(same(out[i], slow.encode(texts[i], config)))
            << "seed=" << seed << " text " << i << " precision " << to_string(options.precision);
      }
    }
  }
}

TEST(SpladeEncoder, a_worker_forgets_the_texts_before) {
  const TinyModel model;
  const auto encoder = SpladeEncoder::open(model.path(), TextRole::kPassage).value();
  const auto worker = encoder->make_worker();
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 rng(seed);
    const std::string text = random_text(rng, 60);
    const std::string_view alone[] = {text};
    std::vector<sparse::SparseVector> out(1);
    ASSERT_TRUE(worker->encode(alone, out));
    EXPECT_TRUE(same(out[0], encode_one(*encoder, text))) << "seed=" << seed;
  }
}

TEST(SpladeEncoder, batches_larger_than_a_group_of_the_network_keep_their_order) {
  const TinyModel model;
  const auto encoder = SpladeEncoder::open(model.path(), TextRole::kPassage, {}, at(Precision::kF32)).value();
  std::mt19937 rng(7);
  std::vector<std::string> texts(400);
  for (auto& text : texts) text = random_text(rng, 40);
  texts[100] = std::string(20000, 'a') + " bead deed";
  for (int i = 0; i < 1000; ++i) texts[300] += "dad sun ";
  std::vector<sparse::SparseVector> out(texts.size());
  ASSERT_TRUE(encoder->make_worker()->encode(views(texts), out));
  for (std::size_t i = 0; i < texts.size(); ++i)
    EXPECT_TRUE(same(out[i], encode_one(*encoder, texts[i]))) << "text " << i;
}

TEST(SpladeEncoder, a_text_without_a_token_has_no_terms) {
  const TinyModel model;
  const auto encoder = SpladeEncoder::open(model.path(), TextRole::kPassage).value();
  for (const std::string_view text : {"", " ", "\t\n  \r\n", "\x01\x02"})
    EXPECT_EQ(encode_one(*encoder, text).size(), 0U);
}

TEST(SpladeEncoder, broken_utf8_is_as_good_as_what_it_stands_for) {
  const TinyModel model;
  const auto encoder = SpladeEncoder::open(model.path(), TextRole::kPassage).value();
  for (const std::string_view text : {"abc \xff dad", "\xe4\xb8", "bead \xc0\xaf\xf8 the sun", "\xed\xa0\x80 of"}) {
    EXPECT_TRUE(same(encode_one(*encoder, text), encode_one(*encoder, text::repair_utf8(text)))) << text;
  }
}

TEST(SpladeEncoder, takes_a_megabyte_of_anything_and_refuses_what_is_too_long_by_number) {
  const TinyModel model;
  const auto encoder = SpladeEncoder::open(model.path(), TextRole::kPassage).value();
  std::string words;
  while (words.size() < (64U << 10U)) words += "bead of the sun, 12 dad! ";
  EXPECT_GT(encode_one(*encoder, words).size(), 0U);
  // The tokens of a megabyte are counted out, the windows of the beginning are run.
  const auto reads_little = encoder->with(TextRole::kPassage, {500, 0, 0, 0.0F}).value();
  while (words.size() < (1U << 20U)) words += words;
  for (const auto& text : {words, std::string(1U << 20U, '\0'), std::string(1U << 20U, '\xff'),
                           std::string(1U << 20U, 'a'), std::string(1U << 20U, ' ')}) {
    const std::string_view alone[] = {text};
    std::vector<sparse::SparseVector> out(1);
    EXPECT_TRUE(reads_little->make_worker()->encode(alone, out));
  }
  const std::string huge(kMaxTextBytes + 1, ' ');
  const std::string_view texts[] = {"bead", huge};
  std::vector<sparse::SparseVector> two(2);
  const auto status = encoder->make_worker()->encode(texts, two);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::kInvalidArgument);
  EXPECT_NE(status.error().message.find("text 1: 67108865 bytes"), std::string::npos) << status.error().message;
}

TEST(SpladeEncoder, explains_the_same_vector_with_tokens_of_the_text) {
  const TinyModel model;
  const auto encoder = SpladeEncoder::open(model.path(), TextRole::kPassage).value();
  const auto tokenizer = text::Tokenizer::open(model.path()).value();
  std::size_t from_text = 0, from_special = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    const std::string text = random_text(rng, 70);
    const auto sized = encoder->with(TextRole::kPassage, random_config(rng)).value();
    sparse::SparseVector vector;
    std::vector<sparse::TermOrigin> origins;
    ASSERT_TRUE(sized->make_worker()->explain(text, vector, origins));
    EXPECT_TRUE(same(vector, encode_one(*sized, text))) << "seed=" << seed;
    ASSERT_EQ(origins.size(), vector.size()) << "seed=" << seed;
    text::Tokenizer::Scratch scratch;
    std::vector<text::Tokenizer::Token> tokens;
    tokenizer.encode(text, scratch, tokens);
    for (const auto& [begin, end] : origins) {
      const bool special = begin == 0 && end == 0;
      ++(special ? from_special : from_text);
      const bool known = std::any_of(tokens.begin(), tokens.end(),
                                     [&](const auto& token) { return token.begin == begin && token.end == end; });
      EXPECT_TRUE(special || known) << "seed=" << seed << " bytes " << begin << " to " << end;
    }
  }
  EXPECT_GT(from_text, 1000U);
  EXPECT_GT(from_special, 100U);
}

TEST(SpladeEncoder, the_origin_of_a_term_is_in_the_window_that_gave_it) {
  const TinyModel model;
  SpladeConfig config;
  config.window_tokens = 3;  // one token of the text
  const auto encoder = SpladeEncoder::open(model.path(), TextRole::kPassage, config, at(Precision::kF32)).value();
  const std::string text = "bead sun the dad of deed";
  sparse::SparseVector vector;
  std::vector<sparse::TermOrigin> origins;
  ASSERT_TRUE(encoder->make_worker()->explain(text, vector, origins));
  std::set<std::string> words;
  for (std::size_t i = 0; i < vector.size(); ++i) {
    if (origins[i].begin == origins[i].end) continue;
    const auto word = text.substr(origins[i].begin, origins[i].end - origins[i].begin);
    words.insert(word);
    const auto alone = encode_one(*encoder, word);
    const auto place = std::find(alone.terms.begin(), alone.terms.end(), vector.terms[i]);
    ASSERT_NE(place, alone.terms.end()) << word;
    EXPECT_EQ(alone.weights[static_cast<std::size_t>(place - alone.terms.begin())], vector.weights[i]) << word;
  }
  EXPECT_GE(words.size(), 3U);
}

TEST(SpladeEncoder, the_models_words_go_in_front_of_texts_by_their_role) {
  const TinyModel model("splade-max-twice");
  model.write("config_sentence_transformers.json",
              R"({"model_type": "SparseEncoder", "prompts": {"query": "the dad ", "document": "sun "}})");
  const auto passages = SpladeEncoder::open(model.path(), TextRole::kPassage).value();
  const auto queries = passages->with(TextRole::kQuery, {}).value();
  ASSERT_EQ(passages->description().query_prompt, "the dad ");
  const SlowSplade slow(model.path(), {});
  EXPECT_TRUE(same(encode_one(*queries, "bead 12"), slow.encode("the dad bead 12", {})));
  EXPECT_TRUE(same(encode_one(*passages, "bead 12"), slow.encode("sun bead 12", {})));
  EXPECT_EQ(encode_one(*queries, " ").size(), 0U) << "nothing was asked";
  EXPECT_NE(queries->fingerprint(), passages->fingerprint());
  sparse::SparseVector vector;
  std::vector<sparse::TermOrigin> origins;
  ASSERT_TRUE(queries->make_worker()->explain("bead 12", vector, origins));
  for (const auto& origin : origins) EXPECT_LE(origin.end, 7U) << "offsets are those of the text alone";
}

TEST(SpladeEncoder, refuses_settings_that_do_not_fit_the_model) {
  const TinyModel model;
  const auto encoder = SpladeEncoder::open(model.path(), TextRole::kPassage).value();
  const auto message = [&](SpladeConfig config) {
    const auto made = encoder->with(TextRole::kPassage, config);
    return made ? std::string("fine") : made.error().message;
  };
  SpladeConfig config;
  EXPECT_EQ(message(config), "fine");
  config.window_tokens = 2;
  EXPECT_EQ(message(config), "window_tokens is 2 (wanted 3 to 24, special tokens included)");
  config.window_tokens = 25;
  EXPECT_EQ(message(config), "window_tokens is 25 (wanted 3 to 24, special tokens included)");
  config = {};
  config.max_tokens = 2;
  EXPECT_EQ(message(config), "max_tokens is 2 (wanted at least 3, special tokens included)");
  config = {};
  config.threshold = -1.0F;
  EXPECT_EQ(message(config), "threshold is -1 (wanted finite, at least 0)");
  config.threshold = std::numeric_limits<float>::quiet_NaN();
  EXPECT_NE(message(config), "fine");
}

TEST(SpladeEncoder, refuses_folders_that_are_no_sparse_encoder) {
  const auto refusal = [](const std::filesystem::path& folder) {
    const auto made = SpladeEncoder::open(folder, TextRole::kPassage);
    EXPECT_FALSE(made);
    return made ? Error{} : made.error();
  };
  const TinyModel dense("dense-mean");
  EXPECT_EQ(refusal(dense.path()).code, Code::kUnsupported);
  EXPECT_EQ(refusal(dense.path() / "absent").code, Code::kNotFound);
  const TinyModel other;
  std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
  for (int i = 0; i < 60; ++i) vocabulary += fmt::format("w{}\n", i);
  other.write("vocab.txt", vocabulary);
  EXPECT_NE(refusal(other.path()).message.find("the tokenizer has 65 tokens, the network knows 40"), std::string::npos);
  const TinyModel cut;
  cut.write("model.safetensors", "short");
  EXPECT_EQ(refusal(cut.path()).code, Code::kCorrupt);
}

TEST(SpladeEncoder, its_fingerprint_tells_settings_and_weights_apart_but_not_machines) {
  const TinyModel model;
  const auto encoder = SpladeEncoder::open(model.path(), TextRole::kPassage, {}, at(Precision::kF32)).value();
  std::set<std::string> seen = {encoder->fingerprint()};
  const auto is_new = [&](const SpladeConfig& config) {
    return seen.insert(encoder->with(TextRole::kPassage, config).value()->fingerprint()).second;
  };
  EXPECT_FALSE(is_new({}));
  EXPECT_FALSE(is_new({0, 24, 0, 0.0F})) << "24 is all that the network can";
  EXPECT_TRUE(is_new({12, 0, 0, 0.0F}));
  EXPECT_TRUE(is_new({0, 12, 0, 0.0F}));
  EXPECT_TRUE(is_new({0, 0, 12, 0.0F}));
  EXPECT_TRUE(is_new({0, 0, 0, 0.5F}));
  const auto rough = SpladeEncoder::open(model.path(), TextRole::kPassage, {}, at(Precision::kBf16)).value();
  EXPECT_EQ(rough->fingerprint(), encoder->fingerprint());
  const TinyModel other("bert-untied");
  EXPECT_TRUE(seen.insert(SpladeEncoder::open(other.path(), TextRole::kPassage).value()->fingerprint()).second);
}

TEST(SpladeEncoder, the_vocabulary_is_the_tokenizers) {
  const TinyModel model;
  const auto encoder = SpladeEncoder::open(model.path(), TextRole::kPassage).value();
  EXPECT_EQ(encoder->vocabulary_size(), 40U);
  EXPECT_EQ(encoder->term(5), "a");
  EXPECT_EQ(encoder->term(2), "[CLS]");
  EXPECT_EQ(encoder->term(4000), "");
  EXPECT_EQ(encoder->name(), model.path().filename().string());
  EXPECT_EQ(encoder->ceiling(), 4.0F);
}

TEST(SpladeEncoder, sums_over_tokens_are_encoded_but_not_explained) {
  const TinyModel model("splade-sum");
  const auto encoder = SpladeEncoder::open(model.path(), TextRole::kPassage).value();
  EXPECT_GT(encode_one(*encoder, "bead of the sun").size(), 0U);
  sparse::SparseVector vector;
  std::vector<sparse::TermOrigin> origins;
  const auto status = encoder->make_worker()->explain("bead", vector, origins);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::kUnsupported);
}

}  // namespace
}  // namespace tamis::encode
