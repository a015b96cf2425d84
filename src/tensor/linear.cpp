#include <fmt/format.h>
#include <tamis/base/check.h>
#include <tamis/tensor/linear.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "packed.h"

namespace tamis::tensor {
namespace {

constexpr std::array<std::string_view, 2> kNames = {"f32", "bf16"};

}  // namespace

std::string_view to_string(Precision precision) noexcept { return kNames[static_cast<std::size_t>(precision)]; }

Result<Precision> parse_precision(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    return Error{Code::kInvalidArgument, fmt::format("precision: unknown '{}', wanted f32 or bf16", name)};
  }
  return static_cast<Precision>(found - kNames.begin());
}

Precision best_precision(Isa level) noexcept {
  return std::min(level, usable_isa()) >= Isa::kAmx ? Precision::kBf16 : Precision::kF32;
}

namespace {

bool all_finite(const float* values, std::size_t n) {
  constexpr std::uint32_t kExponent = 0x7F800000U;
  constexpr std::size_t kStep = 32;  // a loop of known length without a branch becomes vector code
  const auto bad_bits = [](float value) {
    return (std::bit_cast<std::uint32_t>(value) & kExponent) == kExponent ? 1U : 0U;
  };
  std::uint32_t bad = 0;
  std::size_t i = 0;
  for (; i + kStep <= n; i += kStep) {
    for (std::size_t k = 0; k < kStep; ++k) bad |= bad_bits(values[i + k]);
  }
  for (; i < n; ++i) bad |= bad_bits(values[i]);
  return bad == 0;
}

}  // namespace

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
    for (std::size_t j = all_finite(row, weights.cols) ? weights.cols : 0; j < weights.cols; ++j) {
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

namespace {

/// Rounded rows by a kernel that takes floats, some at a time.
void run_widened(const LinearKernel& kernel, const PackedWeights& weights, ConstBf16View x, const Destination& out,
                 const Epilogue& epilogue, Scratch& scratch) {
  constexpr std::size_t kRows = 64;
  const bool rounds = !out.rounded.empty();
  auto* const wide = scratch.take<float>(Scratch::kWide, kRows * weights.in);
  auto* const result = scratch.take<float>(Scratch::kWideOut, rounds ? kRows * weights.out : 0);
  for (std::size_t i = 0; i < x.rows; i += kRows) {
    const std::size_t rows = std::min(kRows, x.rows - i);
    const MatrixView input(wide, rows, weights.in);
    widen(x.row_range(i, rows), input);
    const MatrixView to = rounds ? MatrixView(result, rows, weights.out) : out.wide.row_range(i, rows);
    auto part = epilogue;
    if (!part.residual.empty()) part.residual = part.residual.row_range(i, rows);
    kernel.run(weights, input, to, part, scratch);
    if (rounds) round_to_bf16(to, out.rounded.row_range(i, rows));
  }
}

template <class In, class Out>
void check_shapes(const PackedWeights& weights, const In& x, const Out& out, const Epilogue& epilogue) {
  TAMIS_CHECK(x.cols == weights.in && out.cols == weights.out && x.rows == out.rows, "linear: shapes differ");
  TAMIS_CHECK(epilogue.residual.empty() || (epilogue.residual.rows == out.rows && epilogue.residual.cols == out.cols),
              "linear: the residual's shape differs");
}

void run_rounded(const LinearKernel& kernel, const PackedWeights& weights, ConstBf16View x, const Destination& out,
                 const Epilogue& epilogue, Scratch& scratch) {
  if (x.rows == 0) return;
  if (kernel.run_rounded != nullptr) return kernel.run_rounded(weights, x, out, epilogue, scratch);
  run_widened(kernel, weights, x, out, epilogue, scratch);
}

}  // namespace

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
  check_shapes(*weights_, x, out, epilogue);
  if (x.rows != 0) kernel_->run(*weights_, x, out, epilogue, scratch);
}

void PackedLinear::apply(ConstBf16View x, MatrixView out, const Epilogue& epilogue, Scratch& scratch) const {
  check_shapes(*weights_, x, out, epilogue);
  run_rounded(*kernel_, *weights_, x, {out, {}}, epilogue, scratch);
}

void PackedLinear::apply(ConstBf16View x, Bf16View out, const Epilogue& epilogue, Scratch& scratch) const {
  check_shapes(*weights_, x, out, epilogue);
  run_rounded(*kernel_, *weights_, x, {{}, out}, epilogue, scratch);
}

std::size_t PackedLinear::in() const noexcept { return weights_->in; }
std::size_t PackedLinear::out() const noexcept { return weights_->out; }
std::size_t PackedLinear::bytes() const noexcept { return weights_->bytes(); }
std::string_view PackedLinear::kernel() const noexcept { return kernel_->name; }

}  // namespace tamis::tensor
