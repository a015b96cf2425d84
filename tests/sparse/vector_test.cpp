#include <gtest/gtest.h>
#include <tamis/sparse/vector.h>

#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "random_vectors.h"

namespace tamis::sparse {
namespace {

TEST(Vector, make_vector_sorts_and_drops_zeros_and_nothing_else) {
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 rng(seed);
    const auto wanted = random_vector(rng, 40, 12);
    std::map<TermId, float> pairs;
    for (std::size_t i = 0; i < wanted.size(); ++i) pairs[wanted.terms[i]] = wanted.weights[i];
    for (TermId zero = 100; zero < 100 + rng() % 3; ++zero) pairs[zero] = 0.0F;
    std::vector<std::pair<TermId, float>> mixed(pairs.begin(), pairs.end());
    std::shuffle(mixed.begin(), mixed.end(), rng);
    std::vector<TermId> terms;
    std::vector<float> weights;
    for (const auto& [term, weight] : mixed) {
      terms.push_back(term);
      weights.push_back(weight);
    }
    const auto made = make_vector(terms, weights).value();
    EXPECT_EQ(made.terms, wanted.terms) << "seed=" << seed;
    EXPECT_EQ(made.weights, wanted.weights) << "seed=" << seed;
  }
}

TEST(Vector, make_vector_refuses_what_is_no_weight_and_says_which_term) {
  const std::vector<TermId> terms = {7, 3};
  for (const float bad : {-1.0F, std::nanf(""), std::numeric_limits<float>::infinity()}) {
    const auto made = make_vector(terms, std::vector<float>{1.0F, bad});
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, Code::kInvalidArgument);
    EXPECT_NE(made.error().message.find("term 3"), std::string::npos) << made.error().message;
  }
  const auto twice = make_vector(std::vector<TermId>{5, 1, 5}, std::vector<float>{1, 2, 0});
  ASSERT_FALSE(twice.has_value());
  EXPECT_NE(twice.error().message.find("term 5"), std::string::npos);
  EXPECT_FALSE(make_vector(terms, std::vector<float>{1.0F}).has_value());
}

TEST(Vector, dot_is_the_sum_over_common_terms) {
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 rng(seed);
    const auto a = random_vector(rng, 30, 20);
    const auto b = random_vector(rng, 30, 20);
    double expected = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < b.size(); ++j) {
        if (a.terms[i] == b.terms[j]) expected += static_cast<double>(a.weights[i]) * static_cast<double>(b.weights[j]);
      }
    }
    EXPECT_EQ(static_cast<double>(dot(a, b)), expected) << "seed=" << seed;
    EXPECT_EQ(dot(a, b), dot(b, a)) << "seed=" << seed;
  }
  EXPECT_EQ(dot({}, {}), 0.0F);
}

}  // namespace
}  // namespace tamis::sparse
