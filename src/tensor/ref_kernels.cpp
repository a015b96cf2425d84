// The definitions of the products: plain loops over rounded operands, sums in ascending order of k.

#include <algorithm>
#include <cstring>
#include <limits>

#include "bfloat.h"
#include "kernels.h"
#include "quantize.h"

namespace tamis::tensor {
namespace {

/// What distinguishes the precisions: how an operand is stored and what a sum of products is worth.
struct F32 {
  using Value = float;
  using Sum = float;
  static float encode(const float* x, std::size_t n, float* out) {
    std::copy_n(x, n, out);
    return 1.0F;
  }
  static float value(float sum, float, float) { return sum; }
};
struct Bf16 : F32 {
  static float encode(const float* x, std::size_t n, float* out) {
    std::transform(x, x + n, out, round_bf16);
    return 1.0F;
  }
};
struct Int8 {
  using Value = std::int8_t;
  using Sum = std::int32_t;
  static float encode(const float* x, std::size_t n, std::int8_t* out) { return quantize_row(x, n, out); }
  static float value(std::int32_t sum, float row_scale, float scale) {
    return static_cast<float>(sum) * (row_scale * scale);
  }
};

template <class P>
void pack(ConstMatrixView weights, PackedWeights& packed) {
  packed.data = AlignedBuffer<std::byte>(weights.rows * weights.cols * sizeof(typename P::Value));
  packed.scales = AlignedBuffer<float>(weights.rows);
  auto* const data = packed.as<typename P::Value>();
  for (std::size_t i = 0; i < weights.rows; ++i) {
    packed.scales[i] = P::encode(weights.row(i), weights.cols, data + i * weights.cols);
  }
}

template <class P>
PreparedRows prepare(const PackedWeights& weights, ConstMatrixView x, std::span<const std::uint32_t> offsets,
                     Scratch& scratch) {
  auto* const data = scratch.take<typename P::Value>(Scratch::kActivations, x.rows * weights.in);
  auto* const scales = scratch.take<float>(Scratch::kScales, x.rows);
  for (std::size_t i = 0; i < x.rows; ++i) scales[i] = P::encode(x.row(i), weights.in, data + i * weights.in);
  PreparedRows rows;
  rows.data = data;
  rows.scales = scales;
  rows.offsets = offsets;
  return rows;
}

template <class P>
float product(const PackedWeights& weights, const PreparedRows& rows, std::size_t row, std::size_t entry) {
  const auto* const x = static_cast<const typename P::Value*>(rows.data) + row * weights.in;
  const auto* const w = weights.as<typename P::Value>() + entry * weights.in;
  typename P::Sum sum = 0;
  for (std::size_t k = 0; k < weights.in; ++k) sum += static_cast<typename P::Sum>(x[k]) * w[k];
  return P::value(sum, rows.scales[row], weights.scales[entry]);
}

template <class P>
void run(const PackedWeights& weights, ConstMatrixView x, MatrixView out, const Epilogue& epilogue, Scratch& scratch) {
  const auto rows = prepare<P>(weights, x, {}, scratch);
  auto* const sums = scratch.take<float>(Scratch::kProducts, weights.out);
  for (std::size_t i = 0; i < x.rows; ++i) {
    for (std::size_t j = 0; j < weights.out; ++j) sums[j] = product<P>(weights, rows, i, j);
    finish(weights, epilogue, {sums, 1, weights.out}, out, i, 0);
  }
}

template <class P>
void maxima(const PackedWeights& weights, const PreparedRows& rows, std::size_t first, std::size_t count, float* out,
            Scratch&) {
  for (std::size_t p = 0; p < rows.passages(); ++p) {
    for (std::size_t j = 0; j < count; ++j) {
      float largest = -std::numeric_limits<float>::infinity();
      for (std::size_t i = rows.offsets[p]; i < rows.offsets[p + 1] && first + j < weights.out; ++i) {
        const float sum = product<P>(weights, rows, i, first + j);
        if (sum > largest) largest = sum;
      }
      out[p * count + j] = largest;
    }
  }
}

template <class P>
void products(const PackedWeights& weights, const PreparedRows& rows, std::size_t passage, std::size_t first,
              std::size_t count, float* out, Scratch&) {
  for (std::size_t i = 0; i < rows.rows_of(passage); ++i) {
    for (std::size_t j = 0; j < std::min(count, weights.out - first); ++j) {
      out[i * count + j] = product<P>(weights, rows, rows.offsets[passage] + i, first + j);
    }
  }
}

}  // namespace

const LinearKernel ref::kLinearF32 = {"ref", pack<F32>, run<F32>, nullptr};
const LinearKernel ref::kLinearBf16 = {"ref", pack<Bf16>, run<Bf16>, nullptr};
const LinearKernel ref::kLinearInt8 = {"ref", pack<Int8>, run<Int8>, nullptr};
const HeadKernel ref::kHeadF32 = {"ref", pack<F32>, prepare<F32>, maxima<F32>, products<F32>, nullptr, nullptr};
const HeadKernel ref::kHeadBf16 = {"ref", pack<Bf16>, prepare<Bf16>, maxima<Bf16>, products<Bf16>, nullptr, nullptr};
const HeadKernel ref::kHeadInt8 = {"ref", pack<Int8>, prepare<Int8>, maxima<Int8>, products<Int8>, nullptr, nullptr};

}  // namespace tamis::tensor
