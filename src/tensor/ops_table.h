#pragma once

#include <tamis/base/variants.h>
#include <tamis/tensor/ops.h>

#include <cstddef>
#include <cstdint>
#include <span>

/// An entry of a table of variants that only x86-64 has.
#if defined(__x86_64__)
#define TAMIS_X86(...) __VA_ARGS__,
#else
#define TAMIS_X86(...)
#endif

namespace tamis::tensor {

/// The elementwise kernels of one instruction set; each works on one row. The tests walk all that the machine can run.
struct OpsTable {
  void (*activate)(Activation activation, float* x, std::size_t n);
  /// gamma and beta may be null.
  void (*layer_norm)(const float* x, const float* gamma, const float* beta, float epsilon, std::size_t n, float* out);
  /// out = activation(x) * gate.
  void (*gate)(Activation activation, const float* x, const float* gate, std::size_t n, float* out);
  /// out += x.
  void (*add)(const float* x, std::size_t n, float* out);
  void (*softmax)(float* x, std::size_t n);
  void (*rotate)(float* x, const float* cos, const float* sin, std::size_t half);
  /// out = activation(sums + bias) + residual; residual may be null or out.
  void (*finish)(const float* sums, const float* bias, Activation activation, const float* residual, std::size_t n,
                 float* out);
  /// Writes the entries whose largest product + bias is above 0, ascending: their numbers from `first` on, and the
  /// sums. Room for n + 16 of each; returns how many.
  std::size_t (*collect)(const float* maxima, const float* bias, std::size_t n, std::uint32_t first,
                         std::uint32_t* entries, float* sums);
  void (*round_bf16)(const float* x, std::size_t n, std::uint16_t* out);
};

using OpsVariant = Variant<const OpsTable>;
/// All variants, best first, ref last.
[[nodiscard]] std::span<const OpsVariant> ops_variants() noexcept;
/// The one for this machine.
[[nodiscard]] const OpsTable& ops();
/// The best one of at most `level`.
[[nodiscard]] const OpsTable& ops(Isa level);

/// The best variant that the machine can run and `level` allows; `choose()`'s own choice when `level` allows all.
template <class Fn, std::size_t N>
[[nodiscard]] const Variant<Fn>& choose_up_to(std::string_view kernel, const Variant<Fn> (&table)[N], Isa level) {
  if (level >= usable_isa()) return choose(kernel, table);
  for (const auto& variant : table) {
    if (variant.isa <= level) return variant;
  }
  return table[N - 1];
}

namespace ref {
extern const OpsTable kOps;
}
namespace avx2 {
extern const OpsTable kOps;
}
namespace avx512 {
extern const OpsTable kOps;
}

}  // namespace tamis::tensor
