#pragma once

#include <tamis/docs/document.h>

#include <cstddef>
#include <string_view>

#include "source_text.h"

namespace tamis::docs {

/// Reads the YAML ("---") or TOML ("+++") block in front of a Markdown file: `title` and `lang`/`language` go to their
/// places, every other top-level key becomes typed metadata ("- item" lists are joined by ", "; deeper structure is
/// left out). Returns the number of lines it takes, 0 = there is none.
std::size_t read_front_matter(const LineTable& lines, ExtractedDocument& document);

}  // namespace tamis::docs
