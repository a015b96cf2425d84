#include <gtest/gtest.h>
#include <tamis/base/thread_pool.h>

#include <random>
#include <vector>

#include "base/scratch_folder.h"
#include "sieve_worlds.h"

namespace tamis::sieve {
namespace {

TEST(BlockIndexThreads, many_threads_search_one_index_and_find_what_one_finds) {
  std::mt19937 rng(1);
  World world;
  while (world.rows.size() < 400) world = random_world(rng);
  const auto index = make_index(world, 4);
  std::vector<index::PreparedQuery> queries;
  std::vector<std::vector<index::Candidate>> wanted;
  SearchScratch scratch;
  for (int i = 0; i < 200; ++i) {
    queries.push_back(random_query(rng, world, index.scale()));
    wanted.push_back(index.search(queries.back(), 7, {}, scratch));
  }
  ThreadPool pool(4);
  std::vector<SearchScratch> scratches(pool.size());
  const auto status = pool.parallel_for(queries.size(), [&](std::size_t i, std::size_t worker) -> Status {
    if (index.search(queries[i], 7, {}, scratches[worker]) != wanted[i]) return Error{Code::kCorrupt, "another answer"};
    return ok();
  });
  EXPECT_TRUE(status) << status.error().message;
}

TEST(BlockIndexThreads, a_batch_finds_what_its_queries_find_alone) {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    std::mt19937 rng(seed);
    const auto world = seed % 10 == 0 ? large_world(rng) : random_world(rng);
    const auto index = make_index(world, 1, shape_of(seed));
    std::vector<index::PreparedQuery> queries(rng() % 150);
    for (auto& query : queries) query = random_query(rng, world, index.scale());
    if (!queries.empty()) queries[0].terms.clear();
    index::Bitmap allowed(world.rows.empty() ? 0 : static_cast<std::uint32_t>(world.rows.size()), true);
    for (std::uint32_t i = 0; i < allowed.size(); i += 3) allowed.reset(i);
    const Wanted wanted{seed % 2 == 0 ? &allowed : nullptr, 0};
    const Effort effort{seed % 3 == 0 ? 0.8F : 1.0F};
    ThreadPool pool(1 + seed % 4);
    SearchWork together;
    const auto answers = index.search_batch(queries, 7, effort, pool, &together, wanted);
    ASSERT_TRUE(answers);
    ASSERT_EQ(answers->size(), queries.size());
    SearchScratch scratch;
    SearchWork alone;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      ASSERT_EQ((*answers)[i], index.search(queries[i], 7, effort, scratch, &alone, wanted)) << seed << ' ' << i;
    }
    EXPECT_EQ(together.runs, alone.runs);
    EXPECT_EQ(together.blocks, alone.blocks);
  }
}

TEST(BlockIndexThreads, many_threads_check_the_lists_of_one_mapped_index) {
  const tamis::testing::ScratchFolder folder;
  std::mt19937 rng(2);
  World world;
  while (world.rows.size() < 400 || world.num_terms < 20) world = random_world(rng);
  const auto index = make_index(world);
  ASSERT_TRUE(index.save(folder / "index"));
  const auto mapped = BlockIndex::open(folder / "index", Residence::kMapped).value();
  std::vector<index::PreparedQuery> queries;
  for (int i = 0; i < 200; ++i) queries.push_back(random_query(rng, world, index.scale()));
  ThreadPool pool(4);
  std::vector<SearchScratch> scratches(pool.size());
  const auto status = pool.parallel_for(queries.size(), [&](std::size_t i, std::size_t worker) -> Status {
    if (auto checked = mapped.check_lists(queries[i]); !checked) return checked;
    if (mapped.search(queries[i], 7, {}, scratches[worker]) != index.exhaustive(queries[i], 7)) {
      return Error{Code::kCorrupt, "another answer"};
    }
    return ok();
  });
  EXPECT_TRUE(status) << status.error().message;
}

TEST(BlockIndexThreads, many_threads_build_what_one_builds) {
  std::mt19937 rng(3);
  World world;
  while (world.rows.size() < 33'000) {  // enough for threads to share a range of the order
    for (auto& row : large_world(rng).rows) {
      row.id = world.rows.size();
      world.rows.push_back(row);
    }
  }
  world.num_terms = 300;
  for (const auto& shape : {kShapes[0], kShapes[1]}) {
    const auto one = make_index(world, 1, shape);
    const auto four = make_index(world, 4, shape);
    const auto verified = four.verify();
    ASSERT_TRUE(verified) << verified.error().message;
    SearchScratch scratch;
    for (int q = 0; q < 20; ++q) {
      const auto query = random_query(rng, world, one.scale());
      SearchWork first, second;
      ASSERT_EQ(one.search(query, 10, {}, scratch, &first), four.search(query, 10, {}, scratch, &second)) << q;
      ASSERT_EQ(first.runs, second.runs) << q;
    }
  }
}

}  // namespace
}  // namespace tamis::sieve
