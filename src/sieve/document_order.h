#pragma once

#include <tamis/base/progress.h>
#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>

#include <cstdint>
#include <vector>

#include "short_rows.h"

namespace tamis::sieve {

/// An order in which rows that are alike stand together: the rows are halved, again and again, until no half is larger
/// than a block; each time by two means that move apart, with the cosine of vectors as likeness. Halves are whole
/// blocks, so blocks are full, but for the last. Balanced bisection as in graph reordering (arXiv:1602.08820), with the
/// objective of spherical k-means.
/// Costs about n log(n / block) times the length of a vector. The same order whatever the number of threads.
/// @return [n] row by place
[[nodiscard]] Result<std::vector<std::uint32_t>> order_rows(const ShortRows& rows, std::uint32_t block,
                                                            ThreadPool& pool, ProgressSink& progress,
                                                            const CancelToken& cancel);

}  // namespace tamis::sieve
