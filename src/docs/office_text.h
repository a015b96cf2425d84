#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/document.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document_builder.h"

namespace tamis::docs {

/// What is known of a word processor's paragraph when it ends.
struct OfficeParagraph {
  std::string text;
  std::string style;
  std::uint32_t number = 1;  ///< 1 = the first of the file
  int outline = -1;          ///< outline level of its own, 0 = highest; -1 = that of the style
  int list_level = -1;       ///< 0 = an item of an outermost list
  bool numbered = false;     ///< says itself whether it is a list item
};

/// Makes a document of the paragraphs and tables of word processor files. Paragraphs inside of paragraphs (text boxes,
/// footnotes) come before the one they stand in. A table is one block: a row a line, cells parted by " | ".
///
/// Such files have no lines, so the origins (kind kLine) are paragraph numbers: every line of a paragraph has its
/// number.
class OfficeText {
 public:
  void begin_paragraph();
  [[nodiscard]] bool in_paragraph() const noexcept { return !open_.empty(); }
  /// The innermost open paragraph.
  /// @pre in_paragraph()
  [[nodiscard]] OfficeParagraph& paragraph() noexcept { return open_.back(); }
  /// Ends the innermost paragraph and gives it back; the caller decides what it is and writes it.
  [[nodiscard]] OfficeParagraph end_paragraph();
  void write(const OfficeParagraph& paragraph, BlockKind kind, std::uint32_t level);

  void begin_table() { ++tables_; }
  void end_row();
  void end_cell();
  void end_table();
  [[nodiscard]] bool in_table() const noexcept { return tables_ > 0; }

  [[nodiscard]] Result<ExtractedDocument> finish() { return builder_.take(); }

 private:
  void put_lines(std::string_view text, std::uint32_t number);

  DocumentBuilder builder_;
  std::vector<OfficeParagraph> open_;
  std::uint32_t paragraphs_ = 0;
  std::uint32_t tables_ = 0;  // depth; only the outermost makes rows
  std::string row_, cell_;
  std::uint32_t row_number_ = 0;  // paragraph number of its first text
  bool row_started_ = false, table_started_ = false;
};

/// Title, language and metadata from the properties part of a docx or odt file.
[[nodiscard]] Status read_office_properties(std::string_view xml, std::uint32_t nesting, ExtractedDocument& document);

}  // namespace tamis::docs
