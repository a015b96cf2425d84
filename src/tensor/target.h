#pragma once

// Kernels of one instruction set stand between TAMIS_TARGET_BEGIN and TAMIS_TARGET_END, which give every function and
// lambda there its target; the rest of the file, and what other headers bring in, stays portable. Include all headers
// before.
#if defined(__x86_64__)
// g++ 12 takes the deliberately undefined registers of this header for mistakes (its bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#pragma GCC diagnostic pop

#define TAMIS_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define TAMIS_TARGET_BEGIN(set) TAMIS_PRAGMA(clang attribute push(__attribute__((target(set))), apply_to = function))
#define TAMIS_TARGET_END _Pragma("clang attribute pop")
#else
#define TAMIS_TARGET_BEGIN(set) TAMIS_PRAGMA(GCC push_options) TAMIS_PRAGMA(GCC target(set))
#define TAMIS_TARGET_END _Pragma("GCC pop_options")
#endif
#define TAMIS_AVX2 "avx2,fma,f16c,bmi2"
#define TAMIS_AVX512 "avx2,fma,f16c,bmi2,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,avx512vnni"
#define TAMIS_AMX \
  "avx2,fma,f16c,bmi2,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,avx512vnni,avx512bf16,amx-tile,amx-bf16,amx-int8"
/// Inlined even where the optimiser is off: a small function between two tile instructions must not become a call.
#define TAMIS_INLINE inline __attribute__((always_inline))
#endif
