#include <fmt/format.h>
#include <tamis/base/check.h>
#include <tamis/tensor/linear.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "packed.h"

namespace tamis::tensor {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"f32", "bf16", "int8"};

}  // namespace

std::string_view to_string(Precision precision) noexcept { return kNames[static_cast<std::size_t>(precision)]; }

Result<Precision> parse_precision(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    return Error{Code::kInvalidArgument, fmt::format("precision: unknown '{}', wanted f32, bf16 or int8", name)};
  }
  return static_cast<Precision>(found - kNames.begin());
}

Precision best_precision(Isa level) noexcept {
  return std::min(level, usable_isa()) >= Isa::kAmx ? Precision::kBf16 : Precision::kF32;
}

Status check_weights(std::string_view what, ConstMatrixView weights, std::span<const float> bias) {
  if (weights.empty()) {
    return Error{Code::kInvalidArgument, fmt::format("{}: weights of {} x {}, wanted at least one row and column", what,
                                                     weights.rows, weights.cols)};
  }
  if (!bias.empty() && bias.size() != weights.rows) {
    return Error{Code::kInvalidArgument,
                 fmt::format("{}: bias of {} values, wanted {} or none", what, bias.size(), weights.rows)};
  }
  for (std::size_t i = 0; i < weights.rows; ++i) {
    const float* const row = weights.row(i);
    for (std::size_t j = 0; j < weights.cols; ++j) {
      if (!std::isfinite(row[j])) {
        return Error{
            Code::kInvalidArgument,
            fmt::format("{}: the weight of row {}, column {} is {}, wanted finite numbers", what, i, j, row[j])};
      }
    }
    if (!bias.empty() && !std::isfinite(bias[i])) {
      return Error{Code::kInvalidArgument, fmt::format("{}: bias {} is {}, wanted finite numbers", what, i, bias[i])};
    }
  }
  return ok();
}

void begin_packing(ConstMatrixView weights, std::span<const float> bias, Isa level, PackedWeights& packed) {
  packed.in = weights.cols;
  packed.out = weights.rows;
  packed.bias = AlignedBuffer<float>(round_up(weights.rows, kEntryAlign));
  std::copy(bias.begin(), bias.end(), packed.bias.data());
  packed.ops = &ops(level);
}

PackedLinear::PackedLinear(const LinearKernel* kernel, std::unique_ptr<PackedWeights> weights)
    : kernel_(kernel), weights_(std::move(weights)) {}
PackedLinear::PackedLinear(PackedLinear&&) noexcept = default;
PackedLinear& PackedLinear::operator=(PackedLinear&&) noexcept = default;
PackedLinear::~PackedLinear() = default;

Result<PackedLinear> PackedLinear::pack(ConstMatrixView weights, std::span<const float> bias, Precision precision,
                                        Isa level) {
  TAMIS_TRY_OK(check_weights("linear layer", weights, bias));
  auto packed = std::make_unique<PackedWeights>();
  begin_packing(weights, bias, level, *packed);
  const auto& kernel = linear_kernel(precision, level);
  kernel.pack(weights, *packed);
  return PackedLinear(&kernel, std::move(packed));
}

void PackedLinear::apply(ConstMatrixView x, MatrixView out, const Epilogue& epilogue, Scratch& scratch) const {
  TAMIS_CHECK(x.cols == weights_->in && out.cols == weights_->out && x.rows == out.rows, "linear: shapes differ");
  TAMIS_CHECK(epilogue.residual.empty() || (epilogue.residual.rows == out.rows && epilogue.residual.cols == out.cols),
              "linear: the residual's shape differs");
  if (x.rows != 0) kernel_->run(*weights_, x, out, epilogue, scratch);
}

std::size_t PackedLinear::in() const noexcept { return weights_->in; }
std::size_t PackedLinear::out() const noexcept { return weights_->out; }
std::size_t PackedLinear::bytes() const noexcept { return weights_->bytes(); }
std::string_view PackedLinear::kernel() const noexcept { return kernel_->name; }

}  // namespace tamis::tensor
