#pragma once

#include <tamis/docs/document.h>

#include <string_view>
#include <vector>

namespace tamis::docs {

/// The structure that plain text shows to the eye: paragraphs, underlined headings ("Title" over "====="), headings
/// behind equals signs ("== Title"), list items. The text stays as it is. Linear.
[[nodiscard]] std::vector<TextBlock> text_structure(std::string_view text);

}  // namespace tamis::docs
