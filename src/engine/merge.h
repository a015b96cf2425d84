#pragma once

#include <tamis/base/progress.h>
#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>
#include <tamis/engine/engine.h>
#include <tamis/store/catalogue.h>

#include <limits>
#include <vector>

#include "paths.h"

namespace tamis::engine {

/// What the merge policy looks at.
struct SegmentSize {
  store::SegmentId id = 0;
  std::uint64_t passages = 0;  ///< with the deleted ones
  std::uint64_t deleted = 0;
  std::uint64_t bytes = 0;  ///< of memory that making its index of blocks takes
};

inline constexpr std::size_t kMaxSegmentsATier = 8;
inline constexpr std::size_t kMaxVocabularies = 8;

/// Which segments are merged with which; a group of one is rewritten without its deleted passages.
///
/// Segments belong to tiers by their live passages: below 1024, and then each tier eight times the one before. A tier
/// with more than kMaxSegmentsATier segments becomes one segment, so that every passage is copied once a tier. A
/// segment of which more than 30 % is deleted is rewritten, also on its own; one without live passages is rewritten to
/// nothing. No group's segment would need more than `most_bytes` for its index of blocks: the smallest of a tier are
/// merged as far as that goes.
[[nodiscard]] std::vector<std::vector<store::SegmentId>> plan_merges(
    const std::vector<SegmentSize>& segments, bool everything,
    std::uint64_t most_bytes = std::numeric_limits<std::uint64_t>::max());

/// Carries the plan out, one publication a group, and makes one vocabulary file of many. Old files are removed when the
/// new state is published. Only with the writer lock held.
/// @param memory_bytes  that a merged segment's index of blocks may take to be made
[[nodiscard]] Result<MergeReport> merge_segments(const IndexPaths& paths, store::Catalogue& catalogue, bool everything,
                                                 std::uint64_t memory_bytes, ThreadPool& pool, ProgressSink& progress,
                                                 const CancelToken& cancel);

}  // namespace tamis::engine
