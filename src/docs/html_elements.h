#pragma once

#include <cstdint>
#include <string_view>

namespace tamis::docs {

/// What an element means for the text that is read out of it.
enum class ElementKind : std::uint8_t {
  kInline,     ///< no border between words: a, b, code, span, and every unknown name
  kBlock,      ///< a border between paragraphs
  kParagraph,  ///< the same, but its end tag may be missing
  kHeading,
  kList,
  kTerms,  ///< dl
  kItem,   ///< li, dt, dd
  kTable,
  kRow,
  kCell,
  kPre,
  kQuote,
  kBreak,
  kImage,
  kMeta,
  kTitle,
  kHtml,
  kMain,
  kSkip,  ///< not part of what the page says: nav, script, form controls …
};

struct Element {
  std::string_view name;  ///< lower case; "" for unknown names
  ElementKind kind = ElementKind::kInline;
  std::uint8_t level = 0;  ///< of headings
  bool raw = false;        ///< its content is not markup
  bool is_void = false;    ///< has no end tag
};

/// What is known about an element; any case. Never fails: unknown names are inline.
[[nodiscard]] const Element& element_named(std::string_view name) noexcept;

/// Whether the attributes of a start tag say that the element is not part of the text: navigation, search, page
/// footers, hidden parts, "¶" links, line numbers — by role, by `hidden`, and by the class names and ids that
/// documentation tools use.
[[nodiscard]] bool is_furniture(std::string_view attributes) noexcept;

/// What the class of a block says about it beyond its element.
enum class BlockRole : std::uint8_t {
  kPlain,
  kNote,  ///< note, warning, tip … in a box: its heading heads only the box
  kCode,  ///< lines of code, each in a block of its own, as Doxygen writes them
};
[[nodiscard]] BlockRole block_role(std::string_view attributes) noexcept;

}  // namespace tamis::docs
