#pragma once

#include <string_view>

namespace tamis::search {

/// The step that shortens a question.
inline constexpr std::string_view kPruneStep = "prune";

}  // namespace tamis::search
