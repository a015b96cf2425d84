#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document_builder.h"
#include "mdoc.h"
#include "roff_table.h"
#include "roff_text.h"
#include "source_text.h"

namespace tamis::docs {

/// Reads a manual page line by line: the man(7) and mdoc(7) macros that carry structure, and as much of roff as pages
/// use (strings, conditions, tables, no-fill). What a macro does not know is left out; nothing is executed or included.
class ManParser {
 public:
  explicit ManParser(std::string_view text) : lines_(text), mdoc_(roff_) {}
  /// Text and blocks; title "name(section)", metadata "section" and "date".
  [[nodiscard]] Result<ExtractedDocument> run();

 private:
  using Arguments = std::vector<std::string>;
  struct Macro {
    std::string_view name;
    void (ManParser::*run)(const Arguments&);
  };
  static const Macro* macro_named(std::string_view name);
  static const std::vector<Macro>& macros();
  static std::vector<Macro> sorted(std::vector<Macro> macros);

  void line(std::string_view text);
  void control(std::string_view text);
  void condition(std::string_view name, std::string_view rest);
  void end_block();
  void skip_block(std::string_view text);
  void text_line(std::string_view text);
  void inline_mdoc(std::string_view name, const Arguments& arguments);
  void fonts(std::string_view name, const Arguments& arguments);
  [[nodiscard]] std::string decoded(std::string_view raw);
  [[nodiscard]] std::string joined(const Arguments& arguments, std::string_view between);

  void add(std::string_view text);
  void paragraph();
  void item(std::string_view tag, std::uint32_t level);
  void heading(const Arguments& arguments, std::uint32_t level);
  void set_title(const Arguments& arguments, std::size_t date);
  void set_no_fill(bool on);

  // One macro each.
  void title_man(const Arguments& a) { set_title(a, 2); }
  void title_mdoc(const Arguments& a) { set_title(a, a.size()); }
  void date_mdoc(const Arguments& a) { date_ = joined(a, " "); }
  void section(const Arguments& a) { heading(a, 1); }
  void subsection(const Arguments& a) { heading(a, 2); }
  void new_paragraph(const Arguments&) { paragraph(); }
  void line_break(const Arguments&) { break_ = true; }
  void tagged(const Arguments&);
  void indented(const Arguments& a);
  void item_mdoc(const Arguments& a) { item(mdoc_.render(a), depth_ > 0 ? depth_ : 1); }
  void deeper(const Arguments&);
  void shallower(const Arguments&);
  void no_fill(const Arguments&) { set_no_fill(true); }
  void fill(const Arguments&) { set_no_fill(false); }
  void display(const Arguments& a);
  void display_line(const Arguments& a);
  void table(const Arguments&);
  void table_format(const Arguments&);
  void end_table(const Arguments&);
  void link(const Arguments& a);
  void end_link(const Arguments&);
  void synopsis(const Arguments& a);
  void option(const Arguments& a);
  void define_string(const Arguments& a);
  void skip_definition(const Arguments&) { in_definition_ = true; }
  void reference_part(const Arguments& a) { add(joined(a, " ")); }

  LineTable lines_;
  RoffText roff_;
  Mdoc mdoc_;
  DocumentBuilder builder_;
  std::uint32_t number_ = 1;  // of the line
  std::string title_, section_, date_, link_;
  std::uint32_t heading_level_ = 0;  // a heading whose text is the next line
  std::uint32_t depth_ = 0;          // of .RS or .Bl
  bool tag_next_ = false;            // the next text is a tag
  bool after_tag_ = false;
  bool tag_again_ = false;  ///< the next text is one more tag of the open item
  bool no_fill_ = false;
  bool break_ = false;
  bool join_ = false;
  bool in_definition_ = false;
  std::array<bool, 16> holds_{};  // the last .ie at each depth of blocks
  std::size_t blocks_ = 0;        // open "\\{" of conditions that hold
  std::uint32_t conditions_ = 0;  // .if in .if
  std::size_t skipped_braces_ = 0;
  std::optional<RoffTable> table_;
  std::size_t function_arguments_ = 0;  // of the open .Fo, counted from 1
};

}  // namespace tamis::docs
