#include <gtest/gtest.h>
#include <tamis/tensor/ops.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <random>

#include "bfloat.h"
#include "ops_table.h"
#include "random_matrix.h"

namespace tamis::tensor {
namespace {

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

/// Calls body(table, name) for each variant that the machine can run.
template <class Body>
void each_variant(Body&& body) {
  for (const auto& variant : ops_variants()) {
    if (variant.usable()) body(*variant.run, std::string(variant.name));
  }
}

TEST(Ops, activations_are_within_the_stated_error_over_their_whole_range) {
  std::vector<float> inputs;
  for (float x = -30; x < 30; x += 0.0007F) inputs.push_back(x);
  inputs.insert(inputs.end(), {0.0F, -0.0F, 1e-38F, -1e-38F, 1e-42F, 100.0F, -100.0F, 1e30F, -1e30F});
  each_variant([&](const OpsTable& table, const std::string& name) {
    for (int a = 0; a < 5; ++a) {
      const auto activation = static_cast<Activation>(a);
      auto values = inputs;
      table.activate(activation, values.data(), values.size());
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double wanted = activated(activation, inputs[i]);
        ASSERT_LE(difference(values[i], wanted), 5e-7 * std::max(1.0, std::abs(double{inputs[i]})))
            << name << " activation " << a << " of " << inputs[i] << " is " << values[i];
      }
    }
  });
}

TEST(Ops, activations_of_nan_and_infinity_are_what_the_functions_say) {
  each_variant([&](const OpsTable& table, const std::string& name) {
    for (int a = 0; a < 5; ++a) {
      for (std::size_t n = 3; n < 40; ++n) {
        std::vector<float> values(n, 1.0F);
        values[n - 1] = NAN;
        values[n / 2] = INFINITY;
        table.activate(static_cast<Activation>(a), values.data(), n);
        EXPECT_TRUE(std::isnan(values[n - 1])) << name << " activation " << a;
        EXPECT_EQ(values[n / 2], INFINITY) << name << " activation " << a;
      }
    }
  });
}

TEST(Ops, layer_norm_equals_its_definition) {
  each_variant([&](const OpsTable& table, const std::string& name) {
    for (std::uint32_t seed = 0; seed < 1000; ++seed) {
      std::mt19937 rng(seed);
      const std::size_t n = random_size(rng, 800);
      auto x = random_values(rng, n, seed % 5 == 0 ? 100.0F : 1.0F);
      const float shift = seed % 3 == 0 ? 5.0F : 0.0F;
      for (auto& value : x) value += shift;
      const auto gamma = random_values(rng, n);
      const auto beta = random_values(rng, n);
      const bool scaled = rng() % 3 != 0;
      const bool shifted = rng() % 3 != 0;
      double mean = 0, variance = 0;
      for (const float value : x) mean += value / static_cast<double>(n);
      for (const float value : x) variance += (value - mean) * (value - mean) / static_cast<double>(n);
      std::vector<float> out(n);
      table.layer_norm(x.data(), scaled ? gamma.data() : nullptr, shifted ? beta.data() : nullptr, 1e-5F, n,
                       out.data());
      for (std::size_t i = 0; i < n; ++i) {
        const double normal = (x[i] - mean) / std::sqrt(variance + 1e-5);
        const double wanted = normal * (scaled ? gamma[i] : 1.0) + (shifted ? beta[i] : 0.0);
        ASSERT_NEAR(out[i], wanted, 2e-5) << name << " seed=" << seed;
      }
      table.layer_norm(x.data(), scaled ? gamma.data() : nullptr, shifted ? beta.data() : nullptr, 1e-5F, n, x.data());
      ASSERT_EQ(x, out) << "in place, " << name << " seed=" << seed;
    }
  });
}

TEST(Ops, gate_add_finish_and_rotate_equal_their_definitions) {
  each_variant([&](const OpsTable& table, const std::string& name) {
    for (std::uint32_t seed = 0; seed < 600; ++seed) {
      std::mt19937 rng(seed);
      const std::size_t n = random_size(rng, 300);
      const auto x = random_values(rng, n), y = random_values(rng, n), z = random_values(rng, n);
      const auto activation = static_cast<Activation>(rng() % 5);
      std::vector<float> gated(n), added = y, finished(n), plain(n), in_place = z;
      table.gate(activation, x.data(), y.data(), n, gated.data());
      table.add(x.data(), n, added.data());
      table.finish(x.data(), y.data(), activation, z.data(), n, finished.data());
      table.finish(x.data(), y.data(), activation, nullptr, n, plain.data());
      table.finish(x.data(), y.data(), activation, in_place.data(), n, in_place.data());
      for (std::size_t i = 0; i < n; ++i) {
        ASSERT_NEAR(gated[i], activated(activation, x[i]) * y[i], 1e-5) << name << " seed=" << seed;
        ASSERT_EQ(added[i], y[i] + x[i]) << name << " seed=" << seed;
        ASSERT_NEAR(plain[i], activated(activation, x[i] + y[i]), 1e-5) << name << " seed=" << seed;
        ASSERT_EQ(finished[i], plain[i] + z[i]) << name << " seed=" << seed;
        ASSERT_EQ(in_place[i], finished[i]) << name << " seed=" << seed;
      }
      auto turned = random_values(rng, 2 * n);
      const auto before = turned;
      table.rotate(turned.data(), x.data(), y.data(), n);
      for (std::size_t i = 0; i < n; ++i) {
        ASSERT_NEAR(turned[i], double{before[i]} * x[i] - double{before[i + n]} * y[i], 1e-5) << name;
        ASSERT_NEAR(turned[i + n], double{before[i + n]} * x[i] + double{before[i]} * y[i], 1e-5) << name;
      }
    }
  });
}

TEST(Ops, softmax_equals_its_definition) {
  each_variant([&](const OpsTable& table, const std::string& name) {
    for (std::uint32_t seed = 0; seed < 1000; ++seed) {
      std::mt19937 rng(seed);
      const std::size_t n = random_size(rng, 300);
      auto x = random_values(rng, n, seed % 4 == 0 ? 60.0F : 2.0F);
      if (seed % 7 == 0 && n > 1) x[n / 2] = -INFINITY;
      const double largest = *std::max_element(x.begin(), x.end());
      double sum = 0;
      for (const float value : x) sum += std::exp(value - largest);
      auto result = x;
      table.softmax(result.data(), n);
      for (std::size_t i = 0; i < n; ++i) {
        if (!std::isfinite(x[i])) {
          ASSERT_EQ(result[i], 0.0F) << name << " seed=" << seed;
          continue;
        }
        const double wanted = std::exp(x[i] - largest) / sum;
        ASSERT_NEAR(result[i], wanted, 2e-7 * (5 + largest - x[i]) * wanted + 1e-37) << name << " seed=" << seed;
      }
    }
    std::vector<float> none(19, -INFINITY);
    table.softmax(none.data(), none.size());
    for (const float value : none) EXPECT_TRUE(std::isnan(value)) << name;
  });
}

TEST(Ops, collect_finds_what_is_above_zero_and_nothing_else) {
  each_variant([&](const OpsTable& table, const std::string& name) {
    for (std::uint32_t seed = 0; seed < 600; ++seed) {
      std::mt19937 rng(seed);
      const std::size_t n = random_size(rng, 512);
      auto maxima = random_values(rng, n);
      const auto bias = random_values(rng, n);
      if (seed % 4 == 0) maxima[rng() % n] = NAN;
      if (seed % 3 == 0) maxima[rng() % n] = -INFINITY;
      std::vector<std::uint32_t> entries(n + 16), wanted_entries;
      std::vector<float> sums(n + 16), wanted_sums;
      for (std::size_t i = 0; i < n; ++i) {
        if (!(maxima[i] + bias[i] > 0)) continue;
        wanted_entries.push_back(static_cast<std::uint32_t>(1000 + i));
        wanted_sums.push_back(maxima[i] + bias[i]);
      }
      const auto count = table.collect(maxima.data(), bias.data(), n, 1000, entries.data(), sums.data());
      ASSERT_EQ(count, wanted_entries.size()) << name << " seed=" << seed;
      entries.resize(count);
      sums.resize(count);
      ASSERT_EQ(entries, wanted_entries) << name << " seed=" << seed;
      ASSERT_EQ(sums, wanted_sums) << name << " seed=" << seed;
    }
  });
}

TEST(Ops, embeddings_are_summed_row_by_row) {
  std::mt19937 rng(3);
  const auto words = random_matrix(rng, 50, 20), places = random_matrix(rng, 10, 20);
  std::vector<std::uint32_t> ids = {3, 49, 0, 3}, positions = {0, 1, 2, 3};
  OwnedMatrix out(4, 20, 2);
  const Embedding tables[] = {{words.view(), ids}, {places.view(), positions}};
  sum_embeddings(tables, out.view());
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 20; ++j) EXPECT_EQ(out.at(i, j), words.at(ids[i], j) + places.at(i, j));
  }
}

