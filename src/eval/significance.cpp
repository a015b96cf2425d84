#include <tamis/eval/significance.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <random>

namespace tamis::eval {
namespace {

constexpr std::size_t kExactUpTo = 20;

double sum_of(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

/// All assignments in the order of Gray codes: each differs from the one before by one sign. The sum is made anew for
/// each 1024th, so that rounding does not pile up.
double exact_share(std::span<const double> differences, double least) {
  const std::size_t n = differences.size();
  const std::uint64_t all = std::uint64_t{1} << n;
  std::uint64_t reached = 0;
  double sum = 0.0;
  constexpr std::uint64_t kFresh = 1024;
  for (std::uint64_t i = 0; i < all; ++i) {
    const std::uint64_t gray = i ^ (i >> 1U);  // a bit set = the sign turned
    if (i % kFresh == 0) {
      sum = 0.0;
      for (std::size_t j = 0; j < n; ++j) sum += ((gray >> j) & 1U) != 0 ? -differences[j] : differences[j];
    } else {
      const auto turned = static_cast<std::size_t>(std::countr_zero(i));
      sum += ((gray >> turned) & 1U) != 0 ? -2.0 * differences[turned] : 2.0 * differences[turned];
    }
    if (std::fabs(sum) >= least) ++reached;
  }
  return static_cast<double>(reached) / static_cast<double>(all);
}

double sampled_share(std::span<const double> differences, double least, const ResamplingOptions& options) {
  std::mt19937_64 rng(options.seed);
  std::uint64_t reached = 1;
  for (std::uint32_t i = 0; i < options.resamples; ++i) {
    double sum = 0.0;
    std::uint64_t signs = 0;
    for (std::size_t j = 0; j < differences.size(); ++j) {
      if (j % 64 == 0) signs = rng();
      sum += (signs & 1U) != 0 ? -differences[j] : differences[j];
      signs >>= 1U;
    }
    if (std::fabs(sum) >= least) ++reached;
  }
  return static_cast<double>(reached) / (static_cast<double>(options.resamples) + 1.0);
}

/// Lentz's evaluation of the continued fraction of I_x(a, b) (NIST DLMF 8.17.22), which converges fast for
/// x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300, kPrecision = 1e-16;
  constexpr int kMostTerms = 10'000;
  const auto away_from_zero = [](double v) { return std::fabs(v) < kTiny ? kTiny : v; };
  double c = 1.0;
  double d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
  double value = d;
  for (int i = 1; i <= kMostTerms; ++i) {
    const double m = i;
    const double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
    d = 1.0 / away_from_zero(1.0 + even * d);
    c = away_from_zero(1.0 + even / c);
    value *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
    d = 1.0 / away_from_zero(1.0 + odd * d);
    c = away_from_zero(1.0 + odd / c);
    value *= d * c;
    if (std::fabs(d * c - 1.0) < kPrecision) break;
  }
  return value;
}

/// std::lgamma sets a global variable; this is the function without it, for arguments > 0: Stirling's series, after the
/// argument was raised where the series is exact.
double log_gamma(double x) {
  double shift = 0.0;
  for (; x < 16.0; x += 1.0) shift += std::log(x);
  const double y = 1.0 / (x * x);
  const double series =
      (1.0 / 12 + y * (-1.0 / 360 + y * (1.0 / 1260 + y * (-1.0 / 1680 + y * (1.0 / 1188 - y * 691.0 / 360360))))) / x;
  constexpr double kHalfLogTwoPi = 0.91893853320467274178;
  return (x - 0.5) * std::log(x) - x + kHalfLogTwoPi + series - shift;
}

}  // namespace

double randomisation_test(std::span<const double> differences, const ResamplingOptions& options) {
  std::vector<double> moved;
  double size = 0.0;
  for (const double difference : differences) {
    if (difference != 0.0) moved.push_back(difference);
    size += std::fabs(difference);
  }
  if (moved.empty()) return 1.0;
  constexpr double kRounding = 1e-12;
  const double least = std::fabs(sum_of(moved)) - kRounding * size;
  return moved.size() <= kExactUpTo ? exact_share(moved, least) : sampled_share(moved, least, options);
}

double incomplete_beta(double a, double b, double x) {
  if (x <= 0.0) return 0.0;
  if (x >= 1.0) return 1.0;
  const double front = std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1.0) / (a + b + 2.0)) return front * beta_fraction(a, b, x) / a;
  return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

double paired_t_test(std::span<const double> differences) {
  if (differences.size() < 2) return 1.0;
  const auto n = static_cast<double>(differences.size());
  const double mean = sum_of(differences) / n;
  double squares = 0.0;
  for (const double difference : differences) squares += (difference - mean) * (difference - mean);
  if (mean == 0.0) return 1.0;
  const bool all_same =
      std::all_of(differences.begin(), differences.end(), [&](double d) { return d == differences[0]; });
  if (all_same || squares == 0.0) return 0.0;
  const double freedom = n - 1.0;
  const double t_squared = mean * mean * n * freedom / squares;
  return incomplete_beta(freedom / 2.0, 0.5, freedom / (freedom + t_squared));
}

Interval bootstrap_interval(std::span<const double> differences, double confidence, const ResamplingOptions& options) {
  const std::size_t n = differences.size();
  if (n == 0) return {};
  std::mt19937_64 rng(options.seed);
  std::vector<double> means(std::max<std::uint32_t>(1, options.resamples));
  for (double& mean : means) {
    double sum = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      // The high half of a draw, scaled: std::uniform_int_distribution differs between libraries.
      sum += differences[static_cast<std::size_t>(((rng() >> 32U) * n) >> 32U)];
    }
    mean = sum / static_cast<double>(n);
  }
  std::sort(means.begin(), means.end());
  const double tail = (1.0 - confidence) / 2.0;
  const auto at = [&](double share) {
    return means[static_cast<std::size_t>(std::lround(share * static_cast<double>(means.size() - 1)))];
  };
  return {at(tail), at(1.0 - tail)};
}

std::vector<double> holm(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> out(p_values.size());
  double before = 0.0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    before = std::max(before, std::min(1.0, p_values[order[i]] * static_cast<double>(order.size() - i)));
    out[order[i]] = before;
  }
  return out;
}

Extremes extreme_differences(std::span<const double> differences, std::size_t count) {
  Extremes out;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    if (differences[i] < 0.0) out.lowest.push_back(i);
    if (differences[i] > 0.0) out.highest.push_back(i);
  }
  std::stable_sort(out.lowest.begin(), out.lowest.end(),
                   [&](std::size_t a, std::size_t b) { return differences[a] < differences[b]; });
  std::stable_sort(out.highest.begin(), out.highest.end(),
                   [&](std::size_t a, std::size_t b) { return differences[a] > differences[b]; });
  out.lowest.resize(std::min(count, out.lowest.size()));
  out.highest.resize(std::min(count, out.highest.size()));
  return out;
}

}  // namespace tamis::eval
