#pragma once

#include <tamis/base/thread_pool.h>
#include <tamis/index/sparse_field.h>

#include <cstddef>
#include <span>
#include <vector>

namespace tamis::index {

/// Vectors of a segment, one after the other.
template <class Level>
struct ForwardInput {
  std::span<const std::uint64_t> starts;  ///< [num_passages + 1] into terms
  std::span<const TermId> terms;          ///< ascending a passage
  std::span<const Level> levels;
};

/// Posting lists in the form of the file.
struct Inverted {
  std::vector<TermId> terms;  ///< ascending
  std::vector<List> lists;    ///< first, offset: of the whole file
  /// Lists are encoded in chunks of whole lists, in parallel; the file holds the chunks one after the other.
  struct Chunk {
    std::vector<Block> blocks;
    std::vector<LocalId> short_docs;
    std::vector<std::byte> short_levels;
    std::vector<std::byte> payload;  ///< multiple of 64 bytes
  };
  std::vector<Chunk> chunks;
};

/// Turns vectors into posting lists: a counting sort by term. The result does not depend on the pool's size.
/// @param numbers  set to the number of each posting's term among Inverted::terms
template <class Level>
[[nodiscard]] Result<Inverted> invert(const ForwardInput<Level>& input, std::vector<std::uint32_t>& numbers,
                                      ThreadPool& pool);

}  // namespace tamis::index
