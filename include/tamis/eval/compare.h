#pragma once

#include <tamis/eval/evaluate.h>
#include <tamis/eval/significance.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tamis::eval {

struct CompareOptions {
  MissingQueries missing = MissingQueries::kZero;
  std::uint32_t resamples = 0;  ///< 0 = 20,000; fewer beyond 10,000 queries, so that a table takes seconds
  std::uint64_t seed = 1;
  double alpha = 0.05;  ///< p values below it are significant; intervals hold 1 - alpha
};

/// What a test of so many differences samples with.
[[nodiscard]] ResamplingOptions resampling_for(std::size_t differences, const CompareOptions& options);

/// A run against another on one measure.
struct Comparison {
  PairedDifferences differences;
  double mean = 0;
  double p = 1;       ///< of the randomisation test
  double p_holm = 1;  ///< corrected for all comparisons with the same base
  double p_t = 1;     ///< of Student's paired t test
  Interval interval;  ///< of the mean
  std::size_t better = 0, worse = 0;
};

/// Each evaluation against evaluations[base]; the base itself has no differences. All of the same judgements.
/// @par Cost  resamples * queries draws an evaluation, twice
[[nodiscard]] std::vector<Comparison> compare(std::span<const Evaluation> evaluations, std::size_t base,
                                              std::size_t measure, const CompareOptions& options);

}  // namespace tamis::eval
