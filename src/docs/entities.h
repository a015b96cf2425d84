#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tamis::docs {

/// Decodes the HTML character reference at the start of `text` ("&amp;", "&#8217;", "&#xE9;") and appends it as UTF-8.
/// Returns the bytes used; 0 = not a reference, nothing appended. Constant time.
std::size_t decode_entity(std::string_view text, std::string& out);

}  // namespace tamis::docs
