#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tamis/base/buffer.h>

#include <algorithm>
#include <random>
#include <vector>

#include "kernels.h"
#include "layout.h"

namespace tamis::sieve {
namespace {

TEST(SieveKernels, all_variants_sum_bounds_and_find_what_reaches_alike) {
  const auto tables = kernel_tables();
  const auto& ref = tables.back();
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    const std::size_t blocks = kRowAlign * (1 + rng() % 5);
    const std::size_t n = rng() % 30;
    AlignedBuffer<std::uint8_t> bytes(blocks * std::max<std::size_t>(n, 1));
    for (std::size_t i = 0; i < n * blocks; ++i) bytes[i] = static_cast<std::uint8_t>(rng() % 3 == 0 ? 0 : rng());
    std::vector<const std::uint8_t*> rows;
    std::vector<std::uint16_t> weights;
    for (std::size_t i = 0; i < n; ++i) {
      rows.push_back(bytes.data() + i * blocks);
      weights.push_back(static_cast<std::uint16_t>(rng() % (65000 / n + 1)));
    }
    AlignedBuffer<std::uint16_t> wanted(blocks), sums(blocks);
    ref.sum_bounds(rows.data(), weights.data(), n, blocks, wanted.data());
    for (const auto& table : tables) {
      table.sum_bounds(rows.data(), weights.data(), n, blocks, sums.data());
      ASSERT_TRUE(std::equal(sums.data(), sums.data() + blocks, wanted.data())) << table.name << " seed " << seed;
      for (int i = 0; i < 5; ++i) {
        const auto least = rng() % 2 == 0 ? wanted[rng() % blocks] : static_cast<std::uint16_t>(rng());
        std::vector<std::uint32_t> found(blocks + 32), found_ref(blocks + 32);
        const auto count = ref.find_reaching(wanted.data(), blocks, least, found_ref.data());
        ASSERT_EQ(table.count_reaching(wanted.data(), blocks, least), count) << table.name;
        ASSERT_EQ(table.find_reaching(wanted.data(), blocks, least, found.data()), count) << table.name;
        ASSERT_TRUE(std::equal(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count), found_ref.begin()));
        const auto at = rng() % (blocks / kBlock) * kBlock;
        ASSERT_EQ(table.passages_reaching(wanted.data() + at, least), ref.passages_reaching(wanted.data() + at, least))
            << table.name;
      }
    }
  }
}

TEST(SieveKernels, all_variants_add_runs_alike) {
  const auto tables = kernel_tables();
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    std::mt19937 rng(seed);
    const RunShape shape{1 + seed % 2};
    std::vector<std::uint8_t> data;
    struct Place {
      std::size_t begin;
      std::uint16_t bytes, slot;
    };
    std::vector<Place> places;
    std::vector<std::uint32_t> wanted(8 * kBlock);
    const auto weight = static_cast<std::uint16_t>(rng() % 8000);
    for (std::uint32_t slot = 0; slot < 8; ++slot) {
      const auto length = static_cast<std::uint32_t>(1 + rng() % (rng() % 2 == 0 ? 10 : 64));
      std::vector<std::uint8_t> passages(kBlock);
      for (std::uint32_t p = 0; p < kBlock; ++p) passages[p] = static_cast<std::uint8_t>(p);
      std::shuffle(passages.begin(), passages.end(), rng);
      passages.resize(length);
      std::sort(passages.begin(), passages.end());
      places.push_back(
          {data.size(), static_cast<std::uint16_t>(shape.bytes(length)), static_cast<std::uint16_t>(slot)});
      ASSERT_EQ(shape.length(shape.bytes(length)), length);
      ASSERT_EQ(shape.few(shape.bytes(length)), length <= kFew);
      std::uint64_t mask = 0;
      for (const auto p : passages) mask |= 1ULL << p;
      if (length <= kFew) data.insert(data.end(), passages.begin(), passages.end());
      for (std::uint32_t i = 0; length > kFew && i < 8; ++i) data.push_back(static_cast<std::uint8_t>(mask >> (8 * i)));
      for (const auto p : passages) {
        const auto code = static_cast<std::uint8_t>(1 + rng() % 255);
        data.push_back(code);
        wanted[slot * kBlock + lane_of(p)] = share_of(code, weight);
      }
      for (std::uint32_t i = 0; shape.width == 2 && i < length; ++i) data.push_back(static_cast<std::uint8_t>(rng()));
    }
    data.resize(data.size() + 64);
    std::vector<sieve::Run> runs;
    for (const auto& place : places) runs.push_back({data.data() + place.begin, place.bytes, place.slot, 0});
    for (const auto& table : tables) {
      AlignedBuffer<std::uint16_t> estimates(8 * kBlock);
      table.add_runs(runs.data(), runs.size(), shape.width, weight, estimates.data());
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        ASSERT_EQ(estimates[i], wanted[i]) << fmt::format("{} seed {} at {}", table.name, seed, i);
      }
    }
  }
}

TEST(SieveLayout, every_level_comes_back_in_lists_of_every_step) {
  const std::uint32_t most = sparse::WeightScale{1.0F, 16}.levels();
  ASSERT_EQ(step_of(most), 256U);
  for (std::uint32_t step = 1; step <= 256; ++step) {
    for (const std::uint32_t largest : {255 * step - 254, 255 * step}) {
      ASSERT_EQ(step_of(largest), step);
      for (std::uint32_t level = 1; level <= largest; ++level) {
        const auto weight = split_level(level, step);
        ASSERT_EQ(level_of(weight, step), level) << "step " << step;
        const std::uint32_t near = weight.code * step;
        ASSERT_LE(level > near ? level - near : near - level, largest_rest(step)) << "step " << step;
      }
    }
  }
}

TEST(SieveLayout, lanes_are_an_order_of_the_passages_of_a_block) {
  std::vector<bool> seen(kBlock);
  for (std::uint32_t p = 0; p < kBlock; ++p) {
    ASSERT_LT(lane_of(p), kBlock);
    ASSERT_FALSE(seen[lane_of(p)]);
    seen[lane_of(p)] = true;
  }
}

}  // namespace
}  // namespace tamis::sieve
