#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "office_text.h"
#include "xml_events.h"

namespace tamis::docs {

/// What a paragraph style means for the text.
struct DocxStyle {
  std::uint32_t heading = 0;  ///< 1 = highest; 0 = no heading
  bool list = false;
  bool title = false;
  bool code = false;
  bool contents = false;  ///< a line of the table of contents: not part of the text
};
/// word/styles.xml. Headings are known by outline level or by the built-in name, which is English in every language
/// ("heading 1"), whatever the style's id; styles inherit from those they are based on.
class DocxStyles {
 public:
  [[nodiscard]] static Result<DocxStyles> parse(std::string_view xml, std::uint32_t nesting);
  [[nodiscard]] DocxStyle style(std::string_view id) const;

 private:
  std::map<std::string, DocxStyle, std::less<>> styles_;
};

/// Reads word/document.xml (or footnotes.xml): paragraphs, headings, list items, tables. Deleted text, field codes and
/// the second copy of drawings (mc:Fallback) are left out.
class DocxBody final : public XmlHandler {
 public:
  DocxBody(const DocxStyles& styles, OfficeText& out) : styles_(styles), out_(out) {}
  void start(std::string_view name, const XmlAttributes& attributes) override;
  void end(std::string_view name) override;
  void text(std::string_view piece) override;
  /// The first paragraph of style Title.
  [[nodiscard]] const std::string& title() const noexcept { return title_; }

 private:
  void start_in_paragraph(std::string_view name, const XmlAttributes& attributes);
  void end_paragraph();

  const DocxStyles& styles_;
  OfficeText& out_;
  std::string title_;
  std::uint32_t skipped_ = 0;        // depth inside of an element that is left out
  std::uint32_t in_text_ = 0;        // depth of w:t
  std::uint32_t in_properties_ = 0;  // depth of w:pPr
};

/// content.xml of an OpenDocument text.
class OdtBody final : public XmlHandler {
 public:
  explicit OdtBody(OfficeText& out) : out_(out) {}
  void start(std::string_view name, const XmlAttributes& attributes) override;
  void end(std::string_view name) override;
  void text(std::string_view piece) override;

 private:
  OfficeText& out_;
  std::uint32_t skipped_ = 0;
  std::uint32_t lists_ = 0;
};

}  // namespace tamis::docs
