#include "feedback.h"

#include <gtest/gtest.h>
#include <tamis/sparse/bm25.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <vector>

namespace tamis::search {
namespace {

using Weights = std::map<TermId, double>;

struct Case {
  sparse::SparseVector query;
  std::vector<FeedbackPassage> passages;
  std::map<TermId, std::uint64_t> frequencies;
  bool words = false;
  FeedbackInput input() const {
    return {query, passages, {}, words, 100, [this](TermId term) { return frequencies.at(term); }};
  }
  double idf(TermId term) const { return static_cast<double>(sparse::bm25_idf(100, frequencies.at(term))); }
};

sparse::SparseVector random_vector(std::mt19937& rng, std::uint32_t most) {
  sparse::SparseVector out;
  for (TermId term = 0; term < 30; ++term) {
    if (rng() % 3 != 0) continue;
    out.terms.push_back(term);
    out.weights.push_back(static_cast<float>(1 + rng() % most));
  }
  return out;
}

Case random_case(std::mt19937& rng) {
  Case out;
  out.query = random_vector(rng, 4);
  for (auto count = 1 + rng() % 5; count > 0; --count) {
    out.passages.push_back({random_vector(rng, 5), static_cast<double>(rng() % 4)});
  }
  for (TermId term = 0; term < 30; ++term) out.frequencies[term] = 1 + rng() % 40;
  out.words = rng() % 2 == 0;
  return out;
}

double length(const sparse::SparseVector& vector, const Case* idf_of = nullptr) {
  double sum = 0;
  for (std::size_t i = 0; i < vector.size(); ++i) {
    const double factor = idf_of == nullptr ? 1 : idf_of->idf(vector.terms[i]);
    sum += std::pow(static_cast<double>(vector.weights[i]) * factor, 2);
  }
  return std::sqrt(sum);
}

void expect_same(const sparse::SparseVector& found, const Weights& wanted, std::uint32_t seed) {
  Weights left = wanted;
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_NEAR(static_cast<double>(found.weights[i]), left[found.terms[i]], 1e-5) << "seed=" << seed;
    left.erase(found.terms[i]);
  }
  for (const auto& [term, weight] : left) ASSERT_LT(weight, 1e-6) << "seed=" << seed << " term " << term;
}

TEST(Feedback, rocchio_is_the_weighted_sum_of_vectors_of_length_one) {
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_case(rng);
    const auto against = random_case(rng).passages;
    auto input = world.input();
    input.against = against;
    const MethodPart part{"rocchio", {{"terms", 1000}, {"alpha", 0.6}, {"beta", 0.3}, {"gamma", 0.2}}};
    Weights wanted;
    const auto add = [&](const sparse::SparseVector& vector, double factor, bool weigh) {
      const double size = length(vector, weigh ? &world : nullptr);
      for (std::size_t i = 0; i < vector.size(); ++i) {
        const double idf = weigh ? world.idf(vector.terms[i]) : 1;
        wanted[vector.terms[i]] += factor * static_cast<double>(vector.weights[i]) * idf / size;
      }
    };
    for (const auto& one : world.passages) {
      add(one.vector, 0.3 / static_cast<double>(world.passages.size()), world.words);
    }
    for (const auto& one : against) add(one.vector, -0.2 / static_cast<double>(against.size()), world.words);
    add(world.query, 0.6, false);
    expect_same(rocchio_feedback().expand(input, part), wanted, seed);
  }
}

TEST(Feedback, rocchio_keeps_the_heaviest_new_terms_and_all_of_the_question) {
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_case(rng);
    const auto all = rocchio_feedback().expand(world.input(), {"rocchio", {{"terms", 1000}}});
    const double kept = static_cast<double>(rng() % 6);
    const auto few = rocchio_feedback().expand(world.input(), {"rocchio", {{"terms", kept}}});
    const auto is_asked = [&](TermId term) {
      return std::binary_search(world.query.terms.begin(), world.query.terms.end(), term);
    };
    std::vector<std::pair<float, TermId>> others;
    std::size_t asked = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      asked += is_asked(all.terms[i]) ? 1 : 0;
      if (!is_asked(all.terms[i])) others.emplace_back(-all.weights[i], all.terms[i]);
    }
    ASSERT_EQ(asked, world.query.size());
    const auto new_terms = std::min(static_cast<std::size_t>(kept), others.size());
    ASSERT_EQ(few.size(), asked + new_terms) << "seed=" << seed;
    std::sort(others.begin(), others.end());
    float least = 0;
    for (std::size_t i = 0; i < new_terms; ++i) least = -others[i].first;
    for (std::size_t i = 0; i < few.size(); ++i) {
      ASSERT_TRUE(is_asked(few.terms[i]) || few.weights[i] >= least) << "seed=" << seed;
    }
  }
}

