#pragma once

#include <string_view>

namespace tamis::cli {

/// The project's version, from CMakeLists.txt.
inline constexpr std::string_view kVersion = TAMIS_VERSION;
/// When the manual was last gone over.
inline constexpr std::string_view kManualDate = "2026-11-22";

}  // namespace tamis::cli
