#include <tamis/base/check.h>
#include <tamis/tensor/ops.h>

#include <algorithm>
#include <cmath>

#include "bfloat.h"
#include "ops_table.h"

namespace tamis::tensor {
namespace {

constexpr OpsVariant kVariants[] = {TAMIS_X86({"avx512", Isa::kAvx512, &avx512::kOps})
                                        TAMIS_X86({"avx2", Isa::kAvx2, &avx2::kOps}){"ref", Isa::kRef, &ref::kOps}};

template <class A, class B>
bool same_shape(const BasicMatrixView<A>& a, const BasicMatrixView<B>& b) {
  return a.rows == b.rows && a.cols == b.cols;
}
bool fits(std::span<const float> values, std::size_t n) { return values.empty() || values.size() == n; }

}  // namespace

std::span<const OpsVariant> ops_variants() noexcept { return kVariants; }
const OpsTable& ops() {
  static const OpsTable& table = *choose("tensor/ops", kVariants).run;
  return table;
}
const OpsTable& ops(Isa level) { return *choose_up_to("tensor/ops", kVariants, level).run; }

void activate(Activation activation, MatrixView x) {
  const auto run = ops().activate;
  for (std::size_t i = 0; i < x.rows; ++i) run(activation, x.row(i), x.cols);
}

void layer_norm(ConstMatrixView x, std::span<const float> gamma, std::span<const float> beta, float epsilon,
                MatrixView out) {
  TAMIS_CHECK(same_shape(x, out) && fits(gamma, x.cols) && fits(beta, x.cols), "layer_norm: shapes differ");
  const auto run = ops().layer_norm;
  for (std::size_t i = 0; i < x.rows; ++i) run(x.row(i), gamma.data(), beta.data(), epsilon, x.cols, out.row(i));
}

void layer_norm(ConstMatrixView x, std::span<const float> gamma, std::span<const float> beta, float epsilon,
                MatrixView out, Bf16View rounded) {
  TAMIS_CHECK(same_shape(x, out) && same_shape(x, rounded) && fits(gamma, x.cols) && fits(beta, x.cols),
              "layer_norm: shapes differ");
  const auto& run = ops();
  for (std::size_t i = 0; i < x.rows; ++i) {
    run.layer_norm(x.row(i), gamma.data(), beta.data(), epsilon, x.cols, out.row(i));
    run.round_bf16(out.row(i), x.cols, rounded.row(i));
  }
}

void round_to_bf16(ConstMatrixView x, Bf16View out) {
  TAMIS_CHECK(same_shape(x, out), "round_to_bf16: shapes differ");
  const auto run = ops().round_bf16;
  for (std::size_t i = 0; i < x.rows; ++i) run(x.row(i), x.cols, out.row(i));
}

void widen(ConstBf16View x, MatrixView out) {
  TAMIS_CHECK(same_shape(x, out), "widen: shapes differ");
  for (std::size_t i = 0; i < x.rows; ++i) std::transform(x.row(i), x.row(i) + x.cols, out.row(i), from_bf16);
}

void gated_activation(Activation activation, ConstMatrixView x, MatrixView out) {
  TAMIS_CHECK(x.rows == out.rows && x.cols == 2 * out.cols, "gated_activation: shapes differ");
  const auto run = ops().gate;
  for (std::size_t i = 0; i < x.rows; ++i) run(activation, x.row(i), x.row(i) + out.cols, out.cols, out.row(i));
}

void add(ConstMatrixView x, MatrixView out) {
  TAMIS_CHECK(same_shape(x, out), "add: shapes differ");
  const auto run = ops().add;
  for (std::size_t i = 0; i < x.rows; ++i) run(x.row(i), x.cols, out.row(i));
}

void softmax(MatrixView x) {
  const auto run = ops().softmax;
  for (std::size_t i = 0; i < x.rows && x.cols != 0; ++i) run(x.row(i), x.cols);
}

void sum_embeddings(std::span<const Embedding> embeddings, MatrixView out) {
  for (const auto& [table, ids] : embeddings) {
    TAMIS_CHECK(table.cols == out.cols && ids.size() == out.rows, "sum_embeddings: shapes differ");
    for (const auto id : ids) TAMIS_CHECK(id < table.rows, "sum_embeddings: an id outside the table");
  }
  const auto run = ops().add;
  for (std::size_t i = 0; i < out.rows; ++i) {
    std::fill_n(out.row(i), out.cols, 0.0F);
    for (const auto& [table, ids] : embeddings) run(table.row(ids[i]), out.cols, out.row(i));
  }
}

RotaryTable::RotaryTable(std::size_t head_dim, std::size_t positions, double theta)
    : half_(head_dim / 2), positions_(positions), cos_(half_ * positions), sin_(half_ * positions) {
  TAMIS_CHECK(head_dim != 0 && head_dim % 2 == 0, "RotaryTable: head_dim is odd or 0");
  for (std::size_t i = 0; i < half_; ++i) {
    // In f32, as the checkpoints' own code has it: frequency, then position times frequency.
    const auto exponent = static_cast<float>(2 * i) / static_cast<float>(head_dim);
    const auto frequency = static_cast<float>(1.0 / std::pow(theta, static_cast<double>(exponent)));
    for (std::size_t p = 0; p < positions; ++p) {
      const float angle = static_cast<float>(p) * frequency;
      cos_[p * half_ + i] = static_cast<float>(std::cos(static_cast<double>(angle)));
      sin_[p * half_ + i] = static_cast<float>(std::sin(static_cast<double>(angle)));
    }
  }
}

void RotaryTable::apply(MatrixView x, std::size_t first_position) const {
  TAMIS_CHECK(x.cols % (2 * half_) == 0 && first_position + x.rows <= positions_, "RotaryTable: shapes differ");
  const auto run = ops().rotate;
  for (std::size_t i = 0; i < x.rows; ++i) {
    const std::size_t at = (first_position + i) * half_;
    for (std::size_t c = 0; c < x.cols; c += 2 * half_) run(x.row(i) + c, cos_.data() + at, sin_.data() + at, half_);
  }
}

}  // namespace tamis::tensor