TEST(Feedback, rm3_mixes_the_question_with_what_the_passages_say_of_terms) {
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_case(rng);
    const MethodPart part{"rm3", {{"terms", 1000}, {"alpha", 0.7}, {"beta", 0.3}, {"common", 0.2}}};
    double scores = 0, query_sum = 0, model_sum = 0;
    for (const auto& one : world.passages) scores += one.score;
    Weights model, wanted;
    for (const auto& one : world.passages) {
      double sum = 0;
      for (const float weight : one.vector.weights) sum += static_cast<double>(weight);
      const double likelihood = scores > 0 ? one.score / scores : 1 / static_cast<double>(world.passages.size());
      for (std::size_t i = 0; i < one.vector.size(); ++i) {
        if (world.frequencies.at(one.vector.terms[i]) > 20) continue;
        model[one.vector.terms[i]] += likelihood * static_cast<double>(one.vector.weights[i]) / sum;
      }
    }
    for (auto& [term, weight] : model) model_sum += weight *= world.idf(term);
    for (const float weight : world.query.weights) query_sum += static_cast<double>(weight);
    for (const auto& [term, weight] : model) wanted[term] += model_sum > 0 ? 0.3 * weight / model_sum : 0;
    for (std::size_t i = 0; i < world.query.size(); ++i) {
      wanted[world.query.terms[i]] += 0.7 * static_cast<double>(world.query.weights[i]) / query_sum;
    }
    expect_same(rm3_feedback().expand(world.input(), part), wanted, seed);
  }
}

TEST(Feedback, bo1_prefers_terms_that_are_rarer_elsewhere) {
  Case world;
  world.words = true;
  world.passages = {{{{1, 2, 3}, {1, 1, 1}}, 1}};
  world.query = {{9}, {1}};
  world.frequencies = {{1, 50}, {2, 5}, {3, 1}, {9, 3}};
  const auto expanded = bo1_feedback().expand(world.input(), {"bo1", {{"terms", 3}}});
  ASSERT_EQ(expanded.terms, (std::vector<TermId>{1, 2, 3, 9}));
  EXPECT_LT(expanded.weights[0], expanded.weights[1]);
  EXPECT_LT(expanded.weights[1], expanded.weights[2]);
  EXPECT_FLOAT_EQ(expanded.weights[2], 0.2F);  // the largest of the model is 1, times beta
  EXPECT_FLOAT_EQ(expanded.weights[3], 0.8F);
  // f log2((1 + p) / p) + log2(1 + p), times idf, for p = .05 and p = .01.
  const auto weight = [&](TermId term, double p) {
    return (std::log2((1 + p) / p) + std::log2(1 + p)) * world.idf(term);
  };
  EXPECT_NEAR(static_cast<double>(expanded.weights[1]), 0.2 * weight(2, 0.05) / weight(3, 0.01), 1e-5);
}

TEST(Feedback, the_average_is_rocchio_with_equal_shares) {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    std::mt19937 rng(seed);
    auto world = random_case(rng);
    world.words = false;
    const auto k = static_cast<double>(world.passages.size());
    Weights wanted;
    const auto add = [&](const sparse::SparseVector& vector) {
      for (std::size_t i = 0; i < vector.size(); ++i) {
        wanted[vector.terms[i]] += static_cast<double>(vector.weights[i]) / length(vector) / (k + 1);
      }
    };
    add(world.query);
    for (const auto& one : world.passages) add(one.vector);
    const MethodPart part{"rocchio", {{"terms", 1000}, {"alpha", 1 / (k + 1)}, {"beta", k / (k + 1)}}};
    expect_same(rocchio_feedback().expand(world.input(), part), wanted, seed);
  }
}

TEST(Feedback, odd_input_gives_a_query_or_none) {
  for (const auto* model : feedback_models()) {
    const MethodPart part{std::string(model->info.name)};
    Case nothing;
    nothing.frequencies = {{1, 0}, {2, 1000}};
    EXPECT_TRUE(model->expand(nothing.input(), part).terms.empty()) << model->info.name;
    nothing.passages = {{{}, 0}, {{{1, 2}, {1e-30F, 1e30F}}, -5}, {{{2}, {1e-38F}}, NAN}};
    for (const float weight : model->expand(nothing.input(), part).weights) {
      EXPECT_TRUE(std::isfinite(weight) && weight > 0) << model->info.name;
    }
  }
}

}  // namespace
}  // namespace tamis::search
