#pragma once

#include <tamis/tensor/attention.h>

#include "packed.h"

namespace tamis::tensor {

/// One way of computing attention; shapes are checked, scale is set.
using AttentionFn = void(ConstMatrixView queries, ConstMatrixView keys, ConstMatrixView values, MatrixView out,
                         const AttentionOptions& options, Scratch& scratch);
using AttentionVariant = Variant<AttentionFn>;
[[nodiscard]] std::span<const AttentionVariant> attention_variants(Precision precision) noexcept;

// The kernels of each instruction set, defined in the files of their names.
namespace ref {
extern const LinearKernel kLinearF32, kLinearBf16, kLinearInt8;
extern const HeadKernel kHeadF32, kHeadBf16, kHeadInt8;
AttentionFn attention_f32, attention_bf16;
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
}  // namespace amx
#endif

}  // namespace tamis::tensor
