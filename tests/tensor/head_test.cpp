#include <gtest/gtest.h>
#include <tamis/tensor/head.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "bfloat.h"
#include "packed.h"
#include "random_matrix.h"

namespace tamis::tensor {
namespace {

constexpr Precision kPrecisions[] = {Precision::kF32, Precision::kBf16};

/// A random head and a batch of passages, some of them empty.
struct World {
  explicit World(std::uint32_t seed)
      : rng(seed),
        hidden(rng() % 3 == 0 ? 128 : random_size(rng, 300)),
        vocabulary(random_size(rng, 1200)),
        offsets(1, 0),
        embeddings(random_matrix(rng, vocabulary, hidden)),
        bias(random_values(rng, vocabulary, 1.0F)),
        x(0, 0) {
    for (std::size_t p = 1 + rng() % 6; p > 0; --p) {
      offsets.push_back(offsets.back() + static_cast<std::uint32_t>(rng() % 5 == 0 ? 0 : random_size(rng, 90)));
    }
    x = random_matrix(rng, offsets.back(), hidden);
    const float shift = 2.0F * std::sqrt(static_cast<float>(hidden));
    for (auto& value : bias) value -= shift;
  }
  [[nodiscard]] std::size_t passages() const { return offsets.size() - 1; }
  [[nodiscard]] PackedWeights pack(const HeadKernel& kernel, Isa level) const {
    PackedWeights packed;
    begin_packing(embeddings.view(), bias, level, packed);
    kernel.pack(embeddings.view(), packed);
    return packed;
  }
  std::mt19937 rng;
  std::size_t hidden, vocabulary;
  std::vector<std::uint32_t> offsets;
  OwnedMatrix embeddings;
  std::vector<float> bias;
  OwnedMatrix x;
};

std::vector<double> operand(Precision precision, const float* x, std::size_t n) {
  std::vector<double> out(x, x + n);
  if (precision == Precision::kBf16) std::transform(x, x + n, out.begin(), round_bf16);
  return out;
}

TEST(Head, the_maxima_of_every_variant_equal_naive_ones_in_double_precision) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    World world(seed);
    const auto precision = kPrecisions[seed % 2];
    const std::size_t first = world.rng() % world.vocabulary / kEntryAlign * kEntryAlign;
    const std::size_t entries = 1 + world.rng() % (world.vocabulary - first);
    const std::size_t count = round_up(entries, kEntryAlign);
    for (const auto& variant : head_variants(precision)) {
      if (!variant.usable()) continue;
      const auto packed = world.pack(*variant.run, variant.isa);
      Scratch scratch;
      const auto rows = variant.run->prepare(packed, world.x.view(), world.offsets, scratch);
      std::vector<float> maxima(world.passages() * count, -7.0F);
      variant.run->maxima(packed, rows, first, count, maxima.data(), scratch);
      for (int probe = 0; probe < 60; ++probe) {
        const std::size_t p = world.rng() % world.passages(), j = world.rng() % entries;
        const auto w = operand(precision, world.embeddings.view().row(first + j), world.hidden);
        double largest = -INFINITY, size = 1;
        for (std::size_t i = world.offsets[p]; i < world.offsets[p + 1]; ++i) {
          const auto x = operand(precision, world.x.view().row(i), world.hidden);
          largest = std::max(largest, std::inner_product(x.begin(), x.end(), w.begin(), 0.0));
          size = std::max(size, std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
        }
        const double norm = std::inner_product(w.begin(), w.end(), w.begin(), 0.0);
        ASSERT_LE(difference(maxima[p * count + j], largest), 1e-6 * (1 + size + norm))
            << to_string(precision) << " " << variant.name << " seed=" << seed << " hidden " << world.hidden
            << " passage " << p << " entry " << first + j;
      }
    }
  }
}

TEST(Head, the_maxima_are_the_largest_of_the_products) {
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    World world(seed);
    const auto precision = kPrecisions[seed % 2];
    const std::size_t count = round_up(std::min<std::size_t>(world.vocabulary, 1 + world.rng() % 100), kEntryAlign);
    for (const auto& variant : head_variants(precision)) {
      if (!variant.usable()) continue;
      const auto packed = world.pack(*variant.run, variant.isa);
      Scratch scratch;
      const auto rows = variant.run->prepare(packed, world.x.view(), world.offsets, scratch);
      std::vector<float> maxima(world.passages() * count);
      variant.run->maxima(packed, rows, 0, count, maxima.data(), scratch);
      for (std::size_t p = 0; p < world.passages(); ++p) {
        std::vector<float> products(rows.rows_of(p) * count);
        variant.run->products(packed, rows, p, 0, count, products.data(), scratch);
        for (std::size_t j = 0; j < std::min(count, world.vocabulary); ++j) {
          float largest = -INFINITY;
          for (std::size_t i = 0; i < rows.rows_of(p); ++i) largest = std::max(largest, products[i * count + j]);
          ASSERT_EQ(maxima[p * count + j], largest) << variant.name << " seed=" << seed << " entry " << j;
        }
      }
    }
  }
}

