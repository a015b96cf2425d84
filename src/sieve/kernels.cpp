#include "kernels.h"

// g++ 12 takes the deliberately undefined registers of this header for mistakes (its bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#pragma GCC diagnostic pop
#include <tamis/base/variants.h>

#include <bit>
#include <cstring>

#include "layout.h"

namespace tamis::sieve {
namespace {

/// Bits of the two halves of a block's estimates to bits of passages.
[[maybe_unused]] std::uint64_t spread(std::uint64_t half) {
  half = (half | half << 16U) & 0x0000FFFF0000FFFFULL;
  return (half | half << 8U) & 0x00FF00FF00FF00FFULL;
}

namespace ref {

void sum_bounds(const std::uint8_t* const* rows, const std::uint16_t* weights, std::size_t n, std::size_t blocks,
                std::uint16_t* sums) {
  for (std::size_t b = 0; b < blocks; ++b) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += share_of(rows[i][b], weights[i]);
    sums[b] = static_cast<std::uint16_t>(sum);
  }
}
std::size_t count_reaching(const std::uint16_t* values, std::size_t n, std::uint16_t least) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; ++i) count += values[i] >= least ? 1 : 0;
  return count;
}
std::size_t find_reaching(const std::uint16_t* values, std::size_t n, std::uint16_t least, std::uint32_t* found) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (values[i] >= least) found[count++] = static_cast<std::uint32_t>(i);
  }
  return count;
}
void add_runs(const Run* runs, std::size_t n, std::uint32_t width, std::uint16_t weight, std::uint16_t* estimates) {
  const RunShape shape{width};
  for (std::size_t i = 0; i < n; ++i) {
    const auto& [data, bytes, slot, most] = runs[i];
    std::uint16_t* const block = estimates + std::size_t{slot} * kBlock;
    const auto add = [&](std::uint32_t passage, std::uint32_t code) {
      std::uint16_t& estimate = block[lane_of(passage)];
      estimate = static_cast<std::uint16_t>(estimate + share_of(code, weight));
    };
    const std::uint32_t length = shape.length(bytes);
    if (shape.few(bytes)) {
      for (std::uint32_t p = 0; p < length; ++p) add(data[p], data[length + p]);
      continue;
    }
    std::uint64_t mask = 0;
    std::memcpy(&mask, data, 8);
    for (const std::uint8_t* code = data + 8; mask != 0; mask &= mask - 1) {
      add(static_cast<std::uint32_t>(std::countr_zero(mask)), *code++);
    }
  }
}
std::uint64_t passages_reaching(const std::uint16_t* estimates, std::uint16_t least) {
  std::uint64_t mask = 0;
  for (std::uint32_t p = 0; p < kBlock; ++p) mask |= std::uint64_t{estimates[lane_of(p)] >= least} << p;
  return mask;
}

}  // namespace ref

#if defined(__x86_64__)
namespace avx2 {

#define TAMIS_AVX2 __attribute__((target("avx2")))

TAMIS_AVX2 void sum_bounds(const std::uint8_t* const* rows, const std::uint16_t* weights, std::size_t n,
                           std::size_t blocks, std::uint16_t* sums) {
  for (std::size_t b = 0; b < blocks; b += 16) {
    __m256i sum = _mm256_setzero_si256();
    for (std::size_t i = 0; i < n; ++i) {
      const __m256i code = _mm256_cvtepu8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(rows[i] + b)));
      const __m256i weight = _mm256_set1_epi16(static_cast<short>(weights[i]));
      sum = _mm256_add_epi16(sum, _mm256_mulhi_epu16(_mm256_slli_epi16(code, 8), weight));
    }
    _mm256_store_si256(reinterpret_cast<__m256i*>(sums + b), sum);
  }
}
/// Of 32 values; natural order.
TAMIS_AVX2 std::uint32_t mask_of(const std::uint16_t* values, __m256i least) {
  const auto reaches = [&](const std::uint16_t* from) TAMIS_AVX2 {
    const __m256i x = _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
    return _mm256_cmpeq_epi16(_mm256_max_epu16(x, least), x);
  };
  const __m256i both = _mm256_packs_epi16(reaches(values), reaches(values + 16));
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_permute4x64_epi64(both, 0xD8)));
}
TAMIS_AVX2 std::size_t count_reaching(const std::uint16_t* values, std::size_t n, std::uint16_t least) {
  const __m256i bound = _mm256_set1_epi16(static_cast<short>(least));
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; i += 32) count += static_cast<std::size_t>(std::popcount(mask_of(values + i, bound)));
  return count;
}
TAMIS_AVX2 std::size_t find_reaching(const std::uint16_t* values, std::size_t n, std::uint16_t least,
                                     std::uint32_t* found) {
  const __m256i bound = _mm256_set1_epi16(static_cast<short>(least));
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; i += 32) {
    for (std::uint32_t mask = mask_of(values + i, bound); mask != 0; mask &= mask - 1) {
      found[count++] = static_cast<std::uint32_t>(i) + static_cast<std::uint32_t>(std::countr_zero(mask));
    }
  }
  return count;
}
TAMIS_AVX2 std::uint64_t passages_reaching(const std::uint16_t* estimates, std::uint16_t least) {
  const __m256i bound = _mm256_set1_epi16(static_cast<short>(least));
  return spread(mask_of(estimates, bound)) | spread(mask_of(estimates + 32, bound)) << 8U;
}

}  // namespace avx2

