#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tamis/base/progress.h>
#include <tamis/sieve/block_index.h>

#include <algorithm>
#include <random>
#include <vector>

#include "sieve_worlds.h"

namespace tamis::sieve {
namespace {

using index::Candidate;

TEST(BlockIndex, an_exact_search_finds_what_the_definition_finds_in_thousands_of_small_worlds) {
  std::uint64_t bounded = 0;
  for (std::uint32_t seed = 0; seed < 6000; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_world(rng);
    const auto index = make_index(world, 1, shape_of(seed));
    SearchScratch scratch;
    for (int q = 0; q < 3; ++q) {
      const auto query = random_query(rng, world, index.scale());
      const std::size_t k = 1 + rng() % 20;
      SearchWork work;
      const auto found = index.search(query, k, {}, scratch, &work);
      ASSERT_EQ(found, index.exhaustive(query, k)) << fmt::format("seed {} query {} k {}", seed, q, k);
      bounded += work.exhaustive ? 0 : 1;
    }
  }
  EXPECT_GT(bounded, 4000U) << "most searches fell back to reading everything";
}

TEST(BlockIndex, an_exact_search_finds_what_the_definition_finds_where_bounds_leave_most_blocks_unread) {
  std::uint64_t read = 0;
  std::uint64_t all = 0;
  for (std::uint32_t seed = 0; seed < 4; ++seed) {
    std::mt19937 rng(seed);
    const auto world = large_world(rng);
    const auto index = make_index(world, 2, shape_of(seed));
    SearchScratch scratch;
    for (int q = 0; q < 150; ++q) {
      const auto query = random_query(rng, world, index.scale());
      const std::size_t k = 1 + rng() % 15;
      SearchWork work;
      ASSERT_EQ(index.search(query, k, {}, scratch, &work), index.exhaustive(query, k))
          << fmt::format("seed {} query {} k {}", seed, q, k);
      if (work.exhaustive) continue;
      read += work.blocks_scored;
      all += work.blocks;
    }
  }
  EXPECT_LT(read, all * 3 / 4);
}

TEST(BlockIndex, many_weights_too_small_for_an_estimate_are_not_lost) {
  // Term 0 takes nearly all of the query, but may not be found. Of the others passage 1 has one that its estimate
  // shows, passage 2 thirty that it does not, which are more together.
  BlockIndexBuilder builder(kScale);
  sparse::SparseVector all, one{{1}, {4.0F}}, many;
  for (TermId term = 0; term <= 30; ++term) {
    all.terms.push_back(term);
    all.weights.push_back(4.0F);
    if (term == 0) continue;
    many.terms.push_back(term);
    many.weights.push_back(0.62F);
  }
  ASSERT_TRUE(builder.add(0, all));
  ASSERT_TRUE(builder.add(1, one));
  ASSERT_TRUE(builder.add(2, many));
  ThreadPool pool(1);
  NoProgress progress;
  const auto index = std::move(builder.finish(pool, progress)).value();
  auto query = all;
  for (std::size_t i = 0; i < query.weights.size(); ++i) query.weights[i] = i == 0 ? 1.0F : 1e-4F;
  index::Bitmap allowed(3, true);
  allowed.reset(0);
  SearchScratch scratch;
  const auto found = index.search(index::prepare_query(query, kScale).value(), 1, {}, scratch, nullptr, {&allowed, 0});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, 2U);
}

TEST(BlockIndex, the_definition_adds_up_the_stored_weights_of_the_vectors) {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_world(rng);
    const auto index = make_index(world, 1, shape_of(seed));
    const auto query = random_query(rng, world, index.scale());
    const auto found = index.exhaustive(query, world.rows.size());
    std::size_t matching = 0;
    for (const auto& row : world.rows) matching += naive_score(row, query, index.scale()) > 0 ? 1 : 0;
    ASSERT_EQ(found.size(), matching) << "seed " << seed;
    for (const auto& one : found) {
      const auto row =
          std::find_if(world.rows.begin(), world.rows.end(), [&](const auto& r) { return r.id == one.id; });
      ASSERT_NE(row, world.rows.end());
      ASSERT_EQ(one.units, naive_score(*row, query, index.scale())) << fmt::format("seed {} passage {}", seed, one.id);
    }
  }
}

