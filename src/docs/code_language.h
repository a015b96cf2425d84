#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tamis::docs {

/// How the extent of a definition is found.
enum class CodeShape : std::uint8_t {
  kBraces,  ///< up to the brace that closes it
  kIndent,  ///< up to the next line that is not indented deeper
  kParens,  ///< from a parenthesis in the first column up to the next one
  kNone,    ///< no definitions: blocks between blank lines
};

/// What has to be known of a programming language to see its comments and definitions line by line.
struct CodeLanguage {
  std::string_view endings;        ///< of file names, lower case, parted by spaces; whole names too
  std::string_view interpreters;   ///< in "#!" lines
  std::string_view line_comments;  ///< signs, parted by spaces, longest first
  std::string_view open_comment, close_comment;
  std::string_view strings;       ///< signs of strings that end on their line
  std::string_view long_strings;  ///< signs of strings over several lines, parted by spaces
  CodeShape shape = CodeShape::kNone;
  std::string_view definitions;  ///< words that a definition's name follows, parted by spaces
  std::string_view containers;   ///< those of them that hold definitions
  bool functions = false;        ///< "type name(…) {" defines a function
};

/// By the ending or name of a file (compression taken off), else by a "#!" line; a language without comments if
/// unknown.
[[nodiscard]] const CodeLanguage& code_language(std::string_view file_name, std::string_view first_line);
/// The interpreter of a "#!" line is a known one.
[[nodiscard]] bool known_interpreter(std::string_view first_line);
[[nodiscard]] const std::vector<std::string_view>& code_endings();

/// Whether `word` is one of a list parted by spaces.
[[nodiscard]] bool in_words(std::string_view list, std::string_view word);
/// The sign of a list parted by spaces that `text` begins with; "" if there is none.
[[nodiscard]] std::string_view leading_sign(std::string_view list, std::string_view text);

}  // namespace tamis::docs
