#pragma once

#include <cstddef>
#include <string_view>

namespace tamis::docs {

// What stands in front of a line of reStructuredText. Each looks at no more than the line's beginning.

/// Bytes of a bullet, 0 = none.
[[nodiscard]] std::size_t rst_bullet(std::string_view line);
/// Columns of "1.", "(a)", "iv)", "#.", 0 = none.
[[nodiscard]] std::size_t rst_enumerator(std::string_view line);
/// Bytes of ":name:", 0 = none.
[[nodiscard]] std::size_t rst_field(std::string_view line);
/// Bytes of "-a FILE, --all=FILE" when a description follows, on the line or (`more`) on the next; 0 = none.
[[nodiscard]] std::size_t rst_option(std::string_view line, bool more);
/// Bytes of the name of the directive in "name:: …", 0 = none.
[[nodiscard]] std::size_t rst_directive_name(std::string_view text);
/// Characters, which is columns where there are no wide ones.
[[nodiscard]] std::size_t rst_columns(std::string_view text);

}  // namespace tamis::docs
