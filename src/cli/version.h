#pragma once

#include <string_view>

namespace tamis::cli {

/// The project's version, from CMakeLists.txt.
inline constexpr std::string_view kVersion = TAMIS_VERSION;

}  // namespace tamis::cli
