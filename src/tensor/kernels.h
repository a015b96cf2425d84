#pragma once

#include <tamis/tensor/attention.h>

#include "packed.h"

namespace tamis::tensor {

/// One way of computing attention; shapes are checked, scale is set.
using AttentionFn = void(ConstMatrixView queries, ConstMatrixView keys, ConstMatrixView values, MatrixView out,
                         const AttentionOptions& options, Scratch& scratch);
using AttentionVariant = Variant<AttentionFn>;
[[nodiscard]] std::span<const AttentionVariant> attention_variants(Precision precision) noexcept;
/// The same of rounded operands.
using RoundedAttentionFn = void(ConstBf16View queries, ConstBf16View keys, ConstBf16View values, Bf16View out,
                                const AttentionOptions& options, Scratch& scratch);
using RoundedAttentionVariant = Variant<RoundedAttentionFn>;
[[nodiscard]] std::span<const RoundedAttentionVariant> rounded_attention_variants() noexcept;

// The kernels of each instruction set, defined in the files of their names.
namespace ref {
extern const LinearKernel kLinearF32, kLinearBf16;
extern const HeadKernel kHeadF32, kHeadBf16;
AttentionFn attention_f32, attention_bf16;
/// Widens the operands for the best attention of floats that options.level allows.
RoundedAttentionFn attention_rounded;
}  // namespace ref
#if defined(__x86_64__)
namespace avx2 {
extern const LinearKernel kLinearF32, kLinearBf16;
extern const HeadKernel kHeadF32, kHeadBf16;
AttentionFn attention_f32, attention_bf16;
}  // namespace avx2
namespace avx512 {
extern const LinearKernel kLinearF32, kLinearBf16;
extern const HeadKernel kHeadF32, kHeadBf16;
AttentionFn attention_f32, attention_bf16;
}  // namespace avx512
namespace amx {
extern const LinearKernel kLinearBf16;
extern const HeadKernel kHeadBf16;
AttentionFn attention_bf16;
RoundedAttentionFn attention_rounded;
}  // namespace amx
#endif

}  // namespace tamis::tensor