TEST(BlockIndex, tiny_weights_in_lists_of_large_ones_decide) {
  std::uint64_t bounded = 0;
  for (std::uint32_t seed = 0; seed < 1500; ++seed) {
    std::mt19937 rng(seed);
    const auto world = uneven_world(rng);
    const auto index = make_index(world, 1, shape_of(seed));
    SearchScratch scratch;
    for (int q = 0; q < 3; ++q) {
      const auto query = random_query(rng, world, index.scale());
      const std::size_t k = 1 + rng() % 30;
      SearchWork work;
      const auto found = index.search(query, k, {}, scratch, &work);
      ASSERT_EQ(found, index.exhaustive(query, k)) << fmt::format("seed {} query {} k {}", seed, q, k);
      for (const auto& one : found) {
        const auto row =
            std::find_if(world.rows.begin(), world.rows.end(), [&](const auto& r) { return r.id == one.id; });
        ASSERT_EQ(one.units, naive_score(*row, query, index.scale()))
            << fmt::format("seed {} passage {}", seed, one.id);
      }
      bounded += work.exhaustive ? 0 : 1;
    }
  }
  EXPECT_GT(bounded, 1000U) << "most searches fell back to reading everything";
}

TEST(BlockIndex, stored_levels_are_taken_as_they_are) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 rng(seed);
    BlockIndexBuilder builder(kScale);
    std::vector<std::uint16_t> of_term_5;
    for (PassageId id = 0; id < 90; ++id) {
      const auto level = static_cast<std::uint16_t>(1 + rng() % (rng() % 2 == 0 ? 300 : kScale.levels()));
      const TermId terms[] = {5, 9};
      const std::uint16_t levels[] = {level, static_cast<std::uint16_t>(kScale.levels())};
      ASSERT_TRUE(builder.add_levels(id, terms, levels));
      of_term_5.push_back(level);
    }
    ThreadPool pool(1);
    NoProgress progress;
    const auto index = std::move(builder.finish(pool, progress)).value();
    index::PreparedQuery query;
    query.terms.push_back({5, 3});
    for (const auto& [id, units] : index.exhaustive(query, 90)) ASSERT_EQ(units, 3U * of_term_5[id]) << "seed " << seed;
  }
}

TEST(BlockIndex, less_effort_gives_passages_with_their_exact_scores) {
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_world(rng);
    const auto index = make_index(world, 1, shape_of(seed));
    SearchScratch scratch;
    const auto query = random_query(rng, world, index.scale());
    const std::size_t k = 1 + rng() % 10;
    Effort effort;
    effort.bound_share = 0.3F + 0.1F * static_cast<float>(rng() % 7);
    effort.query_share = 0.3F + 0.1F * static_cast<float>(rng() % 8);
    effort.rerank = static_cast<std::uint32_t>(rng() % 30);
    effort.block_share = 0.1F * static_cast<float>(1 + rng() % 10);
    const auto found = index.search(query, k, effort, scratch);
    const auto all = index.exhaustive(query, world.rows.size());
    ASSERT_EQ(found.size(), std::min(k, all.size())) << "seed " << seed;
    ASSERT_TRUE(std::is_sorted(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
      return a.units != b.units ? a.units > b.units : a.id < b.id;
    }));
    for (const auto& one : found) {
      ASSERT_NE(std::find(all.begin(), all.end(), one), all.end()) << fmt::format("seed {} passage {}", seed, one.id);
    }
  }
}

