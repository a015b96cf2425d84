#pragma once

#include <tamis/eval/compare.h>
#include <tamis/eval/files.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "terminal.h"

namespace tamis::cli {

/// Milliseconds a question.
struct Latency {
  double p50 = 0, p90 = 0;
};

/// What a report is made of; all vectors of runs have the same order.
struct EvalResults {
  eval::Ids ids;
  eval::Qrels qrels;
  std::vector<std::string> query_names;  ///< [queries of the judgements], by name_queries()
  std::vector<std::string> run_names;    ///< files, or methods
  std::vector<eval::Evaluation> evaluations;
  std::vector<eval::Measure> measures;
  std::vector<std::string> questions;  ///< [queries of the judgements] what was asked, "" if not known; or empty
  std::size_t base = 0;                ///< the run that the others are compared to
  std::vector<std::vector<eval::Comparison>> comparisons;  ///< [measures][runs] with the base, by compare_runs()
  // Of runs that were made here:
  std::vector<Latency> latencies;  ///< [runs], or empty
  std::size_t threads = 0;         ///< that asked at a time
  std::uint64_t passages = 0;      ///< of the index
};

/// "first", "best" (of the first measure) or a run's name, as its place. kInvalidArgument names the runs.
[[nodiscard]] Result<std::size_t> base_from(const EvalResults& results, const std::string& against,
                                            eval::MissingQueries missing);
/// Fills in results.query_names.
void name_queries(EvalResults& results);
/// Fills in results.comparisons, for all reports.
void compare_runs(EvalResults& results, const eval::CompareOptions& options);
/// A topic's title, or what stands for it.
[[nodiscard]] std::string question_text(const eval::Topic& topic);

struct EvalReportOptions {
  eval::CompareOptions tests;
  std::uint32_t queries_worst = 0;  ///< queries of the largest losses and gains
  bool per_query = false;
};

/// One line a run, all measures and latency; + and - mark what differs significantly from the base.
[[nodiscard]] std::string eval_summary(const EvalResults& results, const EvalReportOptions& options,
                                       const Style& style);
/// A table for people, a block a measure, of the first `measures` ones.
[[nodiscard]] std::string eval_table(const EvalResults& results, std::size_t measures, const EvalReportOptions& options,
                                     const Style& style);
/// One JSON object a line: one a measure and run, then, if wanted, one a measure, run and query; with the name of the
/// collection in front if there is one.
[[nodiscard]] std::string eval_json(const EvalResults& results, const EvalReportOptions& options,
                                    const std::string& collection = "");

/// "0.0123", "<.0001".
[[nodiscard]] std::string p_text(double p);
/// '+' significantly better than the base, '-' worse, ' ' neither.
[[nodiscard]] char mark_of(const eval::Comparison& comparison, double alpha);
/// Shortened and filled with blanks to so many columns.
[[nodiscard]] std::string padded(std::string_view text, std::size_t columns);

}  // namespace tamis::cli
