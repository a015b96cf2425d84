#include "kernels.h"

#include <gtest/gtest.h>
#include <tamis/base/buffer.h>
#include <tamis/index/sparse_field.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace tamis::index {
namespace {

struct Inputs {
  explicit Inputs(std::mt19937& rng) : levels8(kWindowPassages), levels16(kWindowPassages), sums(kWindowPassages) {
    std::vector<std::uint16_t> all(kWindowPassages);
    std::iota(all.begin(), all.end(), std::uint16_t{0});
    std::shuffle(all.begin(), all.end(), rng);
    const std::size_t n = rng() % 3 == 0 ? rng() % 70 : rng() % 1024;
    offsets.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n));
    std::sort(offsets.begin(), offsets.end());
    for (std::uint32_t i = 0; i < kWindowPassages; ++i) {
      levels8[i] = static_cast<std::uint8_t>(rng());
      levels16[i] = static_cast<std::uint16_t>(rng());
      sums[i] = static_cast<std::uint32_t>(rng() % 3 == 0 ? rng() : rng() % 4);
    }
    weight = static_cast<std::uint32_t>(rng() % 2 == 0 ? rng() % 65536 : rng() % 16);
    least = static_cast<std::uint32_t>(rng() % 2 == 0 ? rng() % 5 + 1 : rng());
  }
  std::vector<std::uint16_t> offsets;
  AlignedBuffer<std::uint8_t> levels8;
  AlignedBuffer<std::uint16_t> levels16;
  AlignedBuffer<std::uint32_t> sums;
  std::uint32_t weight = 0, least = 0;
};

/// What one table's kernels make of the inputs, one after the other.
std::vector<std::vector<std::uint32_t>> outputs(const Inputs& in, const KernelTable& table) {
  const auto n = static_cast<std::uint32_t>(in.offsets.size());
  std::vector<std::vector<std::uint32_t>> all;
  const auto after = [&](auto&& run) {
    AlignedBuffer<std::uint32_t> sums(kWindowPassages);
    std::copy_n(in.sums.data(), kWindowPassages, sums.data());
    run(sums.data());
    all.emplace_back(sums.data(), sums.data() + kWindowPassages);
  };
  after([&](auto* sums) { table.sparse8(in.offsets.data(), in.levels8.data(), n, in.weight, sums); });
  after([&](auto* sums) { table.sparse16(in.offsets.data(), in.levels16.data(), n, in.weight, sums); });
  after([&](auto* sums) { table.dense8(in.levels8.data(), in.weight, sums); });
  after([&](auto* sums) { table.dense16(in.levels16.data(), in.weight, sums); });
  auto& found = all.emplace_back(kWindowPassages + 16);
  found.resize(table.scan(in.sums.data(), in.least, found.data()));
  return all;
}

TEST(Kernels, all_variants_equal_ref) {
  const auto tables = kernel_tables();
  ASSERT_EQ(tables.back().name, "ref");
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    std::mt19937 rng(seed);
    const Inputs in(rng);
    const auto expected = outputs(in, tables.back());
    for (const auto& table : tables) ASSERT_EQ(outputs(in, table), expected) << table.name << " seed=" << seed;
  }
}

}  // namespace
}  // namespace tamis::index