TEST(BlockIndex, a_share_of_the_blocks_bounds_what_is_read) {
  std::mt19937 rng(9);
  World world;
  for (PassageId id = 0; id < 64 * 300; ++id) {
    auto& row = world.rows.emplace_back();
    row.id = id;
    for (TermId term = 0; term < 12; ++term) row.weights[term] = 0.1F + static_cast<float>(rng() % 3900) / 1000.0F;
  }
  world.num_terms = 12;
  const auto index = make_index(world);
  SearchScratch scratch;
  std::uint64_t all = 0;
  for (int q = 0; q < 20; ++q) {
    const auto query = random_query(rng, world, index.scale());
    SearchWork exact, less;
    static_cast<void>(index.search(query, 10, {}, scratch, &exact));
    Effort effort;
    effort.rerank = 40;
    effort.block_share = 0.1F;
    static_cast<void>(index.search(query, 10, effort, scratch, &less));
    all += exact.blocks_scored;
    const auto most = static_cast<std::uint64_t>(0.1 * 300 * 24 / static_cast<double>(query.terms.size()) * 1.25);
    EXPECT_LE(less.blocks_scored,
              24 + most + most / 10);  // the seeds, the quarter that a search for bounds may leave, equal bounds
  }
  EXPECT_GT(all, 20U * 100) << "the bounds alone were enough";
}

TEST(BlockIndex, a_search_among_some_passages_finds_the_best_of_these) {
  for (std::uint32_t seed = 0; seed < 1500; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_world(rng);
    const auto index = make_index(world, 1, shape_of(seed));
    SearchScratch scratch;
    const auto query = random_query(rng, world, index.scale());
    const std::size_t k = 1 + rng() % 12;
    const auto share = 1 + rng() % (rng() % 2 == 0 ? 12 : 200);
    const bool runs = rng() % 2 == 0;  // of neighbours, or anywhere
    const auto salt = rng();
    const auto wanted = [&](PassageId id) {
      return (runs ? (id / 40 + salt) * 7 : (id ^ salt) * 2654435761U) % share == 0;
    };
    // Larger than the largest id, or not: what it does not say is not wanted.
    const PassageId largest = world.rows.empty() ? 0 : std::min<PassageId>(world.rows.back().id, 1U << 20);
    index::Bitmap allowed(static_cast<std::uint32_t>(largest + 1 - std::min<PassageId>(largest, rng() % 3)));
    for (std::uint32_t id = 0; id < allowed.size(); ++id) {
      if (wanted(id)) allowed.set(id);
    }
    const auto is_found = [&](PassageId id) { return id < allowed.size() && wanted(id); };
    const auto found = index.search(query, k, {}, scratch, nullptr, {&allowed, 0});
    ASSERT_EQ(found, index.exhaustive(query, k, {&allowed, 0})) << "seed " << seed;
    for (const auto& one : found) ASSERT_TRUE(is_found(one.id)) << "seed " << seed;
    std::size_t matching = 0;
    for (const auto& one : index.exhaustive(query, world.rows.size())) matching += is_found(one.id) ? 1 : 0;
    ASSERT_EQ(found.size(), std::min(k, matching)) << "seed " << seed;
  }
}

TEST(BlockIndex, what_is_known_from_elsewhere_saves_reading_and_loses_nothing) {
  std::uint64_t saved = 0, used = 0;
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_world(rng);
    const auto index = make_index(world);
    SearchScratch scratch;
    const auto query = random_query(rng, world, index.scale());
    const std::size_t k = 1 + rng() % 12;
    const auto all = index.exhaustive(query, world.rows.size());
    if (all.empty()) continue;
    // The score of one of them, just above one, or more than any has.
    Wanted wanted;
    wanted.least = all[rng() % std::min<std::size_t>(all.size(), 2 * k)].units + static_cast<index::Units>(rng() % 2);
    if (rng() % 20 == 0) wanted.least = all.front().units + 1;
    auto best = all;
    best.erase(std::remove_if(best.begin(), best.end(), [&](const auto& one) { return one.units < wanted.least; }),
               best.end());
    best.resize(std::min(best.size(), k));
    SearchWork with, without;
    ASSERT_EQ(index.search(query, k, {}, scratch, &with, wanted), best) << "seed " << seed;
    ASSERT_EQ(index.exhaustive(query, k, wanted), best) << "seed " << seed;
    static_cast<void>(index.search(query, k, {}, scratch, &without));
    ++used;
    saved += with.blocks_scored < without.blocks_scored || without.exhaustive > with.exhaustive ? 1 : 0;
  }
  EXPECT_GT(saved, used / 20);
}

