#pragma once

#include <tamis/eval/evaluate.h>
#include <tamis/eval/significance.h>

#include <cstdint>
#include <string>
#include <vector>

#include "terminal.h"

namespace tamis::cli {

/// What a report is made of; all vectors of runs have the same order, and the first run is what the others are compared
/// to.
struct EvalResults {
  eval::Ids ids;
  eval::Qrels qrels;
  std::vector<std::string> run_names;
  std::vector<eval::Evaluation> evaluations;
  std::vector<eval::Measure> measures;
  std::vector<std::string> questions;  ///< [queries of the judgements] what was asked, "" if not known; or empty
};

struct EvalReportOptions {
  eval::MissingQueries missing = eval::MissingQueries::kZero;
  std::uint32_t resamples = 0;  ///< 0 = 20,000; fewer beyond 10,000 queries, so that a table takes seconds
  std::uint64_t seed = 1;
  double alpha = 0.05;              ///< p values below it get a mark
  std::uint32_t queries_worst = 0;  ///< queries of the largest losses and gains
  bool per_query = false;
};

/// A table for people, a block a measure.
[[nodiscard]] std::string eval_table(const EvalResults& results, const EvalReportOptions& options, const Style& style);
/// One JSON object a line: one a measure and run, then, if wanted, one a measure, run and query.
[[nodiscard]] std::string eval_json(const EvalResults& results, const EvalReportOptions& options);

}  // namespace tamis::cli
