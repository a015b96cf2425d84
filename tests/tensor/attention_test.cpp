#include <gtest/gtest.h>
#include <tamis/tensor/attention.h>
#include <tamis/tensor/ops.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "bfloat.h"
#include "kernels.h"
#include "random_matrix.h"

namespace tamis::tensor {
namespace {

struct World {
  explicit World(std::uint32_t seed)
      : rng(seed),
        tokens(random_size(rng, 200)),
        heads(1 + rng() % 4),
        dim(rng() % 2 == 0 ? 1 + rng() % 40 : 32 * (1 + rng() % 4)),
        all(random_matrix(rng, tokens, 3 * heads * dim)) {
    options.heads = heads;
    options.scale = 0.3F / std::sqrt(static_cast<float>(dim)) * static_cast<float>(1 + rng() % 6);
    if (rng() % 3 == 0) options.window = 1 + rng() % tokens;
  }
  [[nodiscard]] ConstMatrixView part(std::size_t which) const {
    return all.view().columns(which * heads * dim, heads * dim);
  }
  /// The definition, in double precision.
  [[nodiscard]] double expected(std::size_t head, std::size_t token, std::size_t d, bool rounded) const {
    const auto value = [&](std::size_t which, std::size_t row, std::size_t col) {
      const float x = part(which).row(row)[head * dim + col];
      return static_cast<double>(rounded ? round_bf16(x) : x);
    };
    std::vector<double> scores(tokens, -INFINITY);
    for (std::size_t j = 0; j < tokens; ++j) {
      if (options.window != 0 && (j > token ? j - token : token - j) > options.window) continue;
      scores[j] = 0;
      for (std::size_t k = 0; k < dim; ++k) scores[j] += value(0, token, k) * value(1, j, k);
      scores[j] *= static_cast<double>(options.scale);
    }
    const double largest = *std::max_element(scores.begin(), scores.end());
    double total = 0, sum = 0;
    for (std::size_t j = 0; j < tokens; ++j) {
      const double p = std::exp(scores[j] - largest);
      total += p;
      sum += p * value(2, j, d);
    }
    return sum / total;
  }
  std::mt19937 rng;
  std::size_t tokens, heads, dim;
  OwnedMatrix all;
  AttentionOptions options;
};

TEST(Attention, every_variant_equals_the_definition_in_double_precision) {
  for (const auto precision : {Precision::kF32, Precision::kBf16}) {
    // Probabilities of bf16 have 8 bits; the error of a mean of values stays below that of one of them.
    const double tolerance = precision == Precision::kF32 ? 1e-5 : 1.5e-2;
    for (std::uint32_t seed = 0; seed < 250; ++seed) {
      World world(seed);
      for (const auto& variant : attention_variants(precision)) {
        if (!variant.usable()) continue;
        OwnedMatrix out(world.tokens, world.heads * world.dim, 2);
        Scratch scratch;
        variant.run(world.part(0), world.part(1), world.part(2), out.view(), world.options, scratch);
        for (int probe = 0; probe < 40; ++probe) {
          const std::size_t head = world.rng() % world.heads, token = world.rng() % world.tokens;
          const std::size_t d = world.rng() % world.dim;
          const double wanted = world.expected(head, token, d, precision == Precision::kBf16);
          ASSERT_NEAR(out.at(token, head * world.dim + d), wanted, tolerance)
              << to_string(precision) << " " << variant.name << " seed=" << seed << " tokens " << world.tokens
              << " dim " << world.dim << " window " << world.options.window << " token " << token;
        }
      }
    }
  }
}

TEST(Attention, rounded_operands_give_what_their_values_give) {
  for (std::uint32_t seed = 0; seed < 250; ++seed) {
    World world(seed);
    world.options.precision = Precision::kBf16;
    const std::size_t width = world.heads * world.dim;
    for (const auto level : {Isa::kRef, Isa::kAvx2, Isa::kAvx512, Isa::kAmx}) {
      world.options.level = level;
      const OwnedBf16 rounded(world.all.view(), seed % 3);
      OwnedMatrix wide(world.tokens, 3 * width), expected(world.tokens, width);
      widen(rounded.view(), wide.view());
      OwnedBf16 out(world.tokens, width, seed % 5);
      Scratch scratch;
      const auto part = [&](const auto& m, std::size_t which) { return m.columns(which * width, width); };
      attention(part(wide.view(), 0), part(wide.view(), 1), part(wide.view(), 2), expected.view(), world.options,
                scratch);
      attention(part(rounded.view(), 0), part(rounded.view(), 1), part(rounded.view(), 2), out.view(), world.options,
                scratch);
      for (std::size_t i = 0; i < world.tokens; ++i) {
        for (std::size_t j = 0; j < width; ++j) {
          ASSERT_EQ(out.view().row(i)[j], to_bf16(expected.at(i, j))) << "seed=" << seed << " token " << i;
        }
        for (std::size_t j = width; j < out.stride; ++j) ASSERT_EQ(out.view().row(i)[j], 0xFFFFU) << "seed=" << seed;
      }
    }
  }
}

TEST(Attention, the_result_may_overwrite_the_queries) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    World world(seed);
    const std::size_t width = world.heads * world.dim;
    for (const auto precision : {Precision::kF32, Precision::kBf16}) {
      auto options = world.options;
      options.precision = precision;
      OwnedMatrix out(world.tokens, width);
      Scratch scratch;
      attention(world.part(0), world.part(1), world.part(2), out.view(), options, scratch);
      auto copy = world.all;
      const auto in_place = copy.view().columns(0, width);
      attention(in_place, copy.view().columns(width, width), copy.view().columns(2 * width, width), in_place, options,
                scratch);
      for (std::size_t i = 0; i < world.tokens; ++i) {
        for (std::size_t j = 0; j < width; ++j) ASSERT_EQ(in_place.row(i)[j], out.at(i, j)) << "seed=" << seed;
      }
    }
  }
}

TEST(Attention, one_token_sees_itself) {
  std::mt19937 rng(1);
  const auto x = random_matrix(rng, 1, 64);
  OwnedMatrix out(1, 64);
  Scratch scratch;
  AttentionOptions options;
  options.heads = 2;
  attention(x.view(), x.view(), x.view(), out.view(), options, scratch);
  for (std::size_t j = 0; j < 64; ++j) EXPECT_NEAR(out.at(0, j), x.at(0, j), 1e-6);
}

}  // namespace
}  // namespace tamis::tensor
