#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tamis::index {

/// Adds a sparse block to a window's accumulators: sums[offsets[i]] += weight * levels[i].
/// @param offsets  [n] distinct, < 4096, so the lanes of one vector never collide: gather, add, scatter is safe
/// @param levels   [n]
/// @param sums     [4096]
/// @par Result  equal across variants (whole numbers, no overflow by PreparedQuery's law)
/// @par Source  window-at-a-time scoring as in SINDI, arXiv:2509.08395
void accumulate_sparse(const std::uint16_t* offsets, const std::uint8_t* levels, std::uint32_t n, std::uint32_t weight,
                       std::uint32_t* sums);
void accumulate_sparse(const std::uint16_t* offsets, const std::uint16_t* levels, std::uint32_t n, std::uint32_t weight,
                       std::uint32_t* sums);

/// Adds a dense block: sums[i] += weight * levels[i] for i < 4096. levels and sums are 64-byte aligned.
void accumulate_dense(const std::uint8_t* levels, std::uint32_t weight, std::uint32_t* sums);
void accumulate_dense(const std::uint16_t* levels, std::uint32_t weight, std::uint32_t* sums);

/// The offsets of the sums that reach `least`, ascending.
/// @param found  room for 4096 + 16
/// @return how many
std::uint32_t scan_window(const std::uint32_t* sums, std::uint32_t least, std::uint32_t* found);

/// The kernels of one instruction set; the tests walk all that the machine can run.
struct KernelTable {
  std::string_view name;
  void (*sparse8)(const std::uint16_t*, const std::uint8_t*, std::uint32_t, std::uint32_t, std::uint32_t*);
  void (*sparse16)(const std::uint16_t*, const std::uint16_t*, std::uint32_t, std::uint32_t, std::uint32_t*);
  void (*dense8)(const std::uint8_t*, std::uint32_t, std::uint32_t*);
  void (*dense16)(const std::uint16_t*, std::uint32_t, std::uint32_t*);
  std::uint32_t (*scan)(const std::uint32_t*, std::uint32_t, std::uint32_t*);
};
/// Best first, ref last; only the usable ones.
[[nodiscard]] std::span<const KernelTable> kernel_tables();

}  // namespace tamis::index
