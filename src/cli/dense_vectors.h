#pragma once

#include <tamis/base/progress.h>
#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>
#include <tamis/engine/engine.h>

#include <cstdint>
#include <string>

namespace tamis::cli {

struct DenseReport {
  std::uint64_t made = 0, kept = 0;
  std::string remark;  ///< a model that is not installed
};

/// Gives all passages that have none a dense vector.
/// @param model  its name; "" = those that the index has vectors of already
/// @par Errors  kNotFound: a model that was named and is not there; kCancelled, what was made until then is kept
/// @par Cost    24 bytes and a vector's a passage in memory; reading all texts
[[nodiscard]] Result<DenseReport> update_dense(const Engine& engine, const std::string& model, std::uint32_t threads,
                                               ProgressSink& progress, const CancelToken& cancel);

}  // namespace tamis::cli
