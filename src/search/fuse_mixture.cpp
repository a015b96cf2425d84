#include <algorithm>
#include <cmath>

#include "fuse_lists.h"

namespace tamis::search {
namespace {

constexpr ParameterInfo kParameters[] = {kDepthParameter};
constexpr int kRounds = 50;
/// The normal's deviation is at least this share of the list's range: one passage alone would make it a spike.
constexpr double kLeastDeviation = 0.05;
/// What is less likely is 0: weights keep their ratios in scores of 32 bits.
constexpr double kLeastPosterior = 1e-9;
constexpr double kPi = 3.14159265358979323846;

/// Of scores scaled to [0, 1]: the irrelevant ones fall off exponentially, the relevant ones lie around a mean.
struct Mixture {
  double relevant = 0.1;  ///< share
  double rate = 1, mean = 1, deviation = 0.1;

  [[nodiscard]] double posterior(double x) const {
    const double z = (x - mean) / deviation;
    const double normal = relevant * std::exp(-z * z / 2) / (deviation * std::sqrt(2 * kPi));
    const double exponential = (1 - relevant) * rate * std::exp(-rate * x);
    return normal + exponential > 0 ? normal / (normal + exponential) : 0;
  }
  /// The same where scores above the mean count as if they were it: a better score is never less likely, since the
  /// exponential falls and, below the mean, the normal rises faster than it.
  [[nodiscard]] double rising_posterior(double x) const {
    const double z = std::min(0.0, (x - mean) / deviation);
    const double normal = relevant * std::exp(-z * z / 2) / (deviation * std::sqrt(2 * kPi));
    const double exponential = (1 - relevant) * rate * std::exp(-rate * x);
    return normal + exponential > 0 ? normal / (normal + exponential) : 0;
  }
  /// From the best twentieth as if it were what is relevant.
  void begin(const std::vector<double>& scores) {
    const std::size_t best = 1 + scores.size() / 20;
    double sum = 0, squares = 0, other = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) (i < best ? sum : other) += scores[i];
    mean = sum / static_cast<double>(best);
    for (std::size_t i = 0; i < best; ++i) squares += (scores[i] - mean) * (scores[i] - mean);
    deviation = std::max(kLeastDeviation, std::sqrt(squares / static_cast<double>(best)));
    relevant = static_cast<double>(best) / static_cast<double>(scores.size() + 1);
    rate = static_cast<double>(scores.size() - best + 1) / (other + kLeastDeviation);
  }
  /// One round of expectation and maximisation.
  void refit(const std::vector<double>& scores) {
    double weight = 0, sum = 0, other_sum = 0;
    for (const double x : scores) {
      const double p = posterior(x);
      weight += p;
      sum += p * x;
      other_sum += (1 - p) * x;
    }
    const auto count = static_cast<double>(scores.size());
    const double other = count - weight;
    if (weight <= 0 || other <= 0 || other_sum <= 0) return;
    const double new_mean = sum / weight;
    double squares = 0;
    for (const double x : scores) squares += posterior(x) * (x - new_mean) * (x - new_mean);
    deviation = std::max(kLeastDeviation, std::sqrt(squares / weight));
    mean = new_mean;
    rate = other / other_sum;
    relevant = weight / count;
  }
};

ListValues values(std::span<const ScoredPassage> list, const MethodPart&) {
  const auto most = static_cast<double>(list.front().score);
  const auto least = static_cast<double>(list.back().score);
  ListValues out;
  std::vector<double> scores;
  for (const auto& one : list) {
    scores.push_back(most > least ? (static_cast<double>(one.score) - least) / (most - least) : 1);
  }
  Mixture mixture;
  mixture.begin(scores);
  for (int round = 0; round < kRounds; ++round) mixture.refit(scores);
  double largest = 0;  // of what rounding leaves of the rise
  out.values.resize(scores.size());
  for (std::size_t i = scores.size(); i-- > 0;) {
    const double posterior = mixture.rising_posterior(scores[i]);
    if (posterior > kLeastPosterior) largest = std::max(largest, posterior);
    out.values[i] = largest;
  }
  return out;
}

}  // namespace

/// The probability that a score is of a relevant passage, by a mixture of an exponential (irrelevant) and a normal
/// (relevant) that is fitted to each list by EM; the mean over lists ranks, here the sum, which ranks alike.
/// Source: Manmatha, Rath & Feng, "Modeling score distributions for combining the outputs of search engines", SIGIR
/// 2001. We differ: above its mean the normal does not fall, so that the posterior never does, and it has a least
/// width.
const ListFusion& mixture_fusion() {
  static const ListFusion kFusion = {
      {"mixture", "sum of probabilities of relevance, by an exponential and a normal fitted to each list", kParameters},
      values};
  return kFusion;
}

}  // namespace tamis::search
