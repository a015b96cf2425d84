#pragma once

#include <tamis/sieve/recall_curve.h>

#include <span>
#include <vector>

#include "ranker.h"

namespace tamis::search {

/// Questions that a curve of recall is fitted on, as the largest index of blocks of a collection is asked them.
class RecallSample {
 public:
  explicit RecallSample(const Collection& collection);
  [[nodiscard]] Status add(const Ranker& ranker, std::span<const FieldQuery> fields);
  [[nodiscard]] Result<sieve::RecallCurve> fit(std::size_t k, ThreadPool& pool, ProgressSink& progress) const;

 private:
  const sieve::BlockIndex* index_ = nullptr;
  std::size_t segment_ = 0;
  std::vector<index::PreparedQuery> queries_;
};

}  // namespace tamis::search
