// The tables of variants, best first, and what is picked from them.

#include <tamis/base/check.h>

#include <cmath>

#include "kernels.h"

namespace tamis::tensor {
namespace {

constexpr LinearVariant kLinearF32[] = {TAMIS_X86({"avx512", Isa::kAvx512, &avx512::kLinearF32}) TAMIS_X86(
    {"avx2", Isa::kAvx2, &avx2::kLinearF32}){"ref", Isa::kRef, &ref::kLinearF32}};
constexpr LinearVariant kLinearBf16[] = {
    TAMIS_X86({"amx", Isa::kAmx, &amx::kLinearBf16}) TAMIS_X86({"avx512", Isa::kAvx512, &avx512::kLinearBf16})
        TAMIS_X86({"avx2", Isa::kAvx2, &avx2::kLinearBf16}){"ref", Isa::kRef, &ref::kLinearBf16}};

constexpr HeadVariant kHeadF32[] = {TAMIS_X86({"avx512", Isa::kAvx512, &avx512::kHeadF32}) TAMIS_X86(
    {"avx2", Isa::kAvx2, &avx2::kHeadF32}){"ref", Isa::kRef, &ref::kHeadF32}};
constexpr HeadVariant kHeadBf16[] = {
    TAMIS_X86({"amx", Isa::kAmx, &amx::kHeadBf16}) TAMIS_X86({"avx512", Isa::kAvx512, &avx512::kHeadBf16})
        TAMIS_X86({"avx2", Isa::kAvx2, &avx2::kHeadBf16}){"ref", Isa::kRef, &ref::kHeadBf16}};

constexpr AttentionVariant kAttentionF32[] = {TAMIS_X86({"avx512", Isa::kAvx512, avx512::attention_f32}) TAMIS_X86(
    {"avx2", Isa::kAvx2, avx2::attention_f32}){"ref", Isa::kRef, ref::attention_f32}};
constexpr AttentionVariant kAttentionBf16[] = {
    TAMIS_X86({"amx", Isa::kAmx, amx::attention_bf16}) TAMIS_X86({"avx512", Isa::kAvx512, avx512::attention_bf16})
        TAMIS_X86({"avx2", Isa::kAvx2, avx2::attention_bf16}){"ref", Isa::kRef, ref::attention_bf16}};
constexpr RoundedAttentionVariant kAttentionRounded[] = {
    TAMIS_X86({"amx", Isa::kAmx, amx::attention_rounded}){"ref", Isa::kRef, ref::attention_rounded}};

template <class View>
bool same_shapes(const View& queries, const View& keys, const View& values) {
  const auto same = [&](const View& m) { return m.rows == queries.rows && m.cols == queries.cols; };
  return same(keys) && same(values);
}
/// The options with all defaults filled in.
template <class View>
AttentionOptions checked(const View& queries, AttentionOptions options) {
  TAMIS_CHECK(options.heads != 0 && queries.cols % options.heads == 0, "attention: heads do not divide the columns");
  if (!(options.scale > 0)) options.scale = 1.0F / std::sqrt(static_cast<float>(queries.cols / options.heads));
  return options;
}

}  // namespace

std::span<const LinearVariant> linear_variants(Precision precision) noexcept {
  return precision == Precision::kF32 ? std::span<const LinearVariant>(kLinearF32) : kLinearBf16;
}
const LinearKernel& linear_kernel(Precision precision, Isa level) {
  return precision == Precision::kF32 ? *choose_up_to("tensor/linear_f32", kLinearF32, level).run
                                      : *choose_up_to("tensor/linear_bf16", kLinearBf16, level).run;
}

std::span<const HeadVariant> head_variants(Precision precision) noexcept {
  return precision == Precision::kF32 ? std::span<const HeadVariant>(kHeadF32) : kHeadBf16;
}
const HeadKernel& head_kernel(Precision precision, Isa level) {
  return precision == Precision::kF32 ? *choose_up_to("tensor/head_f32", kHeadF32, level).run
                                      : *choose_up_to("tensor/head_bf16", kHeadBf16, level).run;
}

std::span<const AttentionVariant> attention_variants(Precision precision) noexcept {
  return precision == Precision::kF32 ? std::span<const AttentionVariant>(kAttentionF32) : kAttentionBf16;
}

std::span<const RoundedAttentionVariant> rounded_attention_variants() noexcept { return kAttentionRounded; }

void attention(ConstMatrixView queries, ConstMatrixView keys, ConstMatrixView values, MatrixView out,
               const AttentionOptions& options, Scratch& scratch) {
  TAMIS_CHECK(same_shapes(queries, keys, values) && out.rows == queries.rows && out.cols == queries.cols,
              "attention: shapes differ");
  const auto set = checked(queries, options);
  if (queries.empty()) return;
  const auto& variant = options.precision == Precision::kF32
                            ? choose_up_to("tensor/attention_f32", kAttentionF32, options.level)
                            : choose_up_to("tensor/attention_bf16", kAttentionBf16, options.level);
  variant.run(queries, keys, values, out, set, scratch);
}

void attention(ConstBf16View queries, ConstBf16View keys, ConstBf16View values, Bf16View out,
               const AttentionOptions& options, Scratch& scratch) {
  TAMIS_CHECK(same_shapes(queries, keys, values) && out.rows == queries.rows && out.cols == queries.cols,
              "attention: shapes differ");
  auto set = checked(queries, options);
  set.precision = Precision::kBf16;
  if (queries.empty()) return;
  choose_up_to("tensor/attention_rounded", kAttentionRounded, options.level)
      .run(queries, keys, values, out, set, scratch);
}

void choose_kernels() {
  static_cast<void>(ops());
  for (const auto precision : {Precision::kF32, Precision::kBf16}) {
    static_cast<void>(linear_kernel(precision, usable_isa()));
    static_cast<void>(head_kernel(precision, usable_isa()));
  }
  static_cast<void>(choose("tensor/attention_f32", kAttentionF32));
  static_cast<void>(choose("tensor/attention_bf16", kAttentionBf16));
  static_cast<void>(choose("tensor/attention_rounded", kAttentionRounded));
}

}  // namespace tamis::tensor
