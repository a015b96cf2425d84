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

/// Posting lists of neighbouring terms in the form of the file; places (first, offset) count from the chunk's begin.
/// Lists are encoded in chunks of whole lists, in parallel; the file holds the chunks one after the other.
struct ListChunk {
  std::vector<List> lists;  ///< without checksums, which are of the places in the file
  std::vector<Block> blocks;
  std::vector<LocalId> short_docs;
  std::vector<std::byte> short_levels;
  std::vector<std::byte> payload;
};
struct Inverted {
  std::vector<TermId> terms;  ///< ascending
  std::vector<ListChunk> chunks;
};

/// Adds a list to a chunk. `docs` ascend and there is at least one.
template <class Level>
void encode_list(std::span<const LocalId> docs, std::span<const Level> levels, ListChunk& chunk);
/// After the last list of a chunk: its payload becomes a multiple of 64 bytes.
void end_chunk(ListChunk& chunk);
/// The first term of each chunk and the number of terms, for lists of these lengths. [num_terms] → [num_chunks + 1]
[[nodiscard]] std::vector<std::size_t> cut_into_chunks(std::span<const std::uint64_t> list_lengths);

/// Turns vectors into posting lists: a counting sort by term. The result does not depend on the pool's size.
/// @param numbers  set to the number of each posting's term among Inverted::terms
template <class Level>
[[nodiscard]] Result<Inverted> invert(const ForwardInput<Level>& input, std::vector<std::uint32_t>& numbers,
                                      ThreadPool& pool);

}  // namespace tamis::index
