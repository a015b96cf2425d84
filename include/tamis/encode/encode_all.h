#pragma once

#include <tamis/base/progress.h>
#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>
#include <tamis/sparse/encoder.h>

#include <cstddef>
#include <span>
#include <string_view>

namespace tamis::encode {

/// Bytes of text that one thread takes at a time: some four batches of the network, a tenth of a second or less with a
/// small model.
inline constexpr std::size_t kTaskBytes = 64U << 10U;

/// Encodes many texts on all threads of a pool. The vectors are those of one Worker, whatever the number of threads.
/// @param out       [texts], overwritten
/// @param progress  told the number of texts that are done
/// kCancelled, or the error of a text, whose number counts from the first of `texts`.
[[nodiscard]] Status encode_all(const sparse::TextEncoder& encoder, std::span<const std::string_view> texts,
                                std::span<sparse::SparseVector> out, ThreadPool& pool, ProgressSink& progress,
                                const CancelToken& cancel = {});

}  // namespace tamis::encode
