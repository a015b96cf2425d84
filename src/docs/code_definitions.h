#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "code_lines.h"

namespace tamis::docs {

/// A definition that begins at a line: what it defines, and how far it goes.
struct CodeDefinition {
  std::string name;
  std::size_t body = 0;    ///< first line behind its head, for those that hold definitions
  std::size_t end = 0;     ///< one past its last line; 0 = this is no definition
  bool container = false;  ///< definitions stand in it
};

/// Looks at one line as the head of a definition. A guess by the words and signs of the line: what it does not know is
/// no definition.
class CodeDefinitions {
 public:
  CodeDefinitions(const LineTable& lines, const std::vector<CodeLine>& kinds, const CodeLanguage& language)
      : lines_(lines), kinds_(kinds), language_(language) {}
  /// The definition whose head is `line`, ending before `last`.
  [[nodiscard]] CodeDefinition at(std::size_t line, std::size_t last) const;

 private:
  [[nodiscard]] std::string keyword_name(std::string_view text, bool& container) const;
  [[nodiscard]] std::string function_name(std::size_t line, std::size_t last) const;
  [[nodiscard]] std::string lisp_name(std::string_view text) const;
  void find_braces(std::size_t line, std::size_t last, CodeDefinition& found) const;
  void find_indent(std::size_t line, std::size_t last, CodeDefinition& found) const;
  void find_parens(std::size_t line, std::size_t last, CodeDefinition& found) const;

  const LineTable& lines_;
  const std::vector<CodeLine>& kinds_;
  const CodeLanguage& language_;
};

}  // namespace tamis::docs
