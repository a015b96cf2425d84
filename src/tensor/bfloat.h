#pragma once

#include <bit>
#include <cstdint>

namespace tamis::tensor {

/// The nearest bfloat16, ties to even; a NaN stays one.
[[nodiscard]] inline std::uint16_t to_bf16(float x) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return static_cast<std::uint16_t>(bits >> 16U | 0x40U);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + (bits >> 16U & 1U)) >> 16U);
}
[[nodiscard]] inline float from_bf16(std::uint16_t x) noexcept { return std::bit_cast<float>(std::uint32_t{x} << 16U); }
[[nodiscard]] inline float round_bf16(float x) noexcept { return from_bf16(to_bf16(x)); }

}  // namespace tamis::tensor
