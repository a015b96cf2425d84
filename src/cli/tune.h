#pragma once

#include <tamis/base/progress.h>
#include <tamis/base/result.h>
#include <tamis/engine/engine.h>

namespace tamis::cli {

/// Sets what searches of an index find unless told otherwise. Below 1 it also measures what reaches it, on questions
/// out of the collection, for the method and the numbers of hits that searches normally have, where that is not known
/// yet.
[[nodiscard]] Status tune_for(Engine& engine, double recall, ProgressSink& progress);

}  // namespace tamis::cli
