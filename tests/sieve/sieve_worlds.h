#pragma once

#include <gtest/gtest.h>
#include <tamis/base/progress.h>
#include <tamis/sieve/block_index.h>

#include <algorithm>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace tamis::sieve {

struct Row {
  PassageId id = 0;
  std::map<TermId, float> weights;
};
/// A small collection; weights of few values, so that scores are full of ties, or of many.
struct World {
  std::vector<Row> rows;
  std::uint32_t num_terms = 0;
  std::uint32_t spread = 1;
};
inline constexpr sparse::WeightScale kScale{4.0F, 16};

/// Some of one block, most of a few; topics, so that an order has something to find.
inline World random_world(std::mt19937& rng) {
  World world;
  const auto kind = rng() % 10;
  const std::size_t n = kind == 0 ? rng() % 5 : kind < 7 ? 20 + rng() % 400 : 64 * (1 + rng() % 12);
  world.num_terms = static_cast<std::uint32_t>(1 + rng() % 40);
  world.spread = rng() % 4 == 0 ? 90'000'000U : 1U;  // terms near each other or anywhere
  const bool tied = rng() % 2 == 0;
  const auto topics = static_cast<std::uint32_t>(1 + rng() % 6);
  PassageId id = rng() % 3;
  for (std::size_t i = 0; i < n; ++i) {
    auto& row = world.rows.emplace_back();
    row.id = id += 1 + rng() % 3;
    const auto topic = rng() % topics;
    for (std::uint32_t t = 0; t < world.num_terms; ++t) {
      if (rng() % (t % topics == topic ? 2 : 3 + t) != 0) continue;
      row.weights[t * world.spread] =
          tied ? 0.5F * static_cast<float>(1 + rng() % 4) : 0.001F + 4.5F * static_cast<float>(rng() % 100000) / 1e5F;
    }
  }
  return world;
}

inline BlockIndex make_index(const World& world, std::size_t threads = 1) {
  BlockIndexBuilder builder(kScale);
  for (const auto& row : world.rows) {
    sparse::SparseVector vector;
    for (const auto& [term, weight] : row.weights) {
      vector.terms.push_back(term);
      vector.weights.push_back(weight);
    }
    EXPECT_TRUE(builder.add(row.id, vector));
  }
  ThreadPool pool(threads);
  NoProgress progress;
  return std::move(builder.finish(pool, progress)).value();
}

inline index::PreparedQuery random_query(std::mt19937& rng, const World& world, const sparse::WeightScale& scale) {
  std::map<TermId, float> weights;
  const auto count = 1 + rng() % 12;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto term = static_cast<TermId>(rng() % (world.num_terms + 2));
    weights[term * world.spread] = rng() % 2 == 0 ? 1.0F : 0.01F + static_cast<float>(rng() % 1000) / 300.0F;
  }
  sparse::SparseVector query;
  for (const auto& [term, weight] : weights) {
    query.terms.push_back(term);
    query.weights.push_back(weight);
  }
  return index::prepare_query(query, scale).value();
}

/// From the vectors alone, with weights rounded to the scale.
inline double naive_score(const Row& row, const index::PreparedQuery& query, const sparse::WeightScale& scale) {
  double sum = 0;
  for (const auto& [term, weight] : query.terms) {
    const auto found = row.weights.find(term);
    if (found == row.weights.end()) continue;
    std::uint16_t level = 0;
    sparse::quantize(scale, std::span(&found->second, 1), std::span(&level, 1));
    sum += static_cast<double>(weight) * level;
  }
  return sum;
}
/// What small weights in lists of large ones may be off by: see split_level().
inline double largest_rounding(const Row& row, const index::PreparedQuery& query) {
  double sum = 0;
  for (const auto& [term, weight] : query.terms) {
    const auto found = row.weights.find(term);
    if (found == row.weights.end()) continue;
    sum += static_cast<double>(weight) * (found->second < 0.02F ? 130 : 2);
  }
  return sum;
}

}  // namespace tamis::sieve
