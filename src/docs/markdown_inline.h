#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

namespace tamis::docs {

/// What a document defines by "[name]: target", names as reference_key() gives them.
using LinkReferences = std::unordered_set<std::string>;

/// A reference name in the form that is compared: ASCII lower case, white space runs as one space.
[[nodiscard]] std::string reference_key(std::string_view name);

/// Appends the text of Markdown inlines: emphasis marks, link targets, tags and escapes go, what a reader sees stays.
/// Every newline of `in` is kept, so that lines can be counted. Linear time whatever the input.
void strip_markdown(std::string_view in, const LinkReferences& references, std::string& out);

/// The length of the known HTML tag at the start of `text`; 0 if it is none.
[[nodiscard]] std::size_t html_tag_length(std::string_view text);

}  // namespace tamis::docs
