#pragma once

#include <tamis/base/buffer.h>

#include <cstdint>
#include <vector>

#include "kernels.h"
#include "layout.h"

namespace tamis::sieve {

/// Blocks that are scored together: their estimates take 8 KiB, and so many reads are under way at a time.
inline constexpr std::uint32_t kBatch = 64;

/// A passage by its place, and its estimate.
struct Estimate {
  std::uint16_t value = 0;
  std::uint32_t place = 0;
};
/// A term of the query, as the search needs it.
struct QueryList {
  const List* list = nullptr;
  std::uint32_t units = 0;     ///< whole query weight
  std::uint16_t weight = 0;    ///< of codes, on the grid of estimates
  std::uint64_t heaviest = 0;  ///< units * step * 255: the most that it can give, and its share of the query
  std::uint64_t next = 0;      ///< flat lists: the posting that is looked at next
};

struct SearchScratch::Impl {
  AlignedBuffer<std::uint16_t> bounds;     // [row_blocks]
  AlignedBuffer<std::uint16_t> estimates;  // [kBatch][64]
  std::vector<std::uint8_t> slots;         // [blocks] place in the batch, kNoSlot for none
  std::vector<std::uint32_t> blocks;       // that are left to be read, ascending
  std::vector<Estimate> found;
  std::vector<QueryList> lists;
  std::vector<const std::uint8_t*> rows;
  std::vector<std::uint16_t> row_weights;
  std::vector<Run> runs;
  std::vector<Run> look_ups;
  static constexpr std::uint8_t kNoSlot = 255;

  void prepare(const BlockIndex::Parts& parts) {
    if (bounds.size() < parts.row_blocks()) bounds = AlignedBuffer<std::uint16_t>(parts.row_blocks());
    if (estimates.size() == 0) estimates = AlignedBuffer<std::uint16_t>(kBatch * kBlock);
    if (slots.size() < parts.num_blocks()) slots.assign(parts.num_blocks(), kNoSlot);
    if (blocks.size() < parts.num_blocks() + 32) blocks.resize(parts.num_blocks() + 32);
    found.clear();
    lists.clear();
    rows.clear();
    row_weights.clear();
  }
};

}  // namespace tamis::sieve
