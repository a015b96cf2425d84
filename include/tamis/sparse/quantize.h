#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <span>
#include <vector>

namespace tamis::sparse {

/// How a field stores weights: whole numbers 1 … levels(), weight = number * (ceiling / levels()). One scale a field
/// for the whole collection, from a declared ceiling, so that segments merge bit for bit.
struct WeightScale {
  float ceiling = 1.0F;    ///< the largest weight that can be stored, > 0; what is above is clipped and counted
  std::uint32_t bits = 8;  ///< 8 or 16
  /// 255, or 65,280 = 255 * 256: every level of 16 bits is then 0 … 255 steps of at most 256 and a rest of 8 bits,
  /// which is how an index of blocks keeps it.
  [[nodiscard]] std::uint32_t levels() const noexcept { return bits == 8 ? 255U : 255U * 256U; }
  [[nodiscard]] float step() const noexcept { return ceiling / static_cast<float>(levels()); }
  [[nodiscard]] Status validate() const;
  bool operator==(const WeightScale&) const = default;
};

/// Rounds to the nearest level, at least 1 (a posting never disappears); returns how many were clipped at the ceiling.
/// @param weights  [n] finite, > 0
/// @param out      [n]
std::uint64_t quantize(const WeightScale& scale, std::span<const float> weights, std::span<std::uint16_t> out) noexcept;

}  // namespace tamis::sparse
