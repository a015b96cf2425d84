#include "windows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace tamis::encode {
namespace {

TEST(Windows, are_few_even_and_without_gaps) {
  for (std::size_t room = 1; room <= 40; ++room) {
    for (std::size_t tokens = 0; tokens <= 300; ++tokens) {
      const std::size_t count = num_windows(tokens, room);
      ASSERT_GE(count * room, tokens);
      ASSERT_TRUE(count == 0 || (count - 1) * room < tokens) << "fewer would do";
      std::size_t next = 0, least = tokens, most = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const Window window = nth_window(tokens, count, i);
        ASSERT_EQ(window.begin, next);
        next = window.end;
        least = std::min(least, window.size());
        most = std::max(most, window.size());
      }
      ASSERT_EQ(next, tokens);
      ASSERT_LE(most, room);
      ASSERT_TRUE(count == 0 || most - least <= 1) << "tokens=" << tokens << " room=" << room;
    }
  }
}

tensor::PassageTerms random_terms(std::mt19937& rng) {
  std::map<std::uint32_t, float> terms;
  for (std::size_t i = rng() % 12; i > 0; --i) terms[rng() % 16] = static_cast<float>(1 + rng() % 4);
  tensor::PassageTerms out;
  for (const auto& [term, weight] : terms) {
    out.terms.push_back(term);
    out.weights.push_back(weight);
  }
  return out;
}

TEST(Windows, their_vectors_merge_to_the_maximum_of_each_term) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    std::map<TermId, float> expected;
    sparse::SparseVector merged;
    for (std::size_t windows = rng() % 5; windows > 0; --windows) {
      const auto more = random_terms(rng);
      merge_max(merged, more);
      for (std::size_t i = 0; i < more.terms.size(); ++i) {
        float& best = expected[more.terms[i]];
        best = std::max(best, more.weights[i]);
      }
    }
    std::map<TermId, float> seen;
    for (std::size_t i = 0; i < merged.size(); ++i) seen[merged.terms[i]] = merged.weights[i];
    EXPECT_EQ(seen, expected) << "seed=" << seed;
    EXPECT_TRUE(std::is_sorted(merged.terms.begin(), merged.terms.end())) << "seed=" << seed;
    EXPECT_EQ(merged.size(), expected.size()) << "seed=" << seed;
  }
}

TEST(Windows, the_heaviest_terms_are_kept_and_of_equals_the_lower) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    const auto terms = random_terms(rng);
    sparse::SparseVector vector{terms.terms, terms.weights};
    std::vector<std::pair<float, TermId>> order;
    for (std::size_t i = 0; i < vector.size(); ++i) order.emplace_back(-vector.weights[i], vector.terms[i]);
    std::sort(order.begin(), order.end());
    const std::size_t n = rng() % 10;
    if (n > 0 && order.size() > n) order.resize(n);
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    keep_top(vector, n);
    ASSERT_EQ(vector.size(), order.size()) << "seed=" << seed;
    ASSERT_EQ(vector.weights.size(), order.size()) << "seed=" << seed;
    for (std::size_t i = 0; i < order.size(); ++i) {
      EXPECT_EQ(vector.terms[i], order[i].second) << "seed=" << seed;
      EXPECT_EQ(vector.weights[i], -order[i].first) << "seed=" << seed;
    }
  }
}

}  // namespace
}  // namespace tamis::encode
