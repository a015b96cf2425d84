#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/document.h>

#include <cstdint>
#include <string_view>

namespace tamis::docs {

/// Reads what an HTML page says: title, headings, paragraphs, lists, tables, code, with the lines of the file; language
/// and a few metadata fields. Furniture (navigation, footers, hidden parts; see html_elements.h) is left out, and where
/// the page marks its main part, only that is read. A page that would be empty by these rules is read without them.
/// Linear time and memory; `nesting` bounds the depth of block elements (kExhausted).
/// @param html  valid UTF-8, '\n' line ends
[[nodiscard]] Result<ExtractedDocument> extract_html(std::string_view html, std::uint32_t nesting);

}  // namespace tamis::docs
