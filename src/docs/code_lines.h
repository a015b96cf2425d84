#pragma once

#include <cstdint>
#include <vector>

#include "code_language.h"
#include "source_text.h"

namespace tamis::docs {

enum class CodeLineKind : std::uint8_t { kBlank, kComment, kCode };
struct CodeLine {
  CodeLineKind kind = CodeLineKind::kBlank;
  bool inside = false;        ///< begins inside of a comment or a string of several lines
  std::uint32_t depth = 0;    ///< of braces, at the line's beginning; those of namespaces do not count
  std::uint32_t deepest = 0;  ///< the most that it reaches
};

/// What each line is, and how deep in braces. A brace in the first column closes all that is open, so that a piece
/// which this does not understand spoils no more than itself. Linear.
[[nodiscard]] std::vector<CodeLine> code_lines(const LineTable& lines, const CodeLanguage& language);

}  // namespace tamis::docs
