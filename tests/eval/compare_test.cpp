#include <gtest/gtest.h>
#include <tamis/eval/compare.h>

#include <algorithm>
#include <random>
#include <vector>

namespace tamis::eval {
namespace {

struct World {
  std::vector<Evaluation> evaluations;
  CompareOptions options;
};

/// Runs of one measure; values are eighths, so that sums are exact.
World random_world(std::mt19937& rng) {
  World world;
  const std::size_t runs = 1 + rng() % 5, queries = 1 + rng() % 12;
  world.options.missing = rng() % 2 == 0 ? MissingQueries::kZero : MissingQueries::kSkip;
  world.options.resamples = 50;
  for (std::size_t run = 0; run < runs; ++run) {
    Evaluation made;
    made.values.assign(1, std::vector<double>(queries, 0.0));
    for (std::size_t query = 0; query < queries; ++query) {
      made.answered.push_back(rng() % 5 != 0);
      if (made.answered[query]) made.values[0][query] = static_cast<double>(rng() % 9) / 8;
    }
    world.evaluations.push_back(std::move(made));
  }
  return world;
}

TEST(Compare, says_of_each_run_what_the_tests_say_of_its_differences) {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_world(rng);
    const std::size_t base = rng() % world.evaluations.size();
    const auto made = compare(world.evaluations, base, 0, world.options);
    ASSERT_EQ(made.size(), world.evaluations.size()) << "seed=" << seed;
    std::vector<double> p_values, corrected;
    for (std::size_t run = 0; run < made.size(); ++run) {
      if (run == base) continue;
      const auto differences =
          paired_differences(world.evaluations[base], world.evaluations[run], 0, world.options.missing);
      EXPECT_EQ(made[run].differences.values, differences.values) << "seed=" << seed;
      EXPECT_EQ(made[run].better + made[run].worse +
                    static_cast<std::size_t>(std::count(differences.values.begin(), differences.values.end(), 0.0)),
                differences.values.size())
          << "seed=" << seed;
      EXPECT_EQ(made[run].p, randomisation_test(differences.values, {50, 1})) << "seed=" << seed;
      EXPECT_LE(made[run].interval.low, made[run].mean + 1e-12) << "seed=" << seed;
      EXPECT_GE(made[run].interval.high, made[run].mean - 1e-12) << "seed=" << seed;
      p_values.push_back(made[run].p);
      corrected.push_back(made[run].p_holm);
    }
    EXPECT_EQ(corrected, holm(p_values)) << "seed=" << seed;
    EXPECT_EQ(made[base].p_holm, 1.0);
    EXPECT_TRUE(made[base].differences.values.empty());
  }
}

TEST(Compare, many_queries_are_sampled_less_but_never_too_little) {
  EXPECT_EQ(resampling_for(300, {}).resamples, 20'000U);
  EXPECT_EQ(resampling_for(100'000, {}).resamples, 2'000U);
  EXPECT_EQ(resampling_for(10'000'000, {}).resamples, 1'000U);
  CompareOptions wanted;
  wanted.resamples = 7;
  wanted.seed = 3;
  EXPECT_EQ(resampling_for(10'000'000, wanted).resamples, 7U);
  EXPECT_EQ(resampling_for(1, wanted).seed, 3U);
}

}  // namespace
}  // namespace tamis::eval
