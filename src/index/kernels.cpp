#include "kernels.h"

// g++ 12 takes the deliberately undefined registers of this header for mistakes (its bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#pragma GCC diagnostic pop
#include <tamis/base/buffer.h>
#include <tamis/base/variants.h>
#include <tamis/index/query_algorithm.h>
#include <tamis/index/sparse_field.h>

#include <bit>
#include <vector>

namespace tamis::index {
namespace {

constexpr std::uint32_t kWindow = kWindowPassages;

namespace ref {

template <class Level>
void sparse(const std::uint16_t* offsets, const Level* levels, std::uint32_t n, std::uint32_t weight,
            std::uint32_t* sums) {
  for (std::uint32_t i = 0; i < n; ++i) sums[offsets[i]] += weight * levels[i];
}
template <class Level>
void dense(const Level* levels, std::uint32_t weight, std::uint32_t* sums) {
  for (std::uint32_t i = 0; i < kWindow; ++i) sums[i] += weight * levels[i];
}
std::uint32_t scan(const std::uint32_t* sums, std::uint32_t least, std::uint32_t* found) {
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < kWindow; ++i) {
    if (sums[i] >= least) found[count++] = i;
  }
  return count;
}

}  // namespace ref

// AVX2 has no scatter and emulating it gained nothing over the plain loop, so sparse blocks start at AVX-512.
namespace avx2 {

__attribute__((target("avx2"))) __m256i widen(const std::uint8_t* levels) {
  return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(levels)));
}
__attribute__((target("avx2"))) __m256i widen(const std::uint16_t* levels) {
  return _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(levels)));
}
template <class Level>
__attribute__((target("avx2"))) void dense(const Level* levels, std::uint32_t weight, std::uint32_t* sums) {
  const __m256i w = _mm256_set1_epi32(static_cast<int>(weight));
  for (std::uint32_t i = 0; i < kWindow; i += 8) {
    auto* sum = reinterpret_cast<__m256i*>(sums + i);
    _mm256_store_si256(sum, _mm256_add_epi32(_mm256_load_si256(sum), _mm256_mullo_epi32(w, widen(levels + i))));
  }
}
__attribute__((target("avx2"))) std::uint32_t scan(const std::uint32_t* sums, std::uint32_t least,
                                                   std::uint32_t* found) {
  const __m256i bound = _mm256_set1_epi32(static_cast<int>(least));
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < kWindow; i += 8) {
    const __m256i sum = _mm256_load_si256(reinterpret_cast<const __m256i*>(sums + i));
    const __m256i reached = _mm256_cmpeq_epi32(_mm256_max_epu32(sum, bound), sum);
    auto mask = static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(reached)));
    for (; mask != 0; mask &= mask - 1) found[count++] = i + static_cast<std::uint32_t>(std::countr_zero(mask));
  }
  return count;
}

}  // namespace avx2

namespace avx512 {

#define TAMIS_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))

TAMIS_AVX512 __m512i widen(__mmask16 mask, const std::uint8_t* levels) {
  return _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, levels));
}
TAMIS_AVX512 __m512i widen(__mmask16 mask, const std::uint16_t* levels) {
  return _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, levels));
}
template <class Level>
TAMIS_AVX512 void sparse(const std::uint16_t* offsets, const Level* levels, std::uint32_t n, std::uint32_t weight,
                         std::uint32_t* sums) {
  const __m512i w = _mm512_set1_epi32(static_cast<int>(weight));
  for (std::uint32_t i = 0; i < n; i += 16) {
    const auto mask = static_cast<__mmask16>(n - i >= 16 ? 0xFFFFU : (1U << (n - i)) - 1U);
    const __m512i at = widen(mask, offsets + i);
    const __m512i sum = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), mask, at, sums, 4);
    const __m512i add = _mm512_mullo_epi32(w, widen(mask, levels + i));
    _mm512_mask_i32scatter_epi32(sums, mask, at, _mm512_add_epi32(sum, add), 4);
  }
}
template <class Level>
TAMIS_AVX512 void dense(const Level* levels, std::uint32_t weight, std::uint32_t* sums) {
  const __m512i w = _mm512_set1_epi32(static_cast<int>(weight));
  for (std::uint32_t i = 0; i < kWindow; i += 16) {
    const __m512i add = _mm512_mullo_epi32(w, widen(0xFFFF, levels + i));
    _mm512_store_si512(sums + i, _mm512_add_epi32(_mm512_load_si512(sums + i), add));
  }
}
TAMIS_AVX512 std::uint32_t scan(const std::uint32_t* sums, std::uint32_t least, std::uint32_t* found) {
  const __m512i bound = _mm512_set1_epi32(static_cast<int>(least));
  const __m512i lanes = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < kWindow; i += 16) {
    const __mmask16 mask = _mm512_cmpge_epu32_mask(_mm512_load_si512(sums + i), bound);
    if (mask == 0) continue;
    const __m512i at = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(i)), lanes);
    _mm512_storeu_si512(found + count, _mm512_maskz_compress_epi32(mask, at));
    count += static_cast<std::uint32_t>(std::popcount(static_cast<unsigned>(mask)));
  }
  return count;
}