namespace avx512 {

#define TAMIS_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,bmi2,popcnt")))

/// Codes times weight, halves of 8 in turn.
struct Halves {
  __m512i low, high;
};
TAMIS_AVX512 inline Halves shares(__m512i codes, __m512i weight) {
  const __m512i zero = _mm512_setzero_si512();
  return {_mm512_mulhi_epu16(_mm512_unpacklo_epi8(zero, codes), weight),
          _mm512_mulhi_epu16(_mm512_unpackhi_epi8(zero, codes), weight)};
}
TAMIS_AVX512 void sum_bounds(const std::uint8_t* const* rows, const std::uint16_t* weights, std::size_t n,
                             std::size_t blocks, std::uint16_t* sums) {
  const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
  const __m512i second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
  for (std::size_t b = 0; b < blocks; b += 64) {
    __m512i low = _mm512_setzero_si512();
    __m512i high = low;
    for (std::size_t i = 0; i < n; ++i) {
      const auto more = shares(_mm512_load_si512(rows[i] + b), _mm512_set1_epi16(static_cast<short>(weights[i])));
      low = _mm512_add_epi16(low, more.low);
      high = _mm512_add_epi16(high, more.high);
    }
    _mm512_store_si512(sums + b, _mm512_permutex2var_epi64(low, first, high));
    _mm512_store_si512(sums + b + 32, _mm512_permutex2var_epi64(low, second, high));
  }
}
TAMIS_AVX512 std::size_t count_reaching(const std::uint16_t* values, std::size_t n, std::uint16_t least) {
  const __m512i bound = _mm512_set1_epi16(static_cast<short>(least));
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; i += 32) {
    count += static_cast<std::size_t>(std::popcount(_mm512_cmpge_epu16_mask(_mm512_load_si512(values + i), bound)));
  }
  return count;
}
TAMIS_AVX512 std::size_t find_reaching(const std::uint16_t* values, std::size_t n, std::uint16_t least,
                                       std::uint32_t* found) {
  const __m512i bound = _mm512_set1_epi16(static_cast<short>(least));
  const __m512i lanes = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; i += 32) {
    const __mmask32 mask = _mm512_cmpge_epu16_mask(_mm512_load_si512(values + i), bound);
    if (mask == 0) continue;
    for (std::uint32_t half = 0; half < 2; ++half) {
      const auto part = static_cast<__mmask16>(mask >> (16 * half));
      const __m512i at = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(i + 16 * half)), lanes);
      _mm512_storeu_si512(found + count, _mm512_maskz_compress_epi32(part, at));
      count += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(part)));
    }
  }
  return count;
}
template <std::uint32_t kWidth>
TAMIS_AVX512 void add_runs_of(const Run* runs, std::size_t n, std::uint16_t weight, std::uint16_t* estimates) {
  constexpr RunShape kShape{kWidth};
  const __m512i factor = _mm512_set1_epi16(static_cast<short>(weight));
  const __m512i one = _mm512_set1_epi64(1);
  for (std::size_t i = 0; i < n; ++i) {
    const auto& [data, bytes, slot, most] = runs[i];
    std::uint64_t mask = 0;
    std::memcpy(&mask, data, 8);
    std::uint32_t header = 8;
    if (kShape.few(bytes)) {
      header = bytes / (1 + kWidth);
      const auto used = static_cast<__mmask8>((1U << header) - 1U);
      const __m512i places = _mm512_cvtepu8_epi64(_mm_cvtsi64_si128(static_cast<long long>(mask)));
      mask = static_cast<std::uint64_t>(_mm512_reduce_or_epi64(_mm512_maskz_sllv_epi64(used, one, places)));
    }
    const __m512i codes = _mm512_maskz_expandloadu_epi8(mask, data + header);
    const auto more = shares(codes, factor);
    std::uint16_t* const block = estimates + std::size_t{slot} * kBlock;
    _mm512_store_si512(block, _mm512_add_epi16(_mm512_load_si512(block), more.low));
    _mm512_store_si512(block + 32, _mm512_add_epi16(_mm512_load_si512(block + 32), more.high));
  }
}
TAMIS_AVX512 void add_runs(const Run* runs, std::size_t n, std::uint32_t width, std::uint16_t weight,
                           std::uint16_t* estimates) {
  if (width == 1) return add_runs_of<1>(runs, n, weight, estimates);
  add_runs_of<2>(runs, n, weight, estimates);
}
TAMIS_AVX512 std::uint64_t passages_reaching(const std::uint16_t* estimates, std::uint16_t least) {
  const __m512i bound = _mm512_set1_epi16(static_cast<short>(least));
  return spread(_mm512_cmpge_epu16_mask(_mm512_load_si512(estimates), bound)) |
         spread(_mm512_cmpge_epu16_mask(_mm512_load_si512(estimates + 32), bound)) << 8U;
}

}  // namespace avx512
#endif

