// The definitions of the products: plain loops over rounded operands, sums in ascending order of k.

#include <algorithm>
#include <cstring>
#include <limits>

#include "bfloat.h"
#include "kernels.h"

namespace tamis::tensor {
namespace {

/// What distinguishes the precisions: how operands are rounded.
struct F32 {
  static void encode(const float* x, std::size_t n, float* out) { std::copy_n(x, n, out); }
};
struct Bf16 {
  static void encode(const float* x, std::size_t n, float* out) { std::transform(x, x + n, out, round_bf16); }
};

template <class P>
void pack(ConstMatrixView weights, PackedWeights& packed) {
  packed.data = AlignedBuffer<std::byte>(weights.rows * weights.cols * sizeof(float));
  for (std::size_t i = 0; i < weights.rows; ++i) {
    P::encode(weights.row(i), weights.cols, packed.as<float>() + i * weights.cols);
  }
}

template <class P>
PreparedRows prepare(const PackedWeights& weights, ConstMatrixView x, std::span<const std::uint32_t> offsets,
                     Scratch& scratch) {
  auto* const data = scratch.take<float>(Scratch::kActivations, x.rows * weights.in);
  for (std::size_t i = 0; i < x.rows; ++i) P::encode(x.row(i), weights.in, data + i * weights.in);
  PreparedRows rows;
  rows.data = data;
  rows.offsets = offsets;
  return rows;
}

float product(const PackedWeights& weights, const PreparedRows& rows, std::size_t row, std::size_t entry) {
  const auto* const x = static_cast<const float*>(rows.data) + row * weights.in;
  const auto* const w = weights.as<float>() + entry * weights.in;
  float sum = 0;
  for (std::size_t k = 0; k < weights.in; ++k) sum += x[k] * w[k];
  return sum;
}

template <class P>
void run(const PackedWeights& weights, ConstMatrixView x, MatrixView out, const Epilogue& epilogue, Scratch& scratch) {
  const auto rows = prepare<P>(weights, x, {}, scratch);
  auto* const sums = scratch.take<float>(Scratch::kProducts, weights.out);
  for (std::size_t i = 0; i < x.rows; ++i) {
    for (std::size_t j = 0; j < weights.out; ++j) sums[j] = product(weights, rows, i, j);
    finish(weights, epilogue, {sums, 1, weights.out}, out, i, 0);
  }
}

void maxima(const PackedWeights& weights, const PreparedRows& rows, std::size_t first, std::size_t count, float* out,
            Scratch&) {
  for (std::size_t p = 0; p < rows.passages(); ++p) {
    for (std::size_t j = 0; j < count; ++j) {
      float largest = -std::numeric_limits<float>::infinity();
      for (std::size_t i = rows.offsets[p]; i < rows.offsets[p + 1] && first + j < weights.out; ++i) {
        const float sum = product(weights, rows, i, first + j);
        if (sum > largest) largest = sum;
      }
      out[p * count + j] = largest;
    }
  }
}

void products(const PackedWeights& weights, const PreparedRows& rows, std::size_t passage, std::size_t first,
              std::size_t count, float* out, Scratch&) {
  for (std::size_t i = 0; i < rows.rows_of(passage); ++i) {
    for (std::size_t j = 0; j < std::min(count, weights.out - first); ++j) {
      out[i * count + j] = product(weights, rows, rows.offsets[passage] + i, first + j);
    }
  }
}

}  // namespace

const LinearKernel ref::kLinearF32 = {"ref", pack<F32>, run<F32>, nullptr};
const LinearKernel ref::kLinearBf16 = {"ref", pack<Bf16>, run<Bf16>, nullptr};
const HeadKernel ref::kHeadF32 = {"ref", pack<F32>, prepare<F32>, maxima, products, nullptr, nullptr};
const HeadKernel ref::kHeadBf16 = {"ref", pack<Bf16>, prepare<Bf16>, maxima, products, nullptr, nullptr};

}  // namespace tamis::tensor
