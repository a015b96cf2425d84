#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "document_builder.h"
#include "rst_inline.h"
#include "rst_table.h"
#include "source_text.h"

namespace tamis::docs {

/// Block structure of reStructuredText, as docutils sees it, with Sphinx's directives; see
/// https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html. Structure is indentation: each container is a
/// frame of lines whose texts begin at one column. Deeper than kMaxDepth the rest is paragraphs.
///
/// Titles are headings, levels by order of appearance; a description of a function, class, option … is a heading one
/// level below its section. Everything that holds text keeps it; comments, targets, tables of contents and settings go.
class RstParser {
 public:
  explicit RstParser(std::string_view text);
  /// Text, blocks, title, and the fields in front (":Author: …") as metadata.
  [[nodiscard]] Result<ExtractedDocument> run();

 private:
  static constexpr std::uint32_t kMaxDepth = 32;

  /// Lines [first, last) of a container.
  struct Frame {
    std::size_t first = 0, last = 0;
    std::size_t column = 0;  ///< where the texts begin
    bool marker = false;     ///< the first line begins behind a marker instead, at `first_column`
    std::size_t first_column = 0;
    std::uint32_t list = 0;          ///< lists around it
    std::uint32_t depth = 0;         ///< containers around it
    std::uint32_t descriptions = 0;  ///< functions, classes … around it
    bool quote = false;
    bool titles = false;  ///< titles may stand here
  };
  /// A directive: where its parts stand in the frame around it.
  struct Directive {
    std::string_view name;
    std::size_t line = 0;       ///< of the name
    std::size_t column = 0;     ///< of the text behind the name
    std::size_t arguments = 0;  ///< one past the last line of the arguments
    std::size_t content = 0;    ///< first line of the content
    std::size_t end = 0;        ///< one past its last line
  };

  static constexpr std::uint32_t kBlank = std::numeric_limits<std::uint32_t>::max();

  // Lines of a frame.
  /// Without the first `columns` columns; if not `marker`, only white space is cut off.
  static std::string_view without_columns(std::string_view line, std::size_t columns, bool marker);
  [[nodiscard]] std::string_view text(const Frame& frame, std::size_t line) const;
  [[nodiscard]] bool blank(const Frame& frame, std::size_t line) const;
  [[nodiscard]] std::size_t indent(const Frame& frame, std::size_t line) const;
  [[nodiscard]] bool indented(const Frame& frame, std::size_t line) const;
  [[nodiscard]] std::size_t start_column(const Frame& frame, std::size_t line) const;
  [[nodiscard]] std::size_t end_of_text(const Frame& frame, std::size_t line) const;
  [[nodiscard]] std::size_t end_of_indented(const Frame& frame, std::size_t line) const;
  [[nodiscard]] std::size_t least_column(std::size_t first, std::size_t last) const;
  [[nodiscard]] static Frame inside(const Frame& frame, std::size_t first, std::size_t last);
  [[nodiscard]] Frame indented_part(const Frame& frame, std::size_t first, std::size_t last) const;
  [[nodiscard]] Frame behind_marker(const Frame& frame, std::size_t line, std::size_t last, std::size_t column) const;

  // Elements: each takes the lines from `line` on and gives the first that it leaves.
  void body(const Frame& frame);
  std::size_t element(const Frame& frame, std::size_t line);
  std::size_t marked_element(const Frame& frame, std::size_t line);
  std::size_t quote(const Frame& frame, std::size_t line);
  std::size_t doctest(const Frame& frame, std::size_t line);
  std::size_t item(const Frame& frame, std::size_t line, std::size_t marker_columns);
  std::size_t field(const Frame& frame, std::size_t line, std::size_t marker);
  std::size_t option(const Frame& frame, std::size_t line, std::size_t bytes);
  std::size_t line_block(const Frame& frame, std::size_t line);
  std::size_t adornment(const Frame& frame, std::size_t line);
  std::size_t text_block(const Frame& frame, std::size_t line);
  std::size_t literal(const Frame& frame, std::size_t line);
  std::size_t grid_table(const Frame& frame, std::size_t line);
  std::size_t simple_table(const Frame& frame, std::size_t line, std::size_t end);
  [[nodiscard]] std::size_t simple_table_end(const Frame& frame, std::size_t line);
  [[nodiscard]] std::size_t enumerator(const Frame& frame, std::size_t line) const;

  // Explicit markup: rst_directives.cpp.
  std::size_t explicit_markup(const Frame& frame, std::size_t line);
  void note(const Frame& frame, std::size_t line, std::size_t end, std::string_view label, std::size_t column);
  void directive(const Frame& frame, Directive directive);
  void split_directive(const Frame& frame, Directive& directive) const;
  void description(const Frame& frame, const Directive& directive);
  void unknown(const Frame& frame, const Directive& directive);
  void version_note(const Frame& frame, const Directive& directive);
  void image(const Frame& frame, const Directive& directive);
  void content(const Frame& frame, const Directive& directive);
  void whole_content(const Frame& frame, const Directive& directive);
  void table_directive(const Frame& frame, const Directive& directive);
  void arguments(const Frame& frame, const Directive& directive);
  [[nodiscard]] std::string argument_text(const Frame& frame, const Directive& directive) const;
  void define_substitutions();

  // Output: rst_output.cpp.
  void open(BlockKind kind, std::uint32_t level, std::size_t line);
  void emit(const Frame& frame, std::string_view raw, std::size_t line);
  void paragraph(const Frame& frame, std::size_t first, std::size_t last, bool drop_colons);
  void term(const Frame& frame, std::string_view text, std::size_t line, std::string_view joint);
  void end_term();
  void heading(std::string_view raw, std::uint32_t level, std::size_t line);
  void title(char rule, bool over, std::string_view raw, std::size_t line);
  void code(const Frame& frame, std::size_t first, std::size_t last, std::size_t column);
  void table_row(const RstRow& row, std::size_t first_line);
  [[nodiscard]] RstLines frame_lines(const Frame& frame, std::size_t first, std::size_t last) const;
  bool front_field(const Frame& frame, std::string_view name, std::size_t line, std::size_t end);

  LineTable lines_;
  std::vector<std::uint32_t> columns_;  ///< where the text of each line begins; kBlank if there is none
  RstSubstitutions substitutions_;
  DocumentBuilder builder_;
  std::vector<MetaField> metadata_;
  std::vector<char> styles_;  ///< of titles, highest first: the sign, and its top bit if there is a line above
  std::uint32_t section_level_ = 0;
  std::string_view joint_;  ///< a term waits for its text: what stands between
  bool joins_ = false;
  std::string stripped_;
  std::array<std::size_t, kMaxDepth + 1> no_table_{};  ///< ends of frames in which a search for a table's end failed
};

}  // namespace tamis::docs
