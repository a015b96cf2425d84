#include <gtest/gtest.h>
#include <tamis/tensor/linear.h>
#include <tamis/tensor/ops.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "bfloat.h"
#include "packed.h"
#include "random_matrix.h"

namespace tamis::tensor {
namespace {

constexpr Precision kPrecisions[] = {Precision::kF32, Precision::kBf16};

double activated(Activation activation, double x) {
  switch (activation) {
    case Activation::kGelu:
      return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    case Activation::kGeluTanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
    case Activation::kRelu:
      return x < 0 ? 0 : x;
    case Activation::kSilu:
      return x / (1 + std::exp(-x));
    case Activation::kNone:
      break;
  }
  return x;
}

/// A row as the precision sees it.
std::vector<double> operand(Precision precision, const float* x, std::size_t n) {
  std::vector<double> out(x, x + n);
  if (precision == Precision::kBf16) std::transform(x, x + n, out.begin(), round_bf16);
  return out;
}

struct World {
  explicit World(std::uint32_t seed)
      : rng(seed),
        rows(random_size(rng, 130)),
        in(random_size(rng, 600)),
        out(random_size(rng, 200)),
        x(random_matrix(rng, rows, in)),
        weights(random_matrix(rng, out, in)),
        residual(random_matrix(rng, rows, out)) {
    if (rng() % 3 != 0) bias = random_values(rng, out);
    activation = static_cast<Activation>(rng() % 5);
    with_residual = rng() % 2 == 0;
  }
  /// Runs one kernel; `first` rows are left out, to see that the others do not notice.
  OwnedMatrix run(const LinearKernel& kernel, Isa level, std::size_t first, std::size_t count) const {
    PackedWeights packed;
    begin_packing(weights.view(), bias, level, packed);
    kernel.pack(weights.view(), packed);
    OwnedMatrix result(count, out, 3);
    Epilogue epilogue{activation, {}};
    if (with_residual) {  // in place: the residual is the result
      for (std::size_t i = 0; i < count; ++i) std::copy_n(residual.view().row(first + i), out, result.view().row(i));
      epilogue.residual = result.view();
    }
    Scratch scratch;
    kernel.run(packed, x.view().row_range(first, count), result.view(), epilogue, scratch);
    return result;
  }
  std::mt19937 rng;
  std::size_t rows, in, out;
  OwnedMatrix x, weights, residual;
  std::vector<float> bias;
  Activation activation;
  bool with_residual;
};

void compare(const World& world, Precision precision, const OwnedMatrix& result, const std::string& message) {
  for (std::size_t j = 0; j < world.out; ++j) {
    const auto w = operand(precision, world.weights.view().row(j), world.in);
    for (std::size_t i = 0; i < world.rows; ++i) {
      const auto x = operand(precision, world.x.view().row(i), world.in);
      double sum = 0, size = 1;
      for (std::size_t k = 0; k < world.in; ++k) {
        sum += x[k] * w[k];
        size += std::abs(x[k] * w[k]);
      }
      if (!world.bias.empty()) sum += world.bias[j];
      double expected = activated(world.activation, sum);
      if (world.with_residual) expected += world.residual.at(i, j);
      ASSERT_LE(difference(result.at(i, j), expected), 1e-6 * (size + std::abs(sum)))
          << message << " row " << i << " column " << j << " got " << result.at(i, j) << " wanted " << expected;
    }
  }
}

TEST(Linear, every_variant_equals_naive_products_in_double_precision) {
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    const World world(seed);
    const auto precision = kPrecisions[seed % 2];
    for (const auto& variant : linear_variants(precision)) {
      if (!variant.usable()) continue;
      const auto result = world.run(*variant.run, variant.isa, 0, world.rows);
      compare(world, precision, result,
              std::string(to_string(precision)) + " " + std::string(variant.name) + " seed=" + std::to_string(seed));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Linear, a_row_does_not_depend_on_the_other_rows) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    World world(seed);
    for (const auto precision : kPrecisions) {
      for (const auto& variant : linear_variants(precision)) {
        if (!variant.usable()) continue;
        const auto whole = world.run(*variant.run, variant.isa, 0, world.rows);
        const std::size_t first = world.rng() % world.rows;
        const std::size_t count = 1 + world.rng() % (world.rows - first);
        const auto part = world.run(*variant.run, variant.isa, first, count);
        for (std::size_t i = 0; i < count; ++i) {
          for (std::size_t j = 0; j < world.out; ++j) {
            ASSERT_EQ(part.at(i, j), whole.at(first + i, j))
                << to_string(precision) << " " << variant.name << " seed=" << seed << " row " << i;
          }
        }
      }
    }
  }
}

TEST(Linear, rounded_rows_give_the_bits_that_their_values_give) {
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    World world(seed);
    const auto precision = kPrecisions[seed % 2];
    for (const auto level : {Isa::kRef, Isa::kAvx2, Isa::kAvx512, Isa::kAmx}) {
      const auto layer = PackedLinear::pack(world.weights.view(), world.bias, precision, level).value();
      const OwnedBf16 x(world.x.view(), seed % 4);
      OwnedMatrix wide(world.rows, world.in);
      widen(x.view(), wide.view());
      Epilogue epilogue{world.activation, {}};
      if (world.with_residual) epilogue.residual = world.residual.view();
      OwnedMatrix expected(world.rows, world.out), result(world.rows, world.out, 2);
      OwnedBf16 rounded(world.rows, world.out, 3);
      Scratch scratch;
      layer.apply(wide.view(), expected.view(), epilogue, scratch);
      layer.apply(x.view(), result.view(), epilogue, scratch);
      layer.apply(x.view(), rounded.view(), epilogue, scratch);
      for (std::size_t i = 0; i < world.rows; ++i) {
        for (std::size_t j = 0; j < world.out; ++j) {
          ASSERT_EQ(result.at(i, j), expected.at(i, j)) << layer.kernel() << " seed=" << seed << " row " << i;
          ASSERT_EQ(rounded.view().row(i)[j], to_bf16(expected.at(i, j))) << layer.kernel() << " seed=" << seed;
        }
        for (std::size_t j = world.out; j < rounded.stride; ++j) {
          ASSERT_EQ(rounded.view().row(i)[j], 0xFFFFU) << "written beyond the columns, seed=" << seed;
        }
      }
    }
  }
}

