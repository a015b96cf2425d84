#include <gtest/gtest.h>
#include <tamis/base/thread_pool.h>
#include <tamis/tensor/attention.h>
#include <tamis/tensor/head.h>
#include <tamis/tensor/linear.h>

#include <random>

#include "random_matrix.h"

namespace tamis::tensor {
namespace {

struct Outcome {
  std::vector<float> values;
  PassageTerms terms;
};

/// A linear layer, attention and the head over one passage, as an encoder calls them.
Outcome encode(const PackedLinear& layer, const PackedHead& head, const OwnedMatrix& x, Precision precision,
               Scratch& scratch) {
  OwnedMatrix all(x.rows, 3 * x.cols), out(x.rows, x.cols);
  layer.apply(x.view(), all.view(), {Activation::kGelu, {}}, scratch);
  AttentionOptions options;
  options.heads = 2;
  options.precision = precision;
  const auto part = [&](std::size_t i) { return all.view().columns(i * x.cols, x.cols); };
  attention(part(0), part(1), part(2), out.view(), options, scratch);
  const std::uint32_t offsets[] = {0, static_cast<std::uint32_t>(x.rows)};
  std::vector<PassageTerms> terms(1);
  head.terms(out.view(), offsets, {}, terms, scratch);
  return {out.values, std::move(terms[0])};
}

TEST(TensorThreads, each_thread_has_tile_registers_of_its_own_and_results_are_equal_on_all) {
  std::mt19937 rng(1);
  const auto weights = random_matrix(rng, 384, 128, 0.2F), embeddings = random_matrix(rng, 700, 128);
  std::vector<OwnedMatrix> passages;
  for (int i = 0; i < 24; ++i) passages.push_back(random_matrix(rng, 1 + rng() % 90, 128));
  for (const auto precision : {Precision::kF32, Precision::kBf16}) {
    const auto layer = PackedLinear::pack(weights.view(), {}, precision).value();
    const auto head = PackedHead::pack(embeddings.view(), {}, precision).value();
    std::vector<Outcome> alone(passages.size()), together(passages.size());
    Scratch scratch;
    for (std::size_t i = 0; i < passages.size(); ++i) alone[i] = encode(layer, head, passages[i], precision, scratch);
    ThreadPool pool(4);
    std::vector<Scratch> scratches(pool.size());
    ASSERT_TRUE(pool.parallel_for(passages.size(), [&](std::size_t i, std::size_t worker) {
      together[i] = encode(layer, head, passages[i], precision, scratches[worker]);
      return ok();
    }));
    for (std::size_t i = 0; i < passages.size(); ++i) {
      EXPECT_EQ(together[i].values, alone[i].values) << to_string(precision) << " passage " << i;
      EXPECT_EQ(together[i].terms.terms, alone[i].terms.terms) << to_string(precision) << " passage " << i;
      EXPECT_EQ(together[i].terms.weights, alone[i].terms.weights) << to_string(precision) << " passage " << i;
    }
  }
}

}  // namespace
}  // namespace tamis::tensor
