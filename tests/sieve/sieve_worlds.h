#pragma once

#include <gtest/gtest.h>
#include <tamis/base/progress.h>
#include <tamis/sieve/block_index.h>

#include <algorithm>
#include <cmath>
#include <iterator>
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
/// How an index may keep a world.
struct Shape {
  sparse::WeightScale scale = kScale;
  Preset preset = Preset::kFast;
};
inline constexpr Shape kShapes[] = {
    {}, {{4.0F, 8}, Preset::kSmall}, {{4.0F, 8}, Preset::kFast}, {kScale, Preset::kSmall}};
/// Tests of many worlds take turns.
inline const Shape& shape_of(std::uint32_t seed) { return kShapes[seed % std::size(kShapes)]; }

/// Some of one block, most of a few; topics, so that an order has something to find.
inline World random_world(std::mt19937& rng) {
  World world;
  const auto kind = rng() % 10;
  const std::size_t n = kind == 0 ? rng() % 5 : kind < 7 ? 20 + rng() % 400 : 64 * (1 + rng() % 12);
  world.num_terms = static_cast<std::uint32_t>(1 + rng() % 40);
  world.spread = rng() % 4 == 0 ? 90'000'000U : 1U;  // terms near each other or anywhere
  const bool tied = rng() % 2 == 0;
  const auto topics = static_cast<std::uint32_t>(1 + rng() % 6);
  const bool far = rng() % 8 == 0;  // ids that do not fit 32 bits
  PassageId id = rng() % 3;
  for (std::size_t i = 0; i < n; ++i) {
    auto& row = world.rows.emplace_back();
    row.id = id += (1 + rng() % 3) * (far ? 5'000'000'000U : 1U);
    const auto topic = rng() % topics;
    for (std::uint32_t t = 0; t < world.num_terms; ++t) {
      if (rng() % (t % topics == topic ? 2 : 3 + t) != 0) continue;
      row.weights[t * world.spread] =
          tied ? 0.5F * static_cast<float>(1 + rng() % 4) : 0.001F + 4.5F * static_cast<float>(rng() % 100000) / 1e5F;
    }
  }
  return world;
}

/// Hundreds of blocks of passages of many topics, with terms of all frequencies: bounds tell most blocks apart.
inline World large_world(std::mt19937& rng) {
  World world;
  world.num_terms = 300;
  const std::size_t n = 12000 + rng() % 3000;
  for (PassageId id = 0; id < n; ++id) {
    auto& row = world.rows.emplace_back();
    row.id = id;
    const auto topic = static_cast<std::uint32_t>(rng() % 25);
    for (int i = 0; i < 12; ++i) {
      const auto term = static_cast<TermId>(rng() % 3 == 0 ? rng() % (1 + rng() % 300) : topic * 12 + rng() % 12);
      row.weights[term] = 0.05F + static_cast<float>(rng() % 64) / 64.0F * (term % 12 == topic % 12 ? 3.5F : 1.0F);
    }
  }
  return world;
}

/// Lists of one or two large weights and many that are 0 to a few steps, next to each other.
inline World uneven_world(std::mt19937& rng) {
  World world;
  world.num_terms = static_cast<std::uint32_t>(1 + rng() % 12);
  const std::size_t n = 20 + rng() % 300;
  const auto least = rng() % 3 == 0 ? 1e-5F : 2e-3F;
  for (PassageId id = 0; id < n; ++id) {
    auto& row = world.rows.emplace_back();
    row.id = id;
    for (TermId term = 0; term < world.num_terms; ++term) {
      if (rng() % 3 == 0) continue;
      const bool large = rng() % (rng() % 2 == 0 ? 10 : 100) == 0;
      row.weights[term] = large ? 4.0F - static_cast<float>(rng() % 3) : least * static_cast<float>(1 + rng() % 20);
    }
  }
  return world;
}

inline BlockIndex make_index(const World& world, std::size_t threads = 1, const Shape& shape = {}) {
  BlockIndexBuilder builder(shape.scale, shape.preset);
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
  const auto count = 1 + rng() % (rng() % 4 == 0 ? 40 : 12);
  const bool uneven = rng() % 4 == 0;  // some terms next to nothing
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto term = static_cast<TermId>(rng() % (world.num_terms + 2));
    weights[term * world.spread] = rng() % 2 == 0 ? 1.0F : 0.01F + static_cast<float>(rng() % 1000) / 300.0F;
    if (uneven) weights[term * world.spread] *= std::pow(10.0F, -static_cast<float>(rng() % 6));
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

}  // namespace tamis::sieve
