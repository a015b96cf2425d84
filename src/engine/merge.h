#pragma once

#include <tamis/base/progress.h>
#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>
#include <tamis/engine/engine.h>
#include <tamis/store/catalogue.h>

#include <vector>

#include "paths.h"

namespace tamis::engine {

/// What the merge policy looks at.
struct SegmentSize {
  store::SegmentId id = 0;
  std::uint64_t passages = 0;  ///< with the deleted ones
  std::uint64_t deleted = 0;
};

inline constexpr std::size_t kMaxSegmentsATier = 8;
inline constexpr std::size_t kMaxVocabularies = 8;

/// Which segments are merged with which; a group of one is rewritten without its deleted passages.
///
/// Segments belong to tiers by their live passages: below 1024, and then each tier eight times the one before. A tier
/// with more than kMaxSegmentsATier segments becomes one segment, so that every passage is copied once a tier. A
/// segment of which more than 30 % is deleted is rewritten, also on its own; one without live passages is rewritten to
/// nothing.
[[nodiscard]] std::vector<std::vector<store::SegmentId>> plan_merges(const std::vector<SegmentSize>& segments,
                                                                     bool everything);

/// Carries the plan out, one publication a group, and makes one vocabulary file of many. Old files are removed when the
/// new state is published. Only with the writer lock held.
[[nodiscard]] Result<MergeReport> merge_segments(const IndexPaths& paths, store::Catalogue& catalogue, bool everything,
                                                 ThreadPool& pool, ProgressSink& progress, const CancelToken& cancel);

}  // namespace tamis::engine
