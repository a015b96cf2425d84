#include <gtest/gtest.h>
#include <tamis/eval/significance.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace tamis::eval {
namespace {

std::vector<double> random_differences(std::mt19937& rng, std::size_t n) {
  std::vector<double> out(n);
  for (double& value : out) value = (static_cast<double>(rng() % 2001) - 1000.0) / 1000.0;
  return out;
}

/// All sign assignments, summed anew each.
double all_signs(const std::vector<double>& differences) {
  double given = 0.0;
  for (const double d : differences) given += d;
  std::size_t reached = 0;
  const std::size_t all = std::size_t{1} << differences.size();
  for (std::size_t signs = 0; signs < all; ++signs) {
    double sum = 0.0;
    for (std::size_t i = 0; i < differences.size(); ++i)
      sum += (signs >> i & 1U) != 0 ? -differences[i] : differences[i];
    if (std::fabs(sum) >= std::fabs(given) - 1e-10) ++reached;
  }
  return static_cast<double>(reached) / static_cast<double>(all);
}

// Values of SciPy 1.17: ttest_1samp, permutation_test.
const std::vector<double> kSample = {0.1, -0.05, 0.2, 0.0, 0.15, 0.3, -0.1, 0.05};

TEST(Significance, values_of_scipy) {
  EXPECT_NEAR(paired_t_test(kSample), 0.12876171321826999, 1e-12);
  EXPECT_DOUBLE_EQ(randomisation_test(kSample), 0.171875);
  EXPECT_NEAR(incomplete_beta(0.5, 0.5, 0.3), 0.36901011956554536, 1e-13);
  EXPECT_NEAR(incomplete_beta(10, 0.5, 0.97), 0.4408041535957583, 1e-13);
  EXPECT_NEAR(incomplete_beta(100, 0.5, 0.5), 6.255662994307364e-32, 1e-43);
  EXPECT_NEAR(incomplete_beta(5000, 0.5, 0.9995), 0.02533267265780569, 1e-12);
  EXPECT_NEAR(incomplete_beta(2, 3, 0.6), 0.8208, 1e-13);
  EXPECT_NEAR(incomplete_beta(21, 0.5, 0.999999), 0.994859836075316, 1e-12);
}

TEST(Significance, few_differences_are_tested_exactly) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    auto differences = random_differences(rng, 1 + rng() % 12);
    if (seed % 3 == 0) differences.push_back(0.0);
    EXPECT_NEAR(randomisation_test(differences), all_signs(differences), 1e-12) << "seed=" << seed;
  }
}

