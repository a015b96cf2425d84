#pragma once

#include <tamis/base/progress.h>
#include <tamis/base/result.h>

#include <string>
#include <vector>

#include "paths.h"

namespace tamis::engine {

/// Every check there is, on the newest published state; a line a finding, naming file or row. Cost: reads everything.
/// @par Errors  kNotFound when there is no index, kIo when the system does not let us read
[[nodiscard]] Result<std::vector<std::string>> verify_index(const IndexPaths& paths, ProgressSink& progress);

}  // namespace tamis::engine