/// Rows and entries that are hard to tell apart by their sketches: large, tiny, zero, far apart in size, not finite.
void make_hostile(World& world, std::uint32_t seed) {
  const float sizes[] = {1.0F, 1e-3F, 1e-20F, 1e-37F, 1e15F, 1e30F};
  const float rows = sizes[seed % 6], entries = sizes[seed / 6 % 6];
  for (std::size_t i = 0; i < world.x.rows; ++i) {
    const float more = world.rng() % 8 == 0 ? 1000.0F : 1.0F;
    for (std::size_t k = 0; k < world.hidden; ++k) world.x.at(i, k) *= rows * more;
    if (world.rng() % 12 == 0) std::fill_n(world.x.view().row(i), world.hidden, 0.0F);
    if (world.rng() % 30 == 0) world.x.at(i, world.rng() % world.hidden) = world.rng() % 2 == 0 ? NAN : -INFINITY;
  }
  for (std::size_t j = 0; j < world.vocabulary; ++j) {
    for (std::size_t k = 0; k < world.hidden; ++k) world.embeddings.at(j, k) *= entries;
    if (world.rng() % 12 == 0) std::fill_n(world.embeddings.view().row(j), world.hidden, 0.0F);
    world.bias[j] *= rows * entries;
    if (world.rng() % 3 == 0) world.bias[j] = 0;
    if (!std::isfinite(world.bias[j])) world.bias[j] = -1;
  }
}

TEST(Head, candidates_are_all_entries_above_0_and_their_maxima_are_those_of_all) {
  std::size_t found = 0, above = 0, all = 0;
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    World world(seed % 400);
    if (seed >= 400) make_hostile(world, seed);
    const std::size_t first = world.rng() % world.vocabulary / kEntryAlign * kEntryAlign;
    const std::size_t count = round_up(1 + world.rng() % (world.vocabulary - first), kEntryAlign);
    for (const auto& variant : head_variants(kPrecisions[seed % 2])) {
      if (!variant.usable() || variant.run->candidates == nullptr) continue;
      const auto packed = world.pack(*variant.run, variant.isa);
      Scratch scratch;
      const auto rows = variant.run->prepare(packed, world.x.view(), world.offsets, scratch);
      std::vector<float> maxima(world.passages() * count);
      variant.run->maxima(packed, rows, first, count, maxima.data(), scratch);
      std::vector<std::vector<std::uint32_t>> lists(world.passages(), std::vector<std::uint32_t>(count + 16));
      std::vector<std::uint32_t*> ends;
      for (auto& list : lists) ends.push_back(list.data());
      variant.run->candidates(packed, rows, first, count, ends.data());
      for (std::size_t p = 0; p < world.passages(); ++p) {
        lists[p].resize(static_cast<std::size_t>(ends[p] - lists[p].data()));
        while (!lists[p].empty() && lists[p].back() >= world.vocabulary) lists[p].pop_back();
        std::vector<float> some(lists[p].size());
        variant.run->maxima_of(packed, rows, p, lists[p], some.data(), scratch);
        std::size_t at = 0;
        for (std::size_t j = 0; j < std::min(count, world.vocabulary - first); ++j) {
          const float maximum = maxima[p * count + j];
          if (at < lists[p].size() && lists[p][at] == first + j) {
            ASSERT_EQ(some[at++], maximum) << "seed=" << seed << " passage " << p << " entry " << first + j;
          } else {
            ASSERT_FALSE(maximum + world.bias[first + j] > 0 && std::isfinite(maximum))
                << "left out: seed=" << seed << " passage " << p << " entry " << first + j << " of " << maximum;
          }
          if (seed < 400) above += static_cast<std::size_t>(maximum + world.bias[first + j] > 0);
        }
        ASSERT_EQ(at, lists[p].size()) << "not ascending, seed=" << seed;
        if (seed < 400) found += lists[p].size();
        if (seed < 400) all += count;
      }
    }
  }
  if (all == 0) GTEST_SKIP() << "no kernel of this machine has candidates";
  EXPECT_LT(found, above + all / 10) << "the sketch leaves out too little to be of use";
}