TEST(Ops, rotary_positions_keep_products_that_depend_on_the_distance_alone) {
  std::mt19937 rng(5);
  const RotaryTable table(16, 64, 10000);
  auto q = random_matrix(rng, 1, 32), k = random_matrix(rng, 1, 32);
  const auto product = [&](std::size_t at_q, std::size_t at_k) {
    auto a = q, b = k;
    table.apply(a.view(), at_q);
    table.apply(b.view(), at_k);
    double sum = 0;
    for (std::size_t i = 0; i < 32; ++i) sum += double{a.at(0, i)} * b.at(0, i);
    return sum;
  };
  for (std::size_t distance = 0; distance < 20; ++distance) {
    for (std::size_t at = 1; at < 40; ++at) EXPECT_NEAR(product(at + distance, at), product(distance, 0), 2e-5);
  }
}

TEST(Ops, public_functions_work_on_views_with_gaps_and_in_place) {
  std::mt19937 rng(7);
  OwnedMatrix x(3, 10, 4);
  for (auto& value : x.values) value = static_cast<float>(rng() % 100) / 10.0F;
  const auto before = x;
  gated_activation(Activation::kRelu, x.view(), x.view().columns(0, 5));
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 5; ++j) EXPECT_EQ(x.at(i, j), before.at(i, j) * before.at(i, j + 5));
    for (std::size_t j = 5; j < 14; ++j) EXPECT_EQ(x.values[i * 14 + j], before.values[i * 14 + j]);
  }
  softmax(x.view());
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(std::accumulate(x.view().row(i), x.view().row(i) + 10, 0.0), 1.0, 1e-5);
  }
  layer_norm(x.view(), {}, {}, 1e-12F, x.view());
  activate(Activation::kRelu, x.view());
  add(before.view(), x.view());
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 10; ++j) EXPECT_GE(x.at(i, j), before.at(i, j));
  }
}

