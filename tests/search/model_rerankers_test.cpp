#include <gtest/gtest.h>
#include <tamis/search/model_rerankers.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/scratch_folder.h"

namespace tamis::search {
namespace {

/// Each byte of a text is a token whose vector it decides.
class Bytes final : public sparse::DenseEncoder::Worker {
 public:
  static constexpr std::uint32_t kDimension = 37;
  std::uint32_t dimension() const noexcept override { return kDimension; }
  Status encode(std::span<const std::string_view> texts, sparse::DenseEncoder::Side side,
                std::span<float> out) override {
    if (fail) return Error{Code::kIo, "no"};
    std::fill(out.begin(), out.end(), 0.0F);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      num_encoded += side == sparse::DenseEncoder::Side::kPassage ? 1 : 0;
      for (const char c : texts[i]) {
        for (std::uint32_t d = 0; d < kDimension; ++d) out[i * kDimension + d] += at(c, d);
      }
    }
    return ok();
  }
  Status encode_tokens(std::span<const std::string_view> texts, sparse::DenseEncoder::Side,
                       std::span<sparse::TokenVectors> out) override {
    if (fail) return Error{Code::kIo, "no"};
    for (std::size_t i = 0; i < texts.size(); ++i) {
      out[i] = {};
      out[i].count = texts[i].size();
      for (const char c : texts[i]) {
        for (std::uint32_t d = 0; d < kDimension; ++d) out[i].values.push_back(at(c, d));
      }
    }
    return ok();
  }
  /// Whole numbers, so that sums are exact.
  static float at(char c, std::uint32_t d) { return static_cast<float>((c * 7 + static_cast<int>(d * d) * c) % 9 - 4); }
  std::size_t num_encoded = 0;
  bool fail = false;
};

float product(char a, char b) {
  float sum = 0;
  for (std::uint32_t d = 0; d < Bytes::kDimension; ++d) sum += Bytes::at(a, d) * Bytes::at(b, d);
  return sum;
}

std::vector<std::string> random_texts(std::mt19937& rng) {
  std::vector<std::string> texts(1 + rng() % 70);
  for (auto& text : texts) {
    for (auto left = rng() % 7; left > 0; --left) text += static_cast<char>('a' + rng() % 20);
  }
  return texts;
}

std::vector<Reranker::Candidate> candidates_of(const std::vector<std::string>& texts) {
  std::vector<Reranker::Candidate> out;
  for (std::size_t i = 0; i < texts.size(); ++i) out.push_back({static_cast<PassageId>(i), texts[i], 1});
  return out;
}

TEST(ModelRerankers, maxsim_is_the_mean_over_the_question_of_the_best_product) {
  Bytes worker;
  const auto reranker = make_maxsim_reranker(worker);
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    const auto texts = random_texts(rng);
    const std::string question = seed % 20 == 0 ? "" : random_texts(rng)[0];
    std::vector<float> scores(texts.size());
    ASSERT_TRUE(reranker->score(question, candidates_of(texts), scores));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      double sum = 0;
      for (const char q : question) {
        float best = -1e30F;
        for (const char p : texts[i]) best = std::max(best, product(q, p));
        sum += static_cast<double>(best);
      }
      const bool none = question.empty() || texts[i].empty();
      const auto wanted = none ? 0 : static_cast<float>(sum / static_cast<double>(question.size()));
      ASSERT_EQ(scores[i], wanted) << "seed=" << seed << " text " << i;
    }
  }
}

TEST(ModelRerankers, dense_is_the_product_of_two_vectors_and_encodes_a_text_once) {
  Bytes worker;
  const auto reranker = make_dense_reranker(worker);
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    const auto texts = random_texts(rng);
    const std::string question = random_texts(rng)[0];
    std::vector<float> scores(texts.size());
    ASSERT_TRUE(reranker->score(question, candidates_of(texts), scores));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      float wanted = 0;
      for (const char q : question) {
        for (const char p : texts[i]) wanted += product(q, p);
      }
      ASSERT_EQ(scores[i], wanted) << "seed=" << seed << " text " << i;
    }
    const auto encoded = worker.num_encoded;
    ASSERT_TRUE(reranker->score("another", candidates_of(texts), scores));
    ASSERT_EQ(worker.num_encoded, encoded);
  }
}

TEST(ModelRerankers, stored_vectors_are_used_and_what_is_not_stored_is_encoded) {
  const testing::ScratchFolder folder;
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 rng(seed);
    const auto texts = random_texts(rng);
    Bytes worker;
    DenseStoreWriter writer(Bytes::kDimension);
    std::set<std::string> stored;
    std::vector<float> vector(Bytes::kDimension);
    for (const auto& text : texts) {
      if (rng() % 2 == 0) continue;
      const std::string_view view = text;
      ASSERT_TRUE(worker.encode(std::span(&view, 1), sparse::DenseEncoder::Side::kQuestion, vector));
      writer.add(DenseStore::key_of(text), vector);
      stored.insert(text);
    }
    ASSERT_TRUE(writer.finish(folder.path() / "a.dense", "m"));
    const auto store = DenseStore::open(folder.path() / "a.dense", "m").value();
    std::vector<float> exact(texts.size()), found(texts.size());
    ASSERT_TRUE(make_dense_reranker(worker)->score("abc", candidates_of(texts), exact));
    worker.num_encoded = 0;
    ASSERT_TRUE(make_dense_reranker(worker, &store)->score("abc", candidates_of(texts), found));
    std::size_t missing = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      missing += stored.contains(texts[i]) ? 0 : 1;
      // A half step of each value, times the question's: at most 3 tokens of 4.
      const float step = static_cast<float>(texts[i].size()) * 4 / 127;
      const float rounding = stored.contains(texts[i]) ? step / 2 * 12 * Bytes::kDimension : 0;
      ASSERT_NEAR(found[i], exact[i], rounding) << "seed=" << seed;
    }
    ASSERT_EQ(worker.num_encoded, missing) << "seed=" << seed;
  }
}

TEST(ModelRerankers, what_the_encoder_says_is_said) {
  Bytes worker;
  worker.fail = true;
  const std::vector<std::string> texts = {"a"};
  std::vector<float> scores(1);
  EXPECT_EQ(make_dense_reranker(worker)->score("q", candidates_of(texts), scores).error().code, Code::kIo);
  EXPECT_EQ(make_maxsim_reranker(worker)->score("q", candidates_of(texts), scores).error().code, Code::kIo);
  worker.fail = false;
  EXPECT_TRUE(make_dense_reranker(worker)->score("q", {}, {}));
}

}  // namespace
}  // namespace tamis::search
