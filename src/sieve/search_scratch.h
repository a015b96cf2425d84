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
};
/// Postings of a list without a row in one block; the runs of a block are chained.
struct FlatRun {
  std::uint64_t first = 0;
  std::uint32_t block = 0;
  std::uint32_t next = 0;  ///< another of the block, kNoRun = the last
  std::uint16_t count = 0;
  std::uint16_t weight = 0;  ///< of codes
  std::uint16_t most = 0;    ///< the most that it adds
};

struct SearchScratch::Impl {
  AlignedBuffer<std::uint16_t> bounds;     // [row_blocks]
  AlignedBuffer<std::uint16_t> estimates;  // [kBatch][64]
  std::vector<std::uint32_t> blocks;       // that are left to be read, ascending
  std::vector<Estimate> found;
  std::vector<QueryList> lists;
  std::vector<const std::uint8_t*> rows;
  std::vector<std::uint16_t> row_weights;
  std::vector<Run> runs[2];  // of one list each, turn by turn
  std::vector<FlatRun> flat_runs;
  std::vector<std::uint32_t> flat_heads;  // [blocks] first flat run of a block, kNoRun for none
  std::vector<Run> look_ups;
  std::vector<std::uint64_t> places;  // [blocks] wanted passages, where these are few
  static constexpr std::uint32_t kNoRun = static_cast<std::uint32_t>(-1);

  void prepare(const BlockIndex::Parts& parts) {
    if (bounds.size() < parts.row_blocks()) bounds = AlignedBuffer<std::uint16_t>(parts.row_blocks());
    if (estimates.size() == 0) estimates = AlignedBuffer<std::uint16_t>(kBatch * kBlock);
    for (const auto& run : flat_runs) flat_heads[run.block] = kNoRun;
    flat_runs.clear();
    if (flat_heads.size() < parts.num_blocks()) flat_heads.assign(parts.num_blocks(), kNoRun);
    if (blocks.size() < parts.num_blocks() + 32) blocks.resize(parts.num_blocks() + 32);
    found.clear();
    lists.clear();
    rows.clear();
    row_weights.clear();
  }
};

}  // namespace tamis::sieve
