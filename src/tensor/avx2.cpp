// The kernels of AVX2 with FMA, f32; bf16 rounds the operands and is computed in f32 likewise.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include "bfloat.h"
#include "kernels.h"
#include "target.h"

#if defined(__x86_64__)
namespace tamis::tensor {
namespace {

TAMIS_TARGET_BEGIN(TAMIS_AVX2)

// Each needs the one before.
// clang-format off
#include "vec_avx2.h"
#include "gelu_avx2.h"
#include "activation_simd.h"
#include "ops_simd.h"
#include "panel_simd.h"
#include "gemm_simd.h"
#include "head_simd.h"
#include "attention_simd.h"
// clang-format on

TAMIS_TARGET_END

}  // namespace

const OpsTable avx2::kOps = {activate_row, layer_norm_row, gate_row,    add_row,  softmax_row,
                             rotate_row,   finish_row,     collect_row, round_row};
const LinearKernel avx2::kLinearF32 = {"avx2", pack<false>, run<false>, nullptr};
const LinearKernel avx2::kLinearBf16 = {"avx2", pack<true>, run<true>, nullptr};
const HeadKernel avx2::kHeadF32 = {"avx2", pack<false>, prepare<false>, maxima, products, nullptr, nullptr};
const HeadKernel avx2::kHeadBf16 = {"avx2", pack<true>, prepare<true>, maxima, products, nullptr, nullptr};

void avx2::attention_f32(ConstMatrixView queries, ConstMatrixView keys, ConstMatrixView values, MatrixView out,
                         const AttentionOptions& options, Scratch& scratch) {
  attention<false>(queries, keys, values, out, options, scratch);
}
void avx2::attention_bf16(ConstMatrixView queries, ConstMatrixView keys, ConstMatrixView values, MatrixView out,
                          const AttentionOptions& options, Scratch& scratch) {
  attention<true>(queries, keys, values, out, options, scratch);
}

}  // namespace tamis::tensor
#endif
