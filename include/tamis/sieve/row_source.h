#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/progress.h>
#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>
#include <tamis/sieve/block_index.h>
#include <tamis/sparse/quantize.h>

#include <cstdint>
#include <vector>

namespace tamis::sieve {

/// Where the vectors of an index come from: memory, mapped files, records that are decoded. Rows are asked for in any
/// order and from any thread, three times each: while the index is made nothing of them is kept but what it holds.
class RowSource {
 public:
  virtual ~RowSource() = default;
  /// Passages, at most 2^32 - 64.
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// Ascending with `row`.
  [[nodiscard]] virtual PassageId id(std::uint64_t row) const = 0;
  /// A vector in place of what `terms` and `levels` had: terms ascending, levels 1 … levels() of the scale. No terms is
  /// a passage that nothing finds.
  [[nodiscard]] virtual Status read(std::uint64_t row, std::vector<TermId>& terms,
                                    std::vector<std::uint16_t>& levels) const = 0;
};

/// Makes an index of all rows. Memory beside the index: 400 bytes a passage while the order is found (before the index
/// is there), then for each thread 30 bytes a term and about 16 MB. The same index whatever the number of threads.
/// @param scale   of the levels, 16 or 8 bits
/// @param cancel  heeded within a second
/// @par Errors  kInvalidArgument: ids or terms not ascending, levels out of the scale; kCorrupt: another vector at the
///              next reading; kExhausted: too many passages, or memory; kCancelled; what read() says
[[nodiscard]] Result<BlockIndex> build_block_index(const RowSource& rows, const sparse::WeightScale& scale,
                                                   ThreadPool& pool, ProgressSink& progress,
                                                   const CancelToken& cancel = {}, Preset preset = Preset::kFast);

}  // namespace tamis::sieve
