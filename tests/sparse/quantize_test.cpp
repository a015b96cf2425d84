#include <gtest/gtest.h>
#include <tamis/sparse/quantize.h>

#include <cmath>
#include <limits>
#include <random>

namespace tamis::sparse {
namespace {

std::uint16_t level_of(const WeightScale& scale, float weight) {
  std::uint16_t level = 0;
  quantize(scale, {&weight, 1}, {&level, 1});
  return level;
}

TEST(Quantize, takes_the_nearest_level) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    WeightScale scale;
    scale.bits = rng() % 2 == 0 ? 8 : 16;
    scale.ceiling = std::ldexp(1.0F + static_cast<float>(rng() % 1000) / 999.0F, static_cast<int>(rng() % 40) - 20);
    ASSERT_TRUE(scale.validate());
    const double step = static_cast<double>(scale.ceiling) / scale.levels();
    for (int i = 0; i < 10; ++i) {
      const auto share = static_cast<float>(rng() % 1000000 + 1) / 1000000.0F;
      const float weight = scale.ceiling * share;
      const auto level = level_of(scale, weight);
      ASSERT_GE(level, 1U);
      ASSERT_LE(level, scale.levels());
      const double distance = std::abs(static_cast<double>(weight) / step - level);
      EXPECT_TRUE(distance <= 0.5 + 1e-9 || level == 1) << "seed=" << seed << " weight=" << weight;
    }
  }
}

TEST(Quantize, a_stored_weight_comes_back_as_its_level) {
  for (const float ceiling : {1.9F, 1.0F, 0.1F, 3.3333F, 1e-30F, 1e30F}) {
    for (const std::uint32_t bits : {8U, 16U}) {
      const WeightScale scale{ceiling, bits};
      for (std::uint32_t level = 1; level <= scale.levels(); ++level) {
        ASSERT_EQ(level_of(scale, static_cast<float>(level) * scale.step()), level) << ceiling << " bits=" << bits;
      }
    }
  }
}

TEST(Quantize, keeps_order_never_loses_a_posting_and_counts_what_it_clips) {
  const WeightScale scale{2.0F, 8};
  EXPECT_EQ(level_of(scale, std::numeric_limits<float>::denorm_min()), 1U);
  EXPECT_EQ(level_of(scale, std::numeric_limits<float>::max()), 255U);
  const std::vector<float> weights = {2.0F, std::nextafter(2.0F, 3.0F), 5.0F, 1.0F};
  std::vector<std::uint16_t> levels(weights.size());
  EXPECT_EQ(quantize(scale, weights, levels), 2U);
  EXPECT_EQ(levels, (std::vector<std::uint16_t>{255, 255, 255, 128}));
  std::uint16_t before = 1;
  for (float weight = 0.001F; weight < 3.0F; weight += 0.001F) {
    const auto level = level_of(scale, weight);
    ASSERT_GE(level, before);
    before = level;
  }
}

TEST(WeightScale, refuses_what_gives_no_levels) {
  EXPECT_FALSE((WeightScale{1.0F, 7}).validate());
  EXPECT_FALSE((WeightScale{1.0F, 0}).validate());
  for (const float bad : {0.0F, -1.0F, std::nanf(""), std::numeric_limits<float>::infinity(), 1e-37F}) {
    EXPECT_FALSE((WeightScale{bad, 16}).validate()) << bad;
  }
  EXPECT_TRUE((WeightScale{1.9F, 8}).validate());
}

}  // namespace
}  // namespace tamis::sparse
