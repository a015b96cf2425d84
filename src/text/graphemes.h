#pragma once

#include <cstddef>
#include <string_view>

namespace tamis::text {

/// The end of the extended grapheme cluster of UAX #29 that begins at `begin`. Clusters of Indic scripts end earlier
/// than by rule GB9c. @pre begin < text.size(), well-formed UTF-8
[[nodiscard]] std::size_t grapheme_end(std::string_view text, std::size_t begin) noexcept;

}  // namespace tamis::text
