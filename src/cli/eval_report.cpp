#include "eval_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "display.h"
#include "json.h"

namespace tamis::cli {
namespace {

using eval::Comparison;

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
      out += fmt::format("      {}  {:.4f} > {:.4f}  {:+.4f}", padded(results.query_names[query], kIdColumns),
                         results.evaluations[results.base].values[measure][query],
                         results.evaluations[run].values[measure][query], comparison.differences.values[place]);
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
std::string single_table(const EvalResults& results, std::size_t measures, const EvalReportOptions& options) {
  std::string out;
  for (std::size_t m = 0; m < measures; ++m) {
    out += fmt::format("{:24} {:.4f}\n", results.measures[m].name(),
                       results.evaluations[0].mean(m, options.tests.missing));
  }
  return out;
}

std::string per_query_text(const EvalResults& results, std::size_t measure, const EvalReportOptions& options) {
  std::string out;
  for (std::size_t query = 0; query < results.query_names.size(); ++query) {
    out += "  " + padded(results.query_names[query], name_columns(results));
    for (const auto& evaluation : results.evaluations) {
      out += evaluation.counts(query, options.tests.missing)
                 ? fmt::format("  {:.4f}", evaluation.values[measure][query])
                 : "       -";
    }
    out += '\n';
  }
  return out;
}

}  // namespace

std::string p_text(double p) { return p < 0.0001 ? "<.0001" : fmt::format("{:.4f}", p); }

std::string padded(std::string_view text, std::size_t columns) {
  std::string out = shorten(harmless(text), columns);
  return out + std::string(columns - std::min(columns, display_width(out)), ' ');
}

char mark_of(const eval::Comparison& comparison, double alpha) {
  return comparison.p_holm >= alpha ? ' ' : comparison.mean > 0 ? '+' : '-';
}

void name_queries(EvalResults& results) {
  results.query_names.clear();
  for (std::size_t query = 0; query < results.qrels.size(); ++query) {
    results.query_names.emplace_back(results.ids.queries.name(results.qrels.query(query)));
  }
}

std::string question_text(const eval::Topic& topic) { return topic.title.empty() ? topic.description : topic.title; }

Result<std::size_t> base_from(const EvalResults& results, const std::string& against, eval::MissingQueries missing) {
  if (against == "first") return std::size_t{0};
  std::size_t best = 0;
  for (std::size_t run = 0; run < results.run_names.size(); ++run) {
    if (results.run_names[run] == against) return run;
    if (results.evaluations[run].mean(0, missing) > results.evaluations[best].mean(0, missing)) best = run;
  }
  if (against == "best") return best;
  return Error{Code::kInvalidArgument, fmt::format("--against: {} (wanted first, best, or one of: {})", against,
                                                   fmt::join(results.run_names, ", "))};
}

void compare_runs(EvalResults& results, const eval::CompareOptions& options) {
  results.comparisons.clear();
  for (std::size_t m = 0; m < results.measures.size(); ++m) {
    results.comparisons.push_back(eval::compare(results.evaluations, results.base, m, options));
  }
}

std::string eval_summary(const EvalResults& results, const EvalReportOptions& options, const Style& style) {
  constexpr std::size_t kColumn = 10;
  const std::size_t columns = name_columns(results);
  std::string out(style.bold());
  out += padded("", columns);
  for (std::size_t m = 0; m < results.measures.size(); ++m) {
    const auto& name = results.measures[m].name();
    out += fmt::format("  {:>{}} ", name, std::max(kColumn, name.size()));
  }
  if (!results.latencies.empty()) out += fmt::format("{:>10}{:>10}", "p50 ms", "p90 ms");
  out += style.off();
  out += '\n';
  for (std::size_t run = 0; run < results.run_names.size(); ++run) {
    out += padded(results.run_names[run], columns);
    for (std::size_t m = 0; m < results.measures.size(); ++m) {
      const auto& made = results.comparisons[m][run];
      const char mark = mark_of(made, options.tests.alpha);
      out += fmt::format("  {:>{}.4f}{}", results.evaluations[run].mean(m, options.tests.missing),
                         std::max(kColumn, results.measures[m].name().size()), mark);
    }
    if (!results.latencies.empty()) {
      out += fmt::format("{:>10.2f}{:>10.2f}", results.latencies[run].p50, results.latencies[run].p90);
    }
    out += '\n';
  }
  if (results.run_names.size() > 1) {
    out += fmt::format("+ better, - worse than {} (p Holm < {:g})\n", harmless(results.run_names[results.base]),
                       options.tests.alpha);
  }
  return out;
}

std::string eval_table(const EvalResults& results, std::size_t measures, const EvalReportOptions& options,
                       const Style& style) {
  std::string out;
  const std::size_t columns = name_columns(results);
  const bool compared = results.run_names.size() > 1;
  if (!compared) out += single_table(results, measures, options);
  for (std::size_t m = 0; m < measures; ++m) {
    if (!compared && !options.per_query) break;
    if (!out.empty()) out += '\n';
    const auto& name = results.measures[m].name();
    out += style.bold();
    out += padded(name, columns);
    if (compared)
      out += fmt::format("    mean   change   p Holm    {:<20}better/worse",
                         fmt::format("{:g} % interval", 100 * (1 - options.tests.alpha)));
    out += style.off();
    out += '\n';
    if (compared) {
      const auto& comparisons = results.comparisons[m];
      std::string extremes;
      for (std::size_t run = 0; run < results.run_names.size(); ++run) {
        out += padded(results.run_names[run], columns);
        out += fmt::format("  {:.4f}", results.evaluations[run].mean(m, options.tests.missing));
        if (run != results.base) {
          const auto& made = comparisons[run];
          const bool marked = made.p_holm < options.tests.alpha;
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

std::string eval_json(const EvalResults& results, const EvalReportOptions& options, const std::string& collection) {
  const auto begin = [&] {
    JsonObject line;
    if (!collection.empty()) line.text("collection", collection);
    return line;
  };
  std::string out, per_query;
  for (std::size_t m = 0; m < results.measures.size(); ++m) {
    const auto& comparisons = results.comparisons[m];
    for (std::size_t run = 0; run < results.run_names.size(); ++run) {
      const auto& evaluation = results.evaluations[run];
      std::uint64_t queries = 0;
      for (std::size_t query = 0; query < results.query_names.size(); ++query) {
        if (!evaluation.counts(query, options.tests.missing)) continue;
        ++queries;
        if (!options.per_query) continue;
        JsonObject line = begin();
        line.text("measure", results.measures[m].name()).text("run", results.run_names[run]);
        line.text("query", results.query_names[query]).number("value", evaluation.values[m][query]);
        per_query += std::move(line).finish() + '\n';
      }
      JsonObject line = begin();
      line.text("measure", results.measures[m].name()).text("run", results.run_names[run]);
      line.number("mean", evaluation.mean(m, options.tests.missing)).number("queries", queries);
      if (!results.latencies.empty()) {
        line.number("p50_ms", results.latencies[run].p50).number("p90_ms", results.latencies[run].p90);
      }
      if (run != results.base) {
        const auto& made = comparisons[run];
        line.number("difference", made.mean).number("p", made.p).number("p_holm", made.p_holm);
        line.number("p_t", made.p_t).number("low", made.interval.low).number("high", made.interval.high);
        line.number("better", std::uint64_t{made.better}).number("worse", std::uint64_t{made.worse});
        line.boolean("significant", made.p_holm < options.tests.alpha);
      }
      out += std::move(line).finish() + '\n';
    }
  }
  return out + per_query;
}

}  // namespace tamis::cli
