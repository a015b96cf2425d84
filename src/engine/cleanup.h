#pragma once

#include <tamis/base/result.h>
#include <tamis/store/catalogue.h>

#include "paths.h"

namespace tamis::engine {

/// Removes files of the segments folder that the catalogue does not name: what a killed or failed run left, and what a
/// merge replaced. Also half-made catalogues. Only with the writer lock held. Readers that have a removed file open
/// keep it; one that was about to open it starts again from the newest state.
[[nodiscard]] Status remove_orphans(const IndexPaths& paths, const store::Catalogue& catalogue);

}  // namespace tamis::engine
