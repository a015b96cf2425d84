#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "html_elements.h"

namespace tamis::docs {

/// A piece of an HTML file; views into the text.
struct HtmlToken {
  enum class Kind { kText, kStartTag, kEndTag, kEnd };
  Kind kind = Kind::kEnd;
  std::size_t begin = 0;             ///< where it stands in the text
  std::string_view text;             ///< of kText: as written, character references and all
  std::string_view attributes;       ///< of kStartTag: what stands behind the name
  const Element* element = nullptr;  ///< of a tag: what is known about its name; never null
  std::string_view name;             ///< of a tag, as written
  bool self_closing = false;
};

/// Cuts HTML into text and tags the way browsers do (comments, declarations and what is inside script, style and the
/// like are left out; a tag that the file ends in is dropped). It looks at each byte a constant number of times and
/// builds no tree, so that neither depth nor damage costs more than length.
class HtmlTokenizer {
 public:
  explicit HtmlTokenizer(std::string_view text) : text_(text) {}
  [[nodiscard]] HtmlToken next();
  /// Where the next token begins.
  [[nodiscard]] std::size_t position() const noexcept { return at_; }

 private:
  bool skip_markup();
  HtmlToken tag();
  void skip_attributes(HtmlToken& token);
  void skip_raw(std::string_view name);

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Walks over the attributes of a start tag.
class HtmlAttributes {
 public:
  explicit HtmlAttributes(std::string_view text) : rest_(text) {}
  /// The next one; the value as written, "" if there is none. False at the end.
  bool next(std::string_view& name, std::string_view& value);

 private:
  std::string_view rest_;
};

/// The value of an attribute (name in lower case), as written; "" if it is not there.
[[nodiscard]] std::string_view html_attribute_as_written(std::string_view attributes, std::string_view name);
/// The same, character references decoded.
[[nodiscard]] std::string html_attribute(std::string_view attributes, std::string_view name);
/// Whether ASCII texts are equal but for case; `lower_case` is in lower case.
[[nodiscard]] bool equals_nocase(std::string_view text, std::string_view lower_case) noexcept;
/// The text with its character references decoded.
[[nodiscard]] std::string decode_entities(std::string_view text);

}  // namespace tamis::docs