TEST(Linear, a_value_that_is_not_finite_spoils_its_own_row_only) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    World world(seed);
    world.activation = Activation::kNone;
    const std::size_t bad = world.rng() % world.rows;
    for (const auto precision : kPrecisions) {
      for (const auto& variant : linear_variants(precision)) {
        if (!variant.usable()) continue;
        const auto clean = world.run(*variant.run, variant.isa, 0, world.rows);
        auto broken = world;
        broken.x.at(bad, world.rng() % world.in) = seed % 2 == 0 ? NAN : INFINITY;
        const auto result = broken.run(*variant.run, variant.isa, 0, world.rows);
        for (std::size_t i = 0; i < world.rows; ++i) {
          for (std::size_t j = 0; j < world.out; ++j) {
            if (i == bad) {
              ASSERT_FALSE(std::isfinite(result.at(i, j))) << variant.name << " seed=" << seed;
            } else {
              ASSERT_EQ(result.at(i, j), clean.at(i, j)) << variant.name << " seed=" << seed;
            }
          }
        }
      }
    }
  }
}

TEST(Linear, the_public_interface_picks_a_kernel_and_applies_it) {
  std::mt19937 rng(1);
  const auto weights = random_matrix(rng, 70, 50);
  const auto x = random_matrix(rng, 9, 50);
  Scratch scratch;
  for (const auto precision : kPrecisions) {
    OwnedMatrix low(9, 70);
    OwnedMatrix high(9, 70);
    const auto at_ref = PackedLinear::pack(weights.view(), {}, precision, Isa::kRef).value();
    const auto at_best = PackedLinear::pack(weights.view(), {}, precision).value();
    EXPECT_EQ(at_ref.kernel(), "ref");
    EXPECT_EQ(at_best.in(), 50U);
    EXPECT_EQ(at_best.out(), 70U);
    EXPECT_GT(at_best.bytes(), 0U);
    at_ref.apply(x.view(), low.view(), {}, scratch);
    at_best.apply(x.view(), high.view(), {}, scratch);
    for (std::size_t i = 0; i < low.values.size(); ++i) EXPECT_NEAR(low.values[i], high.values[i], 1e-4);
  }
}

TEST(Linear, weights_that_cannot_be_packed_are_refused_with_a_reason) {
  OwnedMatrix weights(3, 4);
  const std::vector<float> bias(2);
  const auto message = [&](ConstMatrixView w, std::span<const float> b) {
    const auto result = PackedLinear::pack(w, b, Precision::kF32);
    return result ? std::string("packed") : result.error().message;
  };
  EXPECT_EQ(message(weights.view(), bias), "linear layer: bias of 2 values, wanted 3 or none");
  EXPECT_EQ(message({}, {}), "linear layer: weights of 0 x 0, wanted at least one row and column");
  weights.at(1, 2) = NAN;
  EXPECT_EQ(message(weights.view(), {}), "linear layer: the weight of row 1, column 2 is nan, wanted finite numbers");
  EXPECT_FALSE(parse_precision("fp8"));
  EXPECT_EQ(parse_precision("bf16").value(), Precision::kBf16);
}

}  // namespace
}  // namespace tamis::tensor
