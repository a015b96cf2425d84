#include "eval_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "display.h"
#include "json.h"

namespace tamis::cli {
namespace {

/// A run against the first one, on one measure.
struct Comparison {
  eval::PairedDifferences differences;
  double mean = 0;
  double p = 1, p_holm = 1, p_t = 1;
  eval::Interval interval;
  std::size_t better = 0, worse = 0;
};

eval::ResamplingOptions resampling_for(std::size_t queries, const EvalReportOptions& options) {
  if (options.resamples > 0) return {options.resamples, options.seed};
  constexpr std::size_t kUsual = 20'000, kLeast = 1'000, kMostDraws = 200'000'000;
  const std::size_t affordable = kMostDraws / std::max<std::size_t>(1, queries);
  return {static_cast<std::uint32_t>(std::clamp(affordable, kLeast, kUsual)), options.seed};
}

/// Of all runs but the first.
std::vector<Comparison> compare(const EvalResults& results, std::size_t measure, const EvalReportOptions& options) {
  std::vector<Comparison> out;
  std::vector<double> p_values;
  for (std::size_t run = 1; run < results.evaluations.size(); ++run) {
    Comparison made;
    made.differences =
        eval::paired_differences(results.evaluations[0], results.evaluations[run], measure, options.missing);
    const auto& values = made.differences.values;
    for (const double difference : values) made.mean += difference / static_cast<double>(values.size());
    const auto resampling = resampling_for(values.size(), options);
    made.p = eval::randomisation_test(values, resampling);
    made.p_t = eval::paired_t_test(values);
    made.interval = eval::bootstrap_interval(values, 1.0 - options.alpha, resampling);
    made.better = static_cast<std::size_t>(std::count_if(values.begin(), values.end(), [](double d) { return d > 0; }));
    made.worse = static_cast<std::size_t>(std::count_if(values.begin(), values.end(), [](double d) { return d < 0; }));
    p_values.push_back(made.p);
    out.push_back(std::move(made));
  }
  const auto corrected = eval::holm(p_values);
  for (std::size_t i = 0; i < out.size(); ++i) out[i].p_holm = corrected[i];
  return out;
}

std::string p_text(double p) { return p < 0.0001 ? "<.0001" : fmt::format("{:.4f}", p); }

std::string padded(std::string_view text, std::size_t columns) {
  std::string out = shorten(harmless(text), columns);
  return out + std::string(columns - std::min(columns, display_width(out)), ' ');
}

std::string_view query_name(const EvalResults& results, std::size_t query) {
  return results.ids.queries.name(results.qrels.query(query));
}

/// The queries that lose and gain most.
std::string extremes_text(const EvalResults& results, const Comparison& comparison, std::size_t run,
                          std::size_t measure, std::size_t count) {
  constexpr std::size_t kIdColumns = 20, kQuestionColumns = 60;
  const auto extremes = eval::extreme_differences(comparison.differences.values, count);
  std::string out;
  const auto add = [&](std::string_view heading, const std::vector<std::size_t>& places) {
    if (places.empty()) return;
    out += fmt::format("    {} of {}\n", heading, harmless(results.run_names[run]));
    for (const std::size_t place : places) {
      const std::size_t query = comparison.differences.queries[place];
      out += fmt::format("      {}  {:.4f} > {:.4f}  {:+.4f}", padded(query_name(results, query), kIdColumns),
                         results.evaluations[0].values[measure][query], results.evaluations[run].values[measure][query],
                         comparison.differences.values[place]);
      if (!results.questions.empty()) {
        out += "  " + shorten(harmless(results.questions[query]), kQuestionColumns);
      }
      out += '\n';
    }
  };
  add("largest losses", extremes.lowest);
  add("largest gains", extremes.highest);
  return out;
}

std::size_t name_columns(const EvalResults& results) {
  constexpr std::size_t kLeast = 12, kMost = 40;
  std::size_t columns = kLeast;
  for (const auto& name : results.run_names) columns = std::max(columns, display_width(harmless(name)));
  return std::min(columns, kMost);
}

/// One line a measure: there is nothing to compare with.
std::string single_table(const EvalResults& results, const EvalReportOptions& options) {
  std::string out;
  for (std::size_t m = 0; m < results.measures.size(); ++m) {
    out += fmt::format("{:24} {:.4f}\n", results.measures[m].name(), results.evaluations[0].mean(m, options.missing));
  }
  return out;
}

std::string per_query_text(const EvalResults& results, std::size_t measure, const EvalReportOptions& options) {
  std::string out;
  for (std::size_t query = 0; query < results.qrels.size(); ++query) {
    out += "  " + padded(query_name(results, query), name_columns(results));
    for (const auto& evaluation : results.evaluations) {
      out += evaluation.counts(query, options.missing) ? fmt::format("  {:.4f}", evaluation.values[measure][query])
                                                       : "       -";
    }
    out += '\n';
  }
  return out;
}

}  // namespace

std::string eval_table(const EvalResults& results, const EvalReportOptions& options, const Style& style) {
  std::string out;
  const std::size_t columns = name_columns(results);
  const bool compared = results.run_names.size() > 1;
  if (!compared) out += single_table(results, options);
  for (std::size_t m = 0; m < results.measures.size(); ++m) {
    if (!compared && !options.per_query) break;
    if (!out.empty()) out += '\n';
    const auto& name = results.measures[m].name();
    out += style.bold();
    out += padded(name, columns);
    if (compared)
      out += fmt::format("    mean   change   p Holm    {:<20}better/worse",
                         fmt::format("{:g} % interval", 100 * (1 - options.alpha)));
    out += style.off();
    out += '\n';
    if (compared) {
      const auto comparisons = compare(results, m, options);
      std::string extremes;
      for (std::size_t run = 0; run < results.run_names.size(); ++run) {
        out += padded(results.run_names[run], columns);
        out += fmt::format("  {:.4f}", results.evaluations[run].mean(m, options.missing));
        if (run > 0) {
          const auto& made = comparisons[run - 1];
          const bool marked = made.p_holm < options.alpha;
          out += fmt::format("  {:+.4f}  {:>6} {}  {:<20}{}/{}", made.mean, p_text(made.p_holm), marked ? '*' : ' ',
                             fmt::format("{:+.4f} {:+.4f}", made.interval.low, made.interval.high), made.better,
                             made.worse);
          if (options.queries_worst > 0) extremes += extremes_text(results, made, run, m, options.queries_worst);
        }
        out += '\n';
      }
      out += extremes;
    }
    if (options.per_query) out += per_query_text(results, m, options);
  }
  return out;
}

std::string eval_json(const EvalResults& results, const EvalReportOptions& options) {
  std::string out, per_query;
  for (std::size_t m = 0; m < results.measures.size(); ++m) {
    const auto comparisons = compare(results, m, options);
    for (std::size_t run = 0; run < results.run_names.size(); ++run) {
      const auto& evaluation = results.evaluations[run];
      std::uint64_t queries = 0;
      for (std::size_t query = 0; query < results.qrels.size(); ++query) {
        if (!evaluation.counts(query, options.missing)) continue;
        ++queries;
        if (!options.per_query) continue;
        JsonObject line;
        line.text("measure", results.measures[m].name()).text("run", results.run_names[run]);
        line.text("query", query_name(results, query)).number("value", evaluation.values[m][query]);
        per_query += std::move(line).finish() + '\n';
      }
      JsonObject line;
      line.text("measure", results.measures[m].name()).text("run", results.run_names[run]);
      line.number("mean", evaluation.mean(m, options.missing)).number("queries", queries);
      if (run > 0) {
        const auto& made = comparisons[run - 1];
        line.number("difference", made.mean).number("p", made.p).number("p_holm", made.p_holm);
        line.number("p_t", made.p_t).number("low", made.interval.low).number("high", made.interval.high);
        line.number("better", std::uint64_t{made.better}).number("worse", std::uint64_t{made.worse});
        line.boolean("significant", made.p_holm < options.alpha);
      }
      out += std::move(line).finish() + '\n';
    }
  }
  return out + per_query;
}

}  // namespace tamis::cli