TEST(Ops, rounding_to_bf16_is_to_nearest_with_ties_to_even_and_keeps_nan) {
  each_variant([&](const OpsTable& table, const std::string& name) {
    std::mt19937 rng(7);
    for (int round = 0; round < 3000; ++round) {
      const std::size_t n = random_size(rng, 100);
      std::vector<float> x(n);
      for (auto& value : x) value = std::bit_cast<float>(static_cast<std::uint32_t>(rng()));
      for (std::size_t i = 0; i < n; i += 3) x[i] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(x[i]) << 15U);
      x[0] = std::array{NAN, INFINITY, -INFINITY, std::bit_cast<float>(0x7F800001U)}[rng() % 4];
      std::vector<std::uint16_t> out(n + 1, 0xABCDU);
      table.round_bf16(x.data(), n, out.data());
      ASSERT_EQ(out[n], 0xABCDU) << name;
      for (std::size_t i = 0; i < n; ++i) {
        const float wide = from_bf16(out[i]);
        if (std::isnan(x[i])) {
          ASSERT_TRUE(std::isnan(wide)) << name;
        } else {
          ASSERT_EQ(out[i], to_bf16(x[i])) << name << " " << x[i];
        }
      }
    }
  });
}

TEST(Ops, layer_norm_gives_a_rounded_copy_of_its_result) {
  std::mt19937 rng(8);
  for (int round = 0; round < 300; ++round) {
    const auto x = random_matrix(rng, random_size(rng, 20), random_size(rng, 300));
    const auto gamma = random_values(rng, x.cols);
    OwnedMatrix expected(x.rows, x.cols), out(x.rows, x.cols, 1);
    OwnedBf16 rounded(x.rows, x.cols, 2);
    layer_norm(x.view(), gamma, {}, 1e-6F, expected.view());
    layer_norm(x.view(), gamma, {}, 1e-6F, out.view(), rounded.view());
    for (std::size_t i = 0; i < x.rows; ++i) {
      for (std::size_t j = 0; j < x.cols; ++j) {
        ASSERT_EQ(out.at(i, j), expected.at(i, j));
        ASSERT_EQ(rounded.view().row(i)[j], to_bf16(expected.at(i, j)));
      }
    }
  }
}

}  // namespace
}  // namespace tamis::tensor