constexpr KernelTable kTables[] = {
#if defined(__x86_64__)
    {"avx512", avx512::sum_bounds, avx512::count_reaching, avx512::find_reaching, avx512::add_runs,
     avx512::passages_reaching},
    {"avx2", avx2::sum_bounds, avx2::count_reaching, avx2::find_reaching, ref::add_runs, avx2::passages_reaching},
#endif
    {"ref", ref::sum_bounds, ref::count_reaching, ref::find_reaching, ref::add_runs, ref::passages_reaching}};

/// The kernels go together, so one choice is enough.
using Pick = const KernelTable*();
const KernelTable* pick_best() { return &kTables[0]; }
const KernelTable* pick_ref() { return &kTables[std::size(kTables) - 1]; }
#if defined(__x86_64__)
const KernelTable* pick_avx2() { return &kTables[1]; }
constexpr Variant<Pick> kPicks[] = {
    {"avx512", Isa::kAvx512, pick_best}, {"avx2", Isa::kAvx2, pick_avx2}, {"ref", Isa::kRef, pick_ref}};
#else
constexpr Variant<Pick> kPicks[] = {{"ref", Isa::kRef, pick_ref}};
#endif

const KernelTable& kernels() {
  static const KernelTable* const table = choose("sieve/blocks", kPicks).run();
  return *table;
}

}  // namespace

void sum_bounds(const std::uint8_t* const* rows, const std::uint16_t* weights, std::size_t n, std::size_t blocks,
                std::uint16_t* sums) {
  kernels().sum_bounds(rows, weights, n, blocks, sums);
}
std::size_t count_reaching(const std::uint16_t* values, std::size_t n, std::uint16_t least) {
  return kernels().count_reaching(values, n, least);
}
std::size_t find_reaching(const std::uint16_t* values, std::size_t n, std::uint16_t least, std::uint32_t* found) {
  return kernels().find_reaching(values, n, least, found);
}
void add_runs(const Run* runs, std::size_t n, std::uint32_t width, std::uint16_t weight, std::uint16_t* estimates) {
  kernels().add_runs(runs, n, width, weight, estimates);
}
std::uint64_t passages_reaching(const std::uint16_t* estimates, std::uint16_t least) {
  return kernels().passages_reaching(estimates, least);
}

std::span<const KernelTable> kernel_tables() {
#if defined(__x86_64__)
  const auto skip = usable_isa() >= Isa::kAvx512 ? 0U : usable_isa() >= Isa::kAvx2 ? 1U : 2U;
  return std::span<const KernelTable>(kTables).subspan(skip);
#else
  return kTables;
#endif
}

void choose_kernels() { static_cast<void>(kernels()); }

}  // namespace tamis::sieve
