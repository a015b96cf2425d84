#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tamis::sieve {

/// The estimates of the 64 passages of a block stand in this order: what two halves of unpacked bytes are.
[[nodiscard]] constexpr std::uint32_t lane_of(std::uint32_t passage) {
  return (passage & 7U) | (passage >> 4U & 3U) << 3U | (passage >> 3U & 1U) << 5U;
}
/// What a code adds to an estimate.
[[nodiscard]] constexpr std::uint32_t share_of(std::uint32_t code, std::uint32_t weight) { return code * weight >> 8U; }

/// A run and the block of estimates that it is added to.
struct Run {
  const std::uint8_t* data = nullptr;
  std::uint16_t bytes = 0;
  std::uint16_t slot = 0;
  std::uint16_t most = 0;  ///< the most that it adds
};

/// Sums of bounds: sums[b] = sum over rows of share_of(rows[i][b], weights[i]), less than 2^16 in all.
/// @param rows    [n] rows of `blocks` bytes, 64-byte aligned
/// @param blocks  a multiple of 64
/// @param sums    [blocks] 64-byte aligned
void sum_bounds(const std::uint8_t* const* rows, const std::uint16_t* weights, std::size_t n, std::size_t blocks,
                std::uint16_t* sums);
/// How many values reach `least`.
/// @param n  a multiple of 64; values are 64-byte aligned
[[nodiscard]] std::size_t count_reaching(const std::uint16_t* values, std::size_t n, std::uint16_t least);
/// The places of those that reach `least`, ascending.
/// @param found  room for n + 32
/// @return how many
[[nodiscard]] std::size_t find_reaching(const std::uint16_t* values, std::size_t n, std::uint16_t least,
                                        std::uint32_t* found);
/// Adds runs of one list: estimates[slot * 64 + lane_of(passage)] += share_of(code, weight). Reads whole registers, at
/// most 64 bytes from the beginning of a run.
/// @param width  bytes of a stored weight, 1 or 2: see RunShape
void add_runs(const Run* runs, std::size_t n, std::uint32_t width, std::uint16_t weight, std::uint16_t* estimates);
/// The passages of a block whose estimates reach `least`.
/// @param estimates  [64] aligned to 64 bytes
[[nodiscard]] std::uint64_t passages_reaching(const std::uint16_t* estimates, std::uint16_t least);

/// The kernels of one instruction set; the tests walk all that the machine can run.
struct KernelTable {
  std::string_view name;
  void (*sum_bounds)(const std::uint8_t* const*, const std::uint16_t*, std::size_t, std::size_t, std::uint16_t*);
  std::size_t (*count_reaching)(const std::uint16_t*, std::size_t, std::uint16_t);
  std::size_t (*find_reaching)(const std::uint16_t*, std::size_t, std::uint16_t, std::uint32_t*);
  void (*add_runs)(const Run*, std::size_t, std::uint32_t, std::uint16_t, std::uint16_t*);
  std::uint64_t (*passages_reaching)(const std::uint16_t*, std::uint16_t);
};
/// Best first, ref last; only the usable ones.
[[nodiscard]] std::span<const KernelTable> kernel_tables();

}  // namespace tamis::sieve
