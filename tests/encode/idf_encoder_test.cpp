#include <gtest/gtest.h>
#include <tamis/encode/idf_encoder.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "tiny_model.h"

namespace tamis::encode {
namespace {

/// The definition: the table's row for each token that is there, but special ones.
sparse::SparseVector looked_up(const text::Tokenizer& tokenizer, const std::vector<float>& table,
                               std::string_view text) {
  static text::Tokenizer::Scratch scratch;
  std::vector<text::Tokenizer::Token> tokens;
  tokenizer.encode(text, scratch, tokens);
  std::set<std::uint32_t> ids;
  for (const auto& token : tokens) ids.insert(token.id);
  sparse::SparseVector out;
  for (const auto id : ids) {
    if (id < 5 || id >= table.size() || !(table[id] > 0.0F)) continue;  // [PAD] [UNK] [CLS] [SEP] [MASK]
    out.terms.push_back(id);
    out.weights.push_back(table[id]);
  }
  return out;
}

TEST(IdfEncoder, is_the_table_bit_for_bit) {
  const TinyModel model;
  const auto tokenizer = text::Tokenizer::open(model.path()).value();
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 rng(seed);
    std::vector<float> table(rng() % 45);
    for (auto& weight : table) {
      weight = rng() % 5 == 0 ? -static_cast<float>(rng() % 2) : std::ldexp(static_cast<float>(rng()), -28);
    }
    const auto encoder = IdfEncoder::from_table(tokenizer, table).value();
    const auto worker = encoder->make_worker();
    for (int i = 0; i < 100; ++i) {
      const std::string text = random_text(rng, 14);
      const std::string_view texts[] = {text};
      std::vector<sparse::SparseVector> out(1);
      ASSERT_TRUE(worker->encode(texts, out));
      EXPECT_TRUE(same(out[0], looked_up(tokenizer, table, text))) << "seed=" << seed << " \"" << text << '"';
      for (const float weight : out[0].weights) EXPECT_LE(weight, encoder->ceiling());
    }
  }
}

TEST(IdfEncoder, frequencies_make_the_table_of_their_idf) {
  const TinyModel model;
  const auto tokenizer = text::Tokenizer::open(model.path()).value();
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 rng(seed);
    const std::uint64_t passages = rng() % 1000;
    std::vector<std::uint64_t> frequencies(40);
    std::vector<float> table(40);
    for (std::size_t i = 0; i < 40; ++i) {
      frequencies[i] = rng() % 3 == 0 ? 0 : rng() % (passages + 1);
      table[i] = frequencies[i] == 0 ? 0.0F : token_idf(passages, frequencies[i]);
    }
    const auto encoder =
        IdfEncoder::from_frequencies(tokenizer, passages, [&](TermId term) { return frequencies.at(term); });
    const std::string text = random_text(rng, 30);
    EXPECT_TRUE(same(encode_one(*encoder, text), looked_up(tokenizer, table, text))) << "seed=" << seed;
  }
}

TEST(IdfEncoder, idf_is_that_of_the_formula_positive_and_falling) {
  EXPECT_FLOAT_EQ(token_idf(1000, 10), static_cast<float>(std::log(1.0 + 990.5 / 10.5)));
  EXPECT_GT(token_idf(1000, 1000), 0.0F);
  EXPECT_EQ(token_idf(10, 20), token_idf(10, 10));
  for (std::uint64_t n = 1; n <= 1000; ++n) EXPECT_LT(token_idf(1000, n), token_idf(1000, n - 1));
}

TEST(IdfEncoder, reads_the_tables_that_models_ship) {
  const TinyModel model;
  const auto tokenizer = text::Tokenizer::open(model.path()).value();
  const auto none = read_query_weights(models::describe_folder(model.path()).value(), tokenizer);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::kNotFound);
  model.write("idf.json", R"({"sun": 6.9377503, "##s": 0.1, "no such token": 3, "of": 0, "[CLS]": 5})");
  const auto weights = read_query_weights(models::describe_folder(model.path()).value(), tokenizer).value();
  const auto encoder = IdfEncoder::from_table(tokenizer, weights).value();
  const auto vector = encode_one(*encoder, "of the sun's suns [CLS] sun");
  ASSERT_EQ(vector.size(), 2U);
  EXPECT_EQ(encoder->term(vector.terms[0]), "sun");
  EXPECT_EQ(vector.weights[0], 6.9377503F);
  EXPECT_EQ(encoder->term(vector.terms[1]), "##s");
  EXPECT_EQ(vector.weights[1], 0.1F);
  model.write("idf.json", R"({"of another model": 1})");
  const auto other = read_query_weights(models::describe_folder(model.path()).value(), tokenizer);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::kCorrupt);
}

TEST(IdfEncoder, reads_a_table_by_token_number) {
  const TinyModel model("router");
  const auto description = models::describe_folder(model.path()).value();
  const auto tokenizer = text::Tokenizer::open(model.path()).value();
  const auto shipped = models::read_query_table(description).value();
  ASSERT_FALSE(shipped.by_id.empty());
  EXPECT_EQ(read_query_weights(description, tokenizer).value(), shipped.by_id);
}

TEST(IdfEncoder, says_which_bytes_gave_a_term_first) {
  const TinyModel model;
  const auto tokenizer = text::Tokenizer::open(model.path()).value();
  const auto encoder = IdfEncoder::from_table(tokenizer, std::vector<float>(40, 1.5F)).value();
  sparse::SparseVector vector;
  std::vector<sparse::TermOrigin> origins;
  const std::string text = "the dad, the Sun \xff dad";
  ASSERT_TRUE(encoder->make_worker()->explain(text, vector, origins));
  EXPECT_TRUE(same(vector, encode_one(*encoder, text)));
  ASSERT_EQ(origins.size(), vector.size());
  const auto origin_of = [&](std::string_view token) {
    for (std::size_t i = 0; i < vector.size(); ++i) {
      if (encoder->term(vector.terms[i]) == token) return origins[i];
    }
    return sparse::TermOrigin{};
  };
  EXPECT_EQ(origin_of("dad"), (sparse::TermOrigin{4, 7}));
  EXPECT_EQ(origin_of("the"), (sparse::TermOrigin{0, 3}));
  EXPECT_EQ(origin_of("sun"), (sparse::TermOrigin{13, 16}));
}

TEST(IdfEncoder, refuses_a_table_that_is_not_finite) {
  const TinyModel model;
  const auto tokenizer = text::Tokenizer::open(model.path()).value();
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    EXPECT_FALSE(IdfEncoder::from_table(tokenizer, {1.0F, bad}));
  }
}

TEST(IdfEncoder, its_fingerprint_tells_tables_apart) {
  const TinyModel model;
  const auto tokenizer = text::Tokenizer::open(model.path()).value();
  const auto of = [&](std::vector<float> table) {
    return IdfEncoder::from_table(tokenizer, std::move(table)).value()->fingerprint();
  };
  EXPECT_EQ(of({1.0F, 2.0F}), of({1.0F, 2.0F}));
  EXPECT_NE(of({1.0F, 2.0F}), of({1.0F, 3.0F}));
}

}  // namespace
}  // namespace tamis::encode
