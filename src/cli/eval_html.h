#pragma once

#include <string>
#include <vector>

#include "eval_collections.h"
#include "eval_report.h"

namespace tamis::cli {

/// One page that needs nothing else: methods with marks, quality against latency, collections, and what the questions
/// gained and lost against the base. Light or dark as the reader has it.
/// @param collections  compared (compare_runs()); one for a single index
/// @param conditions   a line on what was measured how
[[nodiscard]] std::string eval_html(const std::vector<MeasuredCollection>& collections, std::size_t base,
                                    const EvalReportOptions& options, const std::string& title,
                                    const std::string& conditions);

}  // namespace tamis::cli
