#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document_builder.h"
#include "html_elements.h"

namespace tamis::docs {

/// The line of growing positions in a text; linear over all calls.
class LineCounter {
 public:
  explicit LineCounter(std::string_view text) : text_(text), newline_(text.find('\n')) {}
  [[nodiscard]] std::uint32_t at(std::size_t position);

 private:
  std::string_view text_;
  std::size_t newline_;  // the first one not counted
  std::uint32_t line_ = 1;
};

/// Turns the tags and texts of a page into blocks. Of the open elements only those are remembered that change how text
/// is taken: lists, quotes, code, tables, headings. A table is one block, a row a line, cells parted by " | "; but a
/// table that holds headings, code or tables is there for the layout, and its cells are read as paragraphs.
class HtmlWriter {
 public:
  /// Text as written in the file; `position` is where, for the lines.
  explicit HtmlWriter(std::string_view html) : lines_(html) {}
  void text(std::string_view text, std::size_t position);

  /// The end of a paragraph; inside of a table's cell no more than a space, in code a line end.
  void border();
  void line_break();
  void row();
  void cell();
  /// Begins and ends an element of kind kList, kTerms, kQuote or kPre.
  void open(ElementKind kind);
  void close(ElementKind kind);
  void open_heading(std::uint32_t level);
  void open_table();
  /// A term that heads what follows it, as Sphinx writes the signature of a function: one level below the last heading,
  /// and another for each list of terms around it.
  void open_signature();
  void close_all();
  /// A heading that was never closed ends where the next block begins, if it has text.
  void end_lost_heading();

  [[nodiscard]] std::uint32_t count(ElementKind kind) const { return count_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] bool in_table() const { return count(ElementKind::kTable) == 1 && !layout_; }
  /// How many elements are open.
  [[nodiscard]] std::size_t depth() const noexcept { return open_.size(); }
  [[nodiscard]] Result<ExtractedDocument> take() { return builder_.take(); }

 private:
  void pop();
  void table_is_layout();
  void ensure_block(std::uint32_t line);
  void preformatted(std::string_view text, std::size_t position);
  void words(std::string_view text, std::uint32_t line);
  void word(std::string_view text, bool blank);

  DocumentBuilder builder_;
  LineCounter lines_;
  std::vector<ElementKind> open_;
  std::array<std::uint32_t, 32> count_{};
  std::uint32_t level_ = 1;       // of the open heading
  std::uint32_t last_level_ = 1;  // of the last heading that is none of a term
  bool layout_ = false;
  bool space_ = false, newline_ = false, new_cell_ = false;  // what stands before the next word
  std::string piece_, decoded_;
};

}  // namespace tamis::docs
