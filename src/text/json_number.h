#pragma once

#include <optional>
#include <string_view>

namespace tamis::text {

/// A JSON number as the package `tokenizers` reads it: its digits as a whole number of 64 bits (further ones are
/// dropped), multiplied or divided once by a power of ten. One number in seven with 17 digits is a neighbour of the
/// nearest double then, and Unigram's near ties turn on it. White space around the number is skipped; nothing for what
/// is no number or is too large. Constant memory, linear time.
[[nodiscard]] std::optional<double> parse_json_number(std::string_view text) noexcept;

}  // namespace tamis::text