TEST(Head, candidates_are_not_lost_where_rounding_to_8_bits_takes_all_of_a_product) {
  // Of one side every value but the first is just below half a step of 8 bits, of the other the first is 0: nothing is
  // left of the product of the sketches, and the bound is met exactly.
  constexpr std::size_t kHidden = 16;
  std::vector<float> small(kHidden, 0.49F), whole(kHidden, 127.0F);
  small[0] = 127.0F;
  whole[0] = 0.0F;
  const float product = 0.49F * 127.0F * (kHidden - 1);
  const std::vector<float> bias(1, -0.999F * product);
  const std::uint32_t offsets[] = {0, 1};
  for (const auto precision : kPrecisions) {
    for (const bool entry_is_small : {false, true}) {
      const auto& entry = entry_is_small ? small : whole;
      const auto& row = entry_is_small ? whole : small;
      const auto head = PackedHead::pack({entry.data(), 1, kHidden}, bias, precision).value();
      std::vector<PassageTerms> out(1);
      Scratch scratch;
      head.terms({row.data(), 1, kHidden}, offsets, {}, out, scratch);
      ASSERT_EQ(out[0].terms.size(), 1U) << to_string(precision) << ' ' << entry_is_small;
    }
  }
}

double saturated(Saturation saturation, double x) {
  x = std::max(x, 0.0);
  if (saturation == Saturation::kNone) return x;
  return saturation == Saturation::kLog1p ? std::log1p(x) : std::log1p(std::log1p(x));
}

/// The weights of a passage by the definition.
std::vector<double> expected(const World& world, std::size_t passage, const HeadOptions& options) {
  std::vector<double> weights(world.vocabulary, 0.0);
  for (std::size_t j = 0; j < world.vocabulary; ++j) {
    for (std::size_t i = world.offsets[passage]; i < world.offsets[passage + 1]; ++i) {
      double logit = world.bias[j];
      for (std::size_t k = 0; k < world.hidden; ++k) logit += double{world.x.at(i, k)} * world.embeddings.at(j, k);
      const double weight = saturated(options.saturation, logit);
      weights[j] = options.pooling == Pooling::kMax ? std::max(weights[j], weight) : weights[j] + weight;
    }
  }
  return weights;
}

