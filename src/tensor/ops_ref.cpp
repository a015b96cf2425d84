// The definitions of the elementwise kernels: plain loops.

#include <algorithm>
#include <cmath>

#include "bfloat.h"
#include "ops_table.h"

namespace tamis::tensor {
namespace {

float activated(Activation activation, float x) {
  switch (activation) {
    case Activation::kGelu:
      return 0.5F * x * (1.0F + std::erf(x * 0.70710678118654752F));
    case Activation::kGeluTanh:
      return 0.5F * x * (1.0F + std::tanh(0.79788456080286536F * (x + 0.044715F * x * x * x)));
    case Activation::kRelu:
      return x < 0 ? 0.0F : x;  // NaN stays
    case Activation::kSilu:
      return x / (1.0F + std::exp(-x));
    case Activation::kNone:
      break;
  }
  return x;
}

void activate_row(Activation activation, float* x, std::size_t n) {
  if (activation == Activation::kNone) return;
  for (std::size_t i = 0; i < n; ++i) x[i] = activated(activation, x[i]);
}

void layer_norm_row(const float* x, const float* gamma, const float* beta, float epsilon, std::size_t n, float* out) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += x[i];
  const double mean = sum / static_cast<double>(n);
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) squares += (x[i] - mean) * (x[i] - mean);
  const double inverse = 1.0 / std::sqrt(squares / static_cast<double>(n) + static_cast<double>(epsilon));
  for (std::size_t i = 0; i < n; ++i) {
    const auto normal = static_cast<float>((x[i] - mean) * inverse);
    out[i] = normal * (gamma == nullptr ? 1.0F : gamma[i]) + (beta == nullptr ? 0.0F : beta[i]);
  }
}

void gate_row(Activation activation, const float* x, const float* gate, std::size_t n, float* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = activated(activation, x[i]) * gate[i];
}

void add_row(const float* x, std::size_t n, float* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] += x[i];
}

void softmax_row(float* x, std::size_t n) {
  float largest = x[0];
  for (std::size_t i = 1; i < n; ++i) largest = std::max(largest, x[i]);
  float sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += x[i] = std::exp(x[i] - largest);
  for (std::size_t i = 0; i < n; ++i) x[i] /= sum;
}

void rotate_row(float* x, const float* cos, const float* sin, std::size_t half) {
  for (std::size_t i = 0; i < half; ++i) {
    const float a = x[i];
    const float b = x[i + half];
    x[i] = a * cos[i] - b * sin[i];
    x[i + half] = b * cos[i] + a * sin[i];
  }
}

void finish_row(const float* sums, const float* bias, Activation activation, const float* residual, std::size_t n,
                float* out) {
  for (std::size_t i = 0; i < n; ++i) {
    const float value = activated(activation, sums[i] + bias[i]);
    out[i] = residual == nullptr ? value : value + residual[i];
  }
}

std::size_t collect_row(const float* maxima, const float* bias, std::size_t n, std::uint32_t first,
                        std::uint32_t* entries, float* sums) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const float sum = maxima[i] + bias[i];
    if (!(sum > 0)) continue;
    entries[count] = first + static_cast<std::uint32_t>(i);
    sums[count++] = sum;
  }
  return count;
}

void round_row(const float* x, std::size_t n, std::uint16_t* out) { std::transform(x, x + n, out, to_bf16); }

}  // namespace

const OpsTable ref::kOps = {activate_row, layer_norm_row, gate_row,    add_row,  softmax_row,
                            rotate_row,   finish_row,     collect_row, round_row};

}  // namespace tamis::tensor