#undef TAMIS_AVX512

}  // namespace avx512

constexpr Variant<void(const std::uint16_t*, const std::uint8_t*, std::uint32_t, std::uint32_t, std::uint32_t*)>
    kSparse8[] = {{"avx512", Isa::kAvx512, avx512::sparse<std::uint8_t>},
                  {"ref", Isa::kRef, ref::sparse<std::uint8_t>}};
constexpr Variant<void(const std::uint16_t*, const std::uint16_t*, std::uint32_t, std::uint32_t, std::uint32_t*)>
    kSparse16[] = {{"avx512", Isa::kAvx512, avx512::sparse<std::uint16_t>},
                   {"ref", Isa::kRef, ref::sparse<std::uint16_t>}};
constexpr Variant<void(const std::uint8_t*, std::uint32_t, std::uint32_t*)> kDense8[] = {
    {"avx512", Isa::kAvx512, avx512::dense<std::uint8_t>},
    {"avx2", Isa::kAvx2, avx2::dense<std::uint8_t>},
    {"ref", Isa::kRef, ref::dense<std::uint8_t>}};
constexpr Variant<void(const std::uint16_t*, std::uint32_t, std::uint32_t*)> kDense16[] = {
    {"avx512", Isa::kAvx512, avx512::dense<std::uint16_t>},
    {"avx2", Isa::kAvx2, avx2::dense<std::uint16_t>},
    {"ref", Isa::kRef, ref::dense<std::uint16_t>}};
constexpr Variant<std::uint32_t(const std::uint32_t*, std::uint32_t, std::uint32_t*)> kScan[] = {
    {"avx512", Isa::kAvx512, avx512::scan}, {"avx2", Isa::kAvx2, avx2::scan}, {"ref", Isa::kRef, ref::scan}};

constexpr KernelTable kTables[] = {{"avx512", avx512::sparse<std::uint8_t>, avx512::sparse<std::uint16_t>,
                                    avx512::dense<std::uint8_t>, avx512::dense<std::uint16_t>, avx512::scan},
                                   {"avx2", ref::sparse<std::uint8_t>, ref::sparse<std::uint16_t>,
                                    avx2::dense<std::uint8_t>, avx2::dense<std::uint16_t>, avx2::scan},
                                   {"ref", ref::sparse<std::uint8_t>, ref::sparse<std::uint16_t>,
                                    ref::dense<std::uint8_t>, ref::dense<std::uint16_t>, ref::scan}};

}  // namespace

void accumulate_sparse(const std::uint16_t* offsets, const std::uint8_t* levels, std::uint32_t n, std::uint32_t weight,
                       std::uint32_t* sums) {
  static const auto run = choose("index/accumulate_sparse8", kSparse8).run;
  run(offsets, levels, n, weight, sums);
}
void accumulate_sparse(const std::uint16_t* offsets, const std::uint16_t* levels, std::uint32_t n, std::uint32_t weight,
                       std::uint32_t* sums) {
  static const auto run = choose("index/accumulate_sparse16", kSparse16).run;
  run(offsets, levels, n, weight, sums);
}
void accumulate_dense(const std::uint8_t* levels, std::uint32_t weight, std::uint32_t* sums) {
  static const auto run = choose("index/accumulate_dense8", kDense8).run;
  run(levels, weight, sums);
}
void accumulate_dense(const std::uint16_t* levels, std::uint32_t weight, std::uint32_t* sums) {
  static const auto run = choose("index/accumulate_dense16", kDense16).run;
  run(levels, weight, sums);
}
std::uint32_t scan_window(const std::uint32_t* sums, std::uint32_t least, std::uint32_t* found) {
  static const auto run = choose("index/scan_window", kScan).run;
  return run(sums, least, found);
}

void choose_kernels() {
  AlignedBuffer<std::uint32_t> sums(kWindowPassages), found(kWindowPassages + 16);
  const AlignedBuffer<std::uint16_t> levels16(kWindowPassages);
  const AlignedBuffer<std::uint8_t> levels8(kWindowPassages);
  accumulate_sparse(levels16.data(), levels8.data(), 0, 0, sums.data());
  accumulate_sparse(levels16.data(), levels16.data(), 0, 0, sums.data());
  accumulate_dense(levels8.data(), 0, sums.data());
  accumulate_dense(levels16.data(), 0, sums.data());
  static_cast<void>(scan_window(sums.data(), 1, found.data()));
}

std::span<const KernelTable> kernel_tables() {
  const auto skip = usable_isa() >= Isa::kAvx512 ? 0U : usable_isa() >= Isa::kAvx2 ? 1U : 2U;
  return std::span<const KernelTable>(kTables).subspan(skip);
}

}  // namespace tamis::index
