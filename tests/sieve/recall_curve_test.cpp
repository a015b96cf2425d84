#include <gtest/gtest.h>
#include <tamis/sieve/recall_curve.h>

#include <random>

#include "sieve_worlds.h"

namespace tamis::sieve {
namespace {

RecallPoint point(float share, double recall, double cost) { return {{share, 1.0F, 1.0F, 20}, recall, 0.0, cost}; }

TEST(RecallCurve, keeps_what_is_worth_its_cost_and_gives_the_cheapest_that_is_good_enough) {
  const RecallCurve curve({{{}, 1.0, 0.0, 100},
                           point(.7F, .9, 10),
                           point(.75F, .88, 12),
                           point(.8F, .97, 30),
                           point(.9F, .97, 40),
                           point(.95F, .99, 120)});
  ASSERT_EQ(curve.points().size(), 3U);
  EXPECT_EQ(curve.effort_for(.5).bound_share, .7F);
  EXPECT_EQ(curve.effort_for(.9).bound_share, .7F);
  EXPECT_EQ(curve.effort_for(.95).bound_share, .8F);
  EXPECT_TRUE(curve.effort_for(.98).exact());
  EXPECT_TRUE(curve.effort_for(1.0).exact());
  EXPECT_TRUE(RecallCurve({}).effort_for(.9).exact());
}

TEST(RecallCurve, a_standard_error_is_left_for_luck) {
  const RecallCurve curve({{{}, 1.0, 0.0, 100}, {{.8F, 1.0F, 1.0F, 20}, .951, .004, 30}});
  EXPECT_EQ(curve.effort_for(.946).bound_share, .8F);
  EXPECT_TRUE(curve.effort_for(.948).exact());
}

TEST(RecallCurve, is_the_same_whatever_the_number_of_threads_and_ends_exact) {
  std::mt19937 rng(3);
  World world;
  while (world.rows.size() < 500) world = random_world(rng);
  const auto index = make_index(world);
  std::vector<index::PreparedQuery> queries;
  for (int i = 0; i < 40; ++i) queries.push_back(random_query(rng, world, index.scale()));
  ThreadPool one(1), three(3);
  NoProgress progress;
  const auto a = fit_recall_curve(index, queries, 5, one, progress).value();
  const auto b = fit_recall_curve(index, queries, 5, three, progress).value();
  ASSERT_EQ(a.points().size(), b.points().size());
  for (std::size_t i = 0; i < a.points().size(); ++i) {
    EXPECT_EQ(a.points()[i].effort, b.points()[i].effort);
    EXPECT_EQ(a.points()[i].recall, b.points()[i].recall);
    EXPECT_EQ(a.points()[i].cost, b.points()[i].cost);
    if (i > 0) {
      EXPECT_GE(a.points()[i].recall, a.points()[i - 1].recall);
    }
  }
  EXPECT_TRUE(a.points().back().effort.exact());
  EXPECT_EQ(a.points().back().recall, 1.0);
}

TEST(RecallCurve, wants_queries) {
  std::mt19937 rng(3);
  const auto world = random_world(rng);
  const auto index = make_index(world);
  ThreadPool pool(1);
  NoProgress progress;
  EXPECT_EQ(fit_recall_curve(index, {}, 5, pool, progress).error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace tamis::sieve
