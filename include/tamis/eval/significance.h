#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tamis::eval {

// Paired tests on the differences of two runs, one a query. All are two-sided, and deterministic for a seed on every
// machine. Smucker, Allan and Carterette (CIKM 2007) compare them for retrieval.

struct ResamplingOptions {
  std::uint32_t resamples = 20'000;  ///< ≥ 1
  std::uint64_t seed = 1;
};

/// Fisher's randomisation test: how often random signs of the differences make a sum at least as far from 0 as theirs.
/// Exact, over all 2^n assignments, for n ≤ 20 differences that are not 0; else of `resamples` assignments, the given
/// one counted too. 1 without differences. Sums that differ by rounding alone count as equal.
[[nodiscard]] double randomisation_test(std::span<const double> differences, const ResamplingOptions& options = {});

/// Student's t test of the mean difference, n - 1 degrees of freedom. 1 for fewer than two differences or when all are
/// 0; 0 when all are the same and not 0.
[[nodiscard]] double paired_t_test(std::span<const double> differences);

struct Interval {
  double low = 0, high = 0;
};
/// Percentile bootstrap of the mean (Efron and Tibshirani 1993): where `confidence` of the means of resampled
/// differences lie.
[[nodiscard]] Interval bootstrap_interval(std::span<const double> differences, double confidence = 0.95,
                                          const ResamplingOptions& options = {});

/// Holm's step-down correction (1979) of a family of p values, in their order: i-th smallest times (m - i), made
/// ascending, at most 1. Below alpha means significant with a chance of at most alpha for any false one in the family.
[[nodiscard]] std::vector<double> holm(std::span<const double> p_values);

/// The regularised incomplete beta function I_x(a, b), a and b > 0, 0 ≤ x ≤ 1; about 1e-14 of error.
[[nodiscard]] double incomplete_beta(double a, double b, double x);

/// The places of the `count` lowest and the `count` highest differences that are below and above 0, the most extreme
/// first; equal ones by place.
struct Extremes {
  std::vector<std::size_t> lowest, highest;
};
[[nodiscard]] Extremes extreme_differences(std::span<const double> differences, std::size_t count);

}  // namespace tamis::eval
