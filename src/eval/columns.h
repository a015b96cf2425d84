#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace tamis::eval {

/// The columns of a line; those beyond the array are counted, not kept.
struct Columns {
  std::array<std::string_view, 8> at;
  std::size_t count = 0;
};
/// Columns between runs of blanks and tabs.
[[nodiscard]] Columns split_blanks(std::string_view line);
/// Columns between single tabs; they may be empty and hold blanks.
[[nodiscard]] Columns split_tabs(std::string_view line);

}  // namespace tamis::eval
