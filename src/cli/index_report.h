#pragma once

#include <tamis/engine/engine.h>

#include <string>

#include "terminal.h"

namespace tamis::cli {

/// Adds the report of a second part of a run to that of the first.
void add_report(IngestReport& sum, IngestReport&& more);
/// What was indexed, what was skipped and why, and how long it took: for standard output.
[[nodiscard]] std::string report_text(const IngestReport& report, bool all_skipped, const Style& style);
/// Paths that could not be read although no rule leaves them out: for standard error. "" if there are none.
[[nodiscard]] std::string report_warnings(const IngestReport& report, bool all, const Style& style);
[[nodiscard]] std::string report_json(const IngestReport& report);

}  // namespace tamis::cli
