#include <tamis/eval/compare.h>

#include <algorithm>

namespace tamis::eval {

ResamplingOptions resampling_for(std::size_t differences, const CompareOptions& options) {
  if (options.resamples > 0) return {options.resamples, options.seed};
  constexpr std::size_t kUsual = 20'000, kLeast = 1'000, kMostDraws = 200'000'000;
  const std::size_t affordable = kMostDraws / std::max<std::size_t>(1, differences);
  return {static_cast<std::uint32_t>(std::clamp(affordable, kLeast, kUsual)), options.seed};
}

std::vector<Comparison> compare(std::span<const Evaluation> evaluations, std::size_t base, std::size_t measure,
                                const CompareOptions& options) {
  std::vector<Comparison> out(evaluations.size());
  std::vector<double> p_values;
  for (std::size_t run = 0; run < evaluations.size(); ++run) {
    if (run == base) continue;
    Comparison& made = out[run];
    made.differences = paired_differences(evaluations[base], evaluations[run], measure, options.missing);
    const auto& values = made.differences.values;
    for (const double difference : values) made.mean += difference / static_cast<double>(values.size());
    const auto resampling = resampling_for(values.size(), options);
    made.p = randomisation_test(values, resampling);
    made.p_t = paired_t_test(values);
    made.interval = bootstrap_interval(values, 1.0 - options.alpha, resampling);
    made.better = static_cast<std::size_t>(std::count_if(values.begin(), values.end(), [](double d) { return d > 0; }));
    made.worse = static_cast<std::size_t>(std::count_if(values.begin(), values.end(), [](double d) { return d < 0; }));
    p_values.push_back(made.p);
  }
  const auto corrected = holm(p_values);
  for (std::size_t run = 0, next = 0; run < out.size(); ++run) {
    if (run != base) out[run].p_holm = corrected[next++];
  }
  return out;
}

}  // namespace tamis::eval
