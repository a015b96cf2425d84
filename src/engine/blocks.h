#pragma once

#include <tamis/base/progress.h>
#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>
#include <tamis/sieve/block_index.h>
#include <tamis/store/catalogue.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "open_segments.h"
#include "paths.h"
#include "settings.h"

namespace tamis::engine {

/// Indexes of blocks (tamis::sieve) of published segments: one a segment, of all its fields, so that a sum of fields is
/// searched like one. Its passages are the segment's local numbers; the term t of the i-th of n fields is t * n + i.
///
/// They are made behind everything else, from the fields: a segment without one is searched by windows, and finds the
/// same.

/// The fields that a segment's index of blocks is to have, in order: all that it has.
[[nodiscard]] std::vector<std::string> block_fields(const store::SegmentRow& row,
                                                    std::span<const EncoderSettings> encoders);

/// About the memory that making a segment's index of blocks takes.
[[nodiscard]] std::uint64_t block_memory(const IndexPaths& paths, const store::SegmentRow& row);

/// Makes the indexes that are missing, largest segments last, and publishes each. Segments of fewer passages than
/// `least_passages` get none, nor do those that would take more than `memory_bytes` (one at a time), and none is made
/// while a field is missing that encoders are to fill.
[[nodiscard]] Status make_blocks(const IndexPaths& paths, store::Catalogue& catalogue, std::uint64_t least_passages,
                                 std::uint64_t memory_bytes, ThreadPool& pool, ProgressSink& progress,
                                 const CancelToken& cancel);

/// Whether an index of blocks holds what its fields hold: the same passages, terms and levels.
/// @par Cost  reads all postings of both
[[nodiscard]] Status verify_blocks(const OpenSegment& segment);

}  // namespace tamis::engine
