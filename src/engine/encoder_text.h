#pragma once

#include <string>
#include <string_view>

namespace tamis::engine {

/// Between the parts of a heading path.
inline constexpr std::string_view kHeadingArrow = " › ";

/// What an encoder is given of a passage: the title and the headings above it, those that the text begins with left
/// out, then the text, blanks in between.
/// @param heading  "Part › Section", the title in front or not
[[nodiscard]] std::string encoder_text(std::string_view title, std::string_view heading, std::string_view text);

}  // namespace tamis::engine