TEST(BlockIndex, is_the_same_whatever_the_number_of_threads) {
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_world(rng);
    const auto one = make_index(world, 1, shape_of(seed));
    const auto four = make_index(world, 4, shape_of(seed));
    SearchScratch scratch;
    for (int q = 0; q < 5; ++q) {
      const auto query = random_query(rng, world, one.scale());
      SearchWork first, second;
      ASSERT_EQ(one.search(query, 5, {}, scratch, &first), four.search(query, 5, {}, scratch, &second));
      ASSERT_EQ(first.runs, second.runs) << "seed " << seed;
    }
  }
}

TEST(BlockIndex, a_query_without_known_terms_or_an_empty_index_finds_nothing) {
  SearchScratch scratch;
  const auto scale = sparse::WeightScale{4.0F, 16};
  index::PreparedQuery query;
  query.terms.push_back({7, 100});
  BlockIndexBuilder builder(scale);
  ThreadPool pool(1);
  NoProgress progress;
  const auto empty = std::move(builder.finish(pool, progress)).value();
  EXPECT_TRUE(empty.search(query, 10, {}, scratch).empty());
  ASSERT_TRUE(builder.add(3, sparse::SparseVector{}));
  ASSERT_TRUE(builder.add(4, sparse::SparseVector{{8}, {1.0F}}));
  const auto small = std::move(builder.finish(pool, progress)).value();
  EXPECT_TRUE(small.search(query, 10, {}, scratch).empty());
  query.terms[0].term = 8;
  const auto found = small.search(query, 10, {}, scratch);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, 4U);
  EXPECT_TRUE(small.search(query, 0, {}, scratch).empty());
}

TEST(BlockIndex, refuses_vectors_that_are_none) {
  BlockIndexBuilder builder({4.0F, 16});
  EXPECT_TRUE(builder.add(3, sparse::SparseVector{{1}, {1.0F}}));
  EXPECT_EQ(builder.add(3, sparse::SparseVector{{1}, {1.0F}}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(builder.add(4, sparse::SparseVector{{1, 1}, {1.0F, 1.0F}}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(builder.add(4, sparse::SparseVector{{2, 1}, {1.0F, 1.0F}}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(builder.add(4, sparse::SparseVector{{1}, {-1.0F}}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(builder.add(4, sparse::SparseVector{{1}, {0.0F}}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(builder.add(4, sparse::SparseVector{{1}, {std::numeric_limits<float>::quiet_NaN()}}).error().code,
            Code::kInvalidArgument);
  EXPECT_EQ(builder.add(4, sparse::SparseVector{{1}, {std::numeric_limits<float>::infinity()}}).error().code,
            Code::kInvalidArgument);
  const TermId terms[] = {1, 2};
  const std::uint16_t levels[] = {1, 65280}, zero[] = {1, 0}, above[] = {1, 65281};
  EXPECT_EQ(builder.add_levels(4, terms, zero).error().code, Code::kInvalidArgument);
  EXPECT_EQ(builder.add_levels(4, terms, above).error().code, Code::kInvalidArgument);
  EXPECT_EQ(builder.add_levels(4, terms, std::span(levels).first(1)).error().code, Code::kInvalidArgument);
  EXPECT_TRUE(builder.add_levels(4, terms, levels));
}

}  // namespace
}  // namespace tamis::sieve
