#pragma once

#include <tamis/base/variants.h>

#include <chrono>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/// FLOP/s of bf16 products on tile registers alone, nothing loaded or stored: what no kernel can exceed. 0 without AMX.
#if defined(__x86_64__)
__attribute__((target("amx-tile,amx-bf16"))) inline double amx_peak() {
  if (tamis::usable_isa() < tamis::Isa::kAmx) return 0;
  struct alignas(64) Configuration {
    std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
    std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
  };
  const Configuration configuration;
  _tile_loadconfig(&configuration);
  double best = 0;
  for (int round = 0; round < 20; ++round) {
    constexpr int kLoops = 2000;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kLoops; ++i) {
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    const double rate = 4.0 * kLoops * 2 * 16 * 16 * 32 / time.count();
    best = rate > best ? rate : best;
  }
  _tile_release();
  return best;
}
#else
inline double amx_peak() { return 0; }
#endif
