#include <gtest/gtest.h>
#include <tamis/encode/dense_encoder.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tiny_model.h"

namespace tamis::encode {
namespace {

using Side = sparse::DenseEncoder::Side;

std::vector<std::string> random_texts(std::mt19937& rng, std::size_t count) {
  std::vector<std::string> texts;
  while (texts.size() < count) texts.push_back(random_text(rng, rng() % 6 == 0 ? 80 : 12));
  return texts;
}

class DenseEncoders : public ::testing::TestWithParam<const char*> {};

TEST_P(DenseEncoders, give_what_the_network_gives_for_the_beginning_of_a_text) {
  const TinyModel model(GetParam());
  const auto options = at(tensor::Precision::kF32);
  const auto encoder = DenseTextEncoder::open(model.path(), options).value();
  const auto description = models::describe_folder(model.path()).value();
  const auto network = models::Encoder::load(description, options).value();
  const auto tokenizer = text::Tokenizer::open(description.tokenizer_folder).value();
  const auto worker = encoder->make_worker();
  const std::size_t dimension = encoder->dimension();
  std::mt19937 rng(1);
  for (int round = 0; round < 30; ++round) {
    const auto texts = random_texts(rng, 1 + rng() % 9);
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    std::vector<float> vectors(texts.size() * dimension, 7.0F);
    std::vector<sparse::TokenVectors> tokens(texts.size());
    ASSERT_TRUE(worker->encode(views, Side::kPassage, vectors));
    ASSERT_TRUE(worker->encode_tokens(views, Side::kPassage, tokens));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      text::Tokenizer::Scratch scratch;
      std::vector<text::Tokenizer::Token> pieces;
      const auto text = description.document_prompt + texts[i];
      tokenizer.encode(text, scratch, pieces);
      const std::size_t special = tokenizer.prefix().size() + tokenizer.suffix().size();
      if (pieces.size() > description.max_tokens - special) pieces.resize(description.max_tokens - special);
      const std::span<const float> found(vectors.data() + i * dimension, dimension);
      ASSERT_EQ(tokens[i].count, pieces.size()) << texts[i];
      if (pieces.empty()) {
        for (const float x : found) ASSERT_EQ(x, 0);
        continue;
      }
      std::vector<std::uint32_t> ids(tokenizer.prefix().begin(), tokenizer.prefix().end());
      for (const auto& piece : pieces) ids.push_back(piece.id);
      ids.insert(ids.end(), tokenizer.suffix().begin(), tokenizer.suffix().end());
      const models::TokenSpan batch[] = {ids};
      models::EncoderScratch network_scratch;
      std::vector<float> wanted(dimension), states(ids.size() * dimension);
      ASSERT_TRUE(network.encode_dense(batch, {wanted.data(), 1, dimension}, network_scratch));
      ASSERT_TRUE(network.encode_tokens(batch, {states.data(), ids.size(), dimension}, network_scratch));
      for (std::size_t d = 0; d < dimension; ++d) ASSERT_EQ(found[d], wanted[d]) << texts[i];
      for (std::size_t t = 0; t < pieces.size(); ++t) {
        double squares = 0, product = 0, length = 0;
        for (std::size_t d = 0; d < dimension; ++d) {
          const auto a = static_cast<double>(tokens[i].values[t * dimension + d]);
          const auto b = static_cast<double>(states[(t + tokenizer.prefix().size()) * dimension + d]);
          squares += a * a;
          product += a * b;
          length += b * b;
        }
        ASSERT_NEAR(squares, 1, 1e-5);
        ASSERT_NEAR(product / std::sqrt(length), 1, 1e-5) << "token " << t << " of " << texts[i];
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, DenseEncoders, ::testing::Values("dense-mean", "dense-cls"));

TEST(DenseEncoder, vectors_do_not_depend_on_the_batch) {
  const TinyModel model("dense-mean");
  const auto encoder = DenseTextEncoder::open(model.path()).value();
  const auto worker = encoder->make_worker();
  const std::size_t dimension = encoder->dimension();
  std::mt19937 rng(2);
  const auto texts = random_texts(rng, 300);  // several groups
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::vector<float> together(texts.size() * dimension), alone(dimension);
  ASSERT_TRUE(worker->encode(views, Side::kQuestion, together));
  const auto other = encoder->make_worker();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    ASSERT_TRUE(other->encode(std::span(views).subspan(i, 1), Side::kQuestion, alone));
    for (std::size_t d = 0; d < dimension; ++d) ASSERT_EQ(alone[d], together[i * dimension + d]) << "text " << i;
  }
}

TEST(DenseEncoder, what_it_cannot_read_is_an_error) {
  const TinyModel sparse_model("bert");
  EXPECT_EQ(DenseTextEncoder::open(sparse_model.path()).error().code, Code::kUnsupported);
  EXPECT_FALSE(DenseTextEncoder::open("/nowhere/at/all"));
  const TinyModel model("dense-mean");
  const auto worker = DenseTextEncoder::open(model.path()).value()->make_worker();
  const std::string_view texts[] = {"a"};
  std::vector<float> too_few(1);
  EXPECT_EQ(worker->encode(texts, Side::kPassage, too_few).error().code, Code::kInvalidArgument);
  EXPECT_EQ(worker->encode_tokens(texts, Side::kPassage, {}).error().code, Code::kInvalidArgument);
  EXPECT_TRUE(worker->encode({}, Side::kPassage, {}));
}

}  // namespace
}  // namespace tamis::encode