TEST(Head, terms_equal_the_definition) {
  for (std::uint32_t seed = 0; seed < 120; ++seed) {
    World world(seed);
    HeadOptions options;
    options.saturation = static_cast<Saturation>(world.rng() % 3);
    options.pooling = static_cast<Pooling>(world.rng() % 4 == 0);
    options.threshold = seed % 3 == 0 ? 0.7F : 0.0F;
    const auto head = PackedHead::pack(world.embeddings.view(), world.bias, Precision::kF32).value();
    std::vector<PassageTerms> out(world.passages());
    Scratch scratch;
    head.terms(world.x.view(), world.offsets, options, out, scratch);
    for (std::size_t p = 0; p < out.size(); ++p) {
      const auto weights = expected(world, p, options);
      std::size_t at = 0;
      for (std::uint32_t j = 0; j < world.vocabulary; ++j) {
        const bool kept = at < out[p].terms.size() && out[p].terms[at] == j;
        const double tolerance = 1e-3 + 1e-5 * weights[j];
        if (!kept) {
          ASSERT_LE(weights[j], static_cast<double>(options.threshold) + tolerance) << "seed=" << seed;
          continue;
        }
        ASSERT_NEAR(out[p].weights[at], weights[j], tolerance) << "seed=" << seed << " term " << j;
        ASSERT_GT(out[p].weights[at], options.threshold) << "seed=" << seed;
        ++at;
      }
      ASSERT_EQ(at, out[p].terms.size()) << "terms do not ascend, seed=" << seed;
    }
  }
}

TEST(Head, a_passage_does_not_depend_on_the_batch_nor_on_threads) {
  ThreadPool pool(2);
  for (std::uint32_t seed = 0; seed < 90; ++seed) {
    World world(seed);
    const auto precision = kPrecisions[seed % 2];
    HeadOptions options;
    options.positions = true;
    options.top_n = seed % 2 == 0 ? 1 + world.rng() % 20 : 0;
    for (const auto level : {Isa::kRef, Isa::kAvx2, Isa::kAvx512, Isa::kAmx}) {
      const auto head = PackedHead::pack(world.embeddings.view(), world.bias, precision, level).value();
      std::vector<PassageTerms> whole(world.passages()), threaded(world.passages());
      Scratch scratch;
      head.terms(world.x.view(), world.offsets, options, whole, scratch);
      ASSERT_TRUE(head.terms(world.x.view(), world.offsets, options, threaded, scratch, pool));
      for (std::size_t p = 0; p < whole.size(); ++p) {
        const std::uint32_t rows = world.offsets[p + 1] - world.offsets[p];
        const std::uint32_t alone_offsets[] = {0, rows};
        std::vector<PassageTerms> alone(1);
        head.terms(world.x.view().row_range(world.offsets[p], rows), alone_offsets, options, alone, scratch);
        ASSERT_EQ(alone[0].terms, whole[p].terms) << head.kernel() << " seed=" << seed;
        ASSERT_EQ(alone[0].weights, whole[p].weights) << head.kernel() << " seed=" << seed;
        ASSERT_EQ(alone[0].positions, whole[p].positions) << head.kernel() << " seed=" << seed;
        ASSERT_EQ(threaded[p].terms, whole[p].terms) << head.kernel() << " seed=" << seed;
        ASSERT_EQ(threaded[p].weights, whole[p].weights) << head.kernel() << " seed=" << seed;
        ASSERT_EQ(threaded[p].positions, whole[p].positions) << head.kernel() << " seed=" << seed;
      }
    }
  }
}

TEST(Head, positions_name_the_token_that_gave_the_weight) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    World world(seed);
    HeadOptions options;
    options.positions = true;
    const auto head = PackedHead::pack(world.embeddings.view(), world.bias, Precision::kF32).value();
    std::vector<PassageTerms> out(world.passages());
    Scratch scratch;
    head.terms(world.x.view(), world.offsets, options, out, scratch);
    for (std::size_t p = 0; p < out.size(); ++p) {
      ASSERT_EQ(out[p].positions.size(), out[p].terms.size());
      for (std::size_t t = 0; t < out[p].terms.size(); ++t) {
        ASSERT_LT(out[p].positions[t], world.offsets[p + 1] - world.offsets[p]);
        const std::size_t row = world.offsets[p] + out[p].positions[t];
        double logit = world.bias[out[p].terms[t]];
        for (std::size_t k = 0; k < world.hidden; ++k) {
          logit += double{world.x.at(row, k)} * world.embeddings.at(out[p].terms[t], k);
        }
        ASSERT_NEAR(out[p].weights[t], std::log1p(std::max(logit, 0.0)), 1e-3) << "seed=" << seed;
      }
    }
  }
}