TEST(Significance, many_differences_are_tested_by_samples_near_the_exact_value) {
  std::mt19937 rng(5);
  for (int round = 0; round < 3; ++round) {
    auto differences = random_differences(rng, 15);
    for (double& d : differences) d += 0.15;
    const double exact = randomisation_test(differences);
    // Each difference twice: too many for the exact test, and near the normal distribution.
    auto twice = differences;
    twice.insert(twice.end(), differences.begin(), differences.end());
    double sum = 0.0, squares = 0.0;
    for (const double d : twice) sum += d, squares += d * d;
    const double normal = std::erfc(std::fabs(sum) / std::sqrt(2.0 * squares));
    EXPECT_NEAR(randomisation_test(twice, {30'000, 3}), normal, 0.01);
    EXPECT_LE(randomisation_test(twice, {30'000, 3}), exact + 0.01);
  }
}

TEST(Significance, tests_do_not_see_a_direction_or_a_scale) {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 rng(seed);
    const auto differences = random_differences(rng, 2 + rng() % 30);
    auto turned = differences;
    for (double& d : turned) d *= -4.0;  // exact in binary
    const ResamplingOptions few = {300, seed};
    EXPECT_DOUBLE_EQ(randomisation_test(differences, few), randomisation_test(turned, few)) << "seed=" << seed;
    EXPECT_NEAR(paired_t_test(differences), paired_t_test(turned), 1e-12) << "seed=" << seed;
    const auto interval = bootstrap_interval(differences, 0.95, few), other = bootstrap_interval(turned, 0.95, few);
    EXPECT_NEAR(interval.low * -4.0, other.high, 1e-9) << "seed=" << seed;
    EXPECT_NEAR(interval.high * -4.0, other.low, 1e-9) << "seed=" << seed;
  }
}

TEST(Significance, without_a_difference_p_is_1_and_large_ones_have_a_small_p) {
  const std::vector<double> zeros(50, 0.0), one = {0.3}, same(30, 0.25);
  EXPECT_EQ(randomisation_test({}), 1.0);
  EXPECT_EQ(randomisation_test(zeros), 1.0);
  EXPECT_EQ(randomisation_test(one), 1.0);
  EXPECT_EQ(paired_t_test({}), 1.0);
  EXPECT_EQ(paired_t_test(zeros), 1.0);
  EXPECT_EQ(paired_t_test(one), 1.0);
  EXPECT_EQ(paired_t_test(same), 0.0);
  EXPECT_DOUBLE_EQ(randomisation_test(same, {999, 1}), 1.0 / 1000);
  EXPECT_DOUBLE_EQ(randomisation_test(std::vector<double>(10, 0.25)), 2.0 / 1024);
}

TEST(Significance, p_values_are_uniform_where_nothing_differs) {
  std::mt19937 rng(11);
  std::normal_distribution<double> normal;
  int small_t = 0, small_signs = 0, outside = 0;
  constexpr int kRounds = 1000;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> differences(30);
    for (double& d : differences) d = normal(rng);
    small_t += paired_t_test(differences) < 0.05 ? 1 : 0;
    small_signs += randomisation_test(differences, {500, static_cast<std::uint64_t>(round)}) < 0.05 ? 1 : 0;
    const auto interval = bootstrap_interval(differences, 0.95, {300, static_cast<std::uint64_t>(round)});
    outside += interval.low > 0.0 || interval.high < 0.0 ? 1 : 0;
  }
  EXPECT_NEAR(small_t, 50, 25);
  EXPECT_NEAR(small_signs, 50, 25);
  EXPECT_NEAR(outside, 60, 35);  // the percentile interval is a little short for 30 values
}

TEST(Significance, intervals_are_the_same_each_time_and_hold_the_mean) {
  const auto interval = bootstrap_interval(kSample);
  EXPECT_EQ(interval.low, bootstrap_interval(kSample).low);
  EXPECT_NE(interval.low, bootstrap_interval(kSample, 0.95, {20'000, 2}).low);
  EXPECT_LT(interval.low, 0.08125);
  EXPECT_GT(interval.high, 0.08125);
  // 1.96 standard errors of the mean, as a normal distribution would have it.
  EXPECT_NEAR(interval.high - interval.low, 2 * 1.96 * 0.0439, 0.012);
  const auto narrow = bootstrap_interval(kSample, 0.5);
  EXPECT_GT(narrow.low, interval.low);
  EXPECT_LT(narrow.high, interval.high);
  EXPECT_EQ(bootstrap_interval({}).high, 0.0);
}

TEST(Significance, holm_worked_by_hand) {
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005};
  const std::vector<double> wanted = {0.03, 0.06, 0.06, 0.02};
  const auto corrected = holm(p);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(corrected[i], wanted[i], 1e-15);
  EXPECT_TRUE(holm({}).empty());
  EXPECT_EQ(holm(std::vector<double>{0.7, 0.9}), (std::vector<double>{1.0, 1.0}));
  EXPECT_EQ(holm(std::vector<double>{0.2}), (std::vector<double>{0.2}));
}

TEST(Significance, the_most_extreme_differences_come_first_and_equal_ones_by_place) {
  const std::vector<double> d = {0.1, -0.5, 0.0, 0.3, -0.5, 0.3, -0.1};
  const auto two = extreme_differences(d, 2);
  EXPECT_EQ(two.lowest, (std::vector<std::size_t>{1, 4}));
  EXPECT_EQ(two.highest, (std::vector<std::size_t>{3, 5}));
  const auto all = extreme_differences(d, 100);
  EXPECT_EQ(all.lowest.size() + all.highest.size(), 6U);
  EXPECT_TRUE(extreme_differences({}, 3).lowest.empty());
}

}  // namespace
}  // namespace tamis::eval