TEST(Head, top_n_keeps_the_heaviest_and_of_equal_ones_the_first) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    World world(seed);
    for (auto& value : world.bias) value = std::round(value);  // ties between terms with equal embeddings
    for (std::size_t j = 1; j < world.vocabulary; j += 2) {
      std::copy_n(world.embeddings.view().row(j - 1), world.hidden, world.embeddings.view().row(j));
    }
    const auto head = PackedHead::pack(world.embeddings.view(), world.bias, Precision::kF32).value();
    std::vector<PassageTerms> all(world.passages()), some(world.passages());
    Scratch scratch;
    HeadOptions options;
    head.terms(world.x.view(), world.offsets, options, all, scratch);
    options.top_n = 1 + world.rng() % 15;
    head.terms(world.x.view(), world.offsets, options, some, scratch);
    for (std::size_t p = 0; p < all.size(); ++p) {
      std::vector<std::pair<float, std::uint32_t>> order;
      for (std::size_t i = 0; i < all[p].terms.size(); ++i) order.emplace_back(-all[p].weights[i], all[p].terms[i]);
      std::sort(order.begin(), order.end());
      order.resize(std::min(order.size(), options.top_n));
      std::vector<std::uint32_t> wanted;
      for (const auto& [weight, term] : order) wanted.push_back(term);
      std::sort(wanted.begin(), wanted.end());
      ASSERT_EQ(some[p].terms, wanted) << "seed=" << seed;
    }
  }
}

TEST(Head, logits_that_are_not_numbers_are_never_a_maximum) {
  for (const auto precision : kPrecisions) {
    for (const auto level : {Isa::kRef, Isa::kAvx2, Isa::kAvx512, Isa::kAmx}) {
      World world(12);
      world.x = random_matrix(world.rng, 40, world.hidden);
      world.offsets = {0, 20, 40};
      const auto head = PackedHead::pack(world.embeddings.view(), world.bias, precision, level).value();
      const std::uint32_t without[] = {0, 19, 39};
      std::vector<PassageTerms> clean(2), broken(2);
      Scratch scratch;
      OwnedMatrix rest(39, world.hidden);
      for (std::size_t i = 0; i < 39; ++i) {
        std::copy_n(world.x.view().row(i < 5 ? i : i + 1), world.hidden, rest.view().row(i));
      }
      head.terms(rest.view(), without, {}, clean, scratch);
      for (std::size_t k = 0; k < world.hidden; ++k) world.x.at(5, k) = NAN;
      head.terms(world.x.view(), world.offsets, {}, broken, scratch);
      for (std::size_t p = 0; p < 2; ++p) {
        EXPECT_EQ(broken[p].terms, clean[p].terms) << head.kernel();
        EXPECT_EQ(broken[p].weights, clean[p].weights) << head.kernel();
      }
    }
  }
}

TEST(Head, an_empty_batch_and_bad_weights_are_told_apart) {
  World world(4);
  const auto head = PackedHead::pack(world.embeddings.view(), {}, Precision::kF32).value();
  const std::uint32_t none[] = {0, 0};
  std::vector<PassageTerms> out(1);
  out[0].terms = {1, 2, 3};
  Scratch scratch;
  head.terms(world.x.view().row_range(0, 0), none, {}, out, scratch);
  EXPECT_TRUE(out[0].terms.empty());
  EXPECT_EQ(head.hidden(), world.hidden);
  EXPECT_EQ(head.vocabulary(), world.vocabulary);
  EXPECT_GE(head.bytes(), world.vocabulary * world.hidden);
  world.embeddings.at(0, 0) = INFINITY;
  EXPECT_EQ(PackedHead::pack(world.embeddings.view(), {}, Precision::kF32).error().message,
            "vocabulary head: the weight of row 0, column 0 is inf, wanted finite numbers");
}

}  // namespace
}  // namespace tamis::tensor
