#include "code_definitions.h"

#include <algorithm>

namespace tamis::docs {
namespace {

constexpr std::size_t kMaxHead = 30;    // lines from the head of a definition to its brace
constexpr std::size_t kMaxLine = 1000;  // bytes of a line that are looked at
constexpr std::size_t kMaxName = 100;

constexpr std::string_view kModifiers =
    "pub public private protected internal static final abstract export default async unsafe extern const constexpr "
    "inline virtual override sealed partial data open suspend local declare typedef template native synchronized "
    "readonly actual expect inner fileprivate mutating required convenience noinline friend explicit consteval move";
constexpr std::string_view kNoFunctions =
    "if for while switch return catch else do sizeof new throw delete case using assert foreach lock await yield not "
    "typeof synchronized try elif until select when with and or in print echo";

bool is_name(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '$' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

std::string_view first_word(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && (is_name(text[at]) || text[at] == '!')) ++at;
  return text.substr(0, at);
}

/// A name with its scopes: "a::b", "A.b", "~A", "operator==".
std::string_view name_at(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && at < kMaxName &&
         (is_name(text[at]) || text[at] == '.' || text[at] == '~' || text[at] == '-' || text[at] == '?' ||
          text[at] == '!' || text.substr(at, 2) == "::" || (at > 0 && text[at] == ':' && text[at - 1] == ':'))) {
    ++at;
  }
  while (at > 0 && (text[at - 1] == '.' || text[at - 1] == '-')) --at;
  return text.substr(0, at);
}

bool closes(std::string_view text) {
  if (text.empty()) return false;
  return text[0] == '}' || text[0] == ')' || text[0] == ']' ||
         in_words("end fi esac done endfunction endif end;", first_word(text));
}

}  // namespace

CodeDefinition CodeDefinitions::at(std::size_t line, std::size_t last) const {
  CodeDefinition found;
  if (kinds_[line].inside || kinds_[line].kind != CodeLineKind::kCode) return found;
  const std::string_view text = trim(lines_[line].substr(0, kMaxLine));
  if (text.empty() || text[0] == '#' || text[0] == '@') return found;
  if (language_.shape == CodeShape::kParens) {
    found.name = lines_[line].starts_with('(') ? lisp_name(text) : std::string();
  } else {
    found.name = keyword_name(text, found.container);
    if (found.name.empty() && language_.functions) found.name = function_name(line, last);
  }
  if (found.name.empty()) return found;
  switch (language_.shape) {
    case CodeShape::kBraces:
      find_braces(line, last, found);
      break;
    case CodeShape::kIndent:
      find_indent(line, last, found);
      break;
    case CodeShape::kParens:
      find_parens(line, last, found);
      break;
    case CodeShape::kNone:
      break;
  }
  return found;
}

// Modifiers, one of the language's words, a name.
std::string CodeDefinitions::keyword_name(std::string_view text, bool& container) const {
  for (int words = 0; words < 8 && !text.empty(); ++words) {
    const std::string_view word = first_word(text);
    if (word.empty()) return {};
    text = trim(text.substr(word.size()));
    if (in_words(language_.definitions, word)) {
      container = in_words(language_.containers, word);
      if (word == "enum" && in_words("class struct", first_word(text)))
        text = trim(text.substr(first_word(text).size()));
      if (word == "func" && text.starts_with('(')) {  // the receiver of a Go method
        text = trim(text.substr(std::min(text.find(')'), text.size() - 1) + 1));
      }
      if (text.starts_with('<')) text = trim(text.substr(std::min(text.find('>'), text.size() - 1) + 1));
      if (word == "impl") return std::string(trim(text.substr(0, std::min(text.find('{'), kMaxName))));
      if (text.starts_with('*')) text.remove_prefix(1);  // of a generator
      return std::string(name_at(text));
    }
    if (!in_words(kModifiers, word)) return {};
    if (text.starts_with('(')) text = trim(text.substr(std::min(text.find(')'), text.size() - 1) + 1));  // "pub(crate)"
  }
  return {};
}

// "type name(…) {": the word before the first parenthesis, when a brace comes before a semicolon.
std::string CodeDefinitions::function_name(std::size_t line, std::size_t last) const {
  const std::string_view text = trim(lines_[line].substr(0, kMaxLine));
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos || open == 0 || in_words(kNoFunctions, first_word(text))) return {};
  if (text.substr(0, open).find_first_of("=\"'{};?") != std::string_view::npos) {
    const bool operators = text.substr(0, open).find("operator") != std::string_view::npos;
    if (!operators) return {};
  }
  std::size_t begin = trim(text.substr(0, open)).size();
  const std::size_t end = begin;
  while (begin > 0 && (is_name(text[begin - 1]) || text[begin - 1] == ':' || text[begin - 1] == '~')) --begin;
  std::string_view name = text.substr(begin, end - begin);
  const std::size_t sign = text.substr(0, end).rfind("operator");
  if (name.empty() && sign != std::string_view::npos) name = text.substr(sign, end - sign);
  if (name.empty() || is_digit(name[0]) || name.size() > kMaxName || in_words(kNoFunctions, name)) return {};
  if (begin > 0 && text[begin - 1] == '.') return {};  // a call
  for (std::size_t i = line; i < last && i < line + kMaxHead; ++i) {
    if (kinds_[i].kind == CodeLineKind::kBlank) return {};
    const std::string_view head = i == line ? text.substr(open) : lines_[i].substr(0, kMaxLine);
    const std::size_t mark = head.find_first_of("{;");
    if (mark != std::string_view::npos) return head[mark] == '{' ? std::string(name) : std::string();
  }
  return {};
}

std::string CodeDefinitions::lisp_name(std::string_view text) const {
  text.remove_prefix(1);
  std::size_t word = std::min(text.find_first_of(" \t("), text.size());
  if (!text.starts_with("def") && !text.starts_with("ns") && !text.starts_with("cl-def")) return {};
  text = trim(text.substr(word));
  while (text.starts_with('(')) text.remove_prefix(1);
  word = std::min({text.find_first_of(" \t()"), text.size(), kMaxName});
  return std::string(text.substr(0, word));
}

// Up to the line that closes what the head opens. A head without a brace, or one that is never closed, is none.
void CodeDefinitions::find_braces(std::size_t line, std::size_t last, CodeDefinition& found) const {
  const std::uint32_t depth = kinds_[line].depth;
  std::size_t open = line;
  for (;; ++open) {
    if (open >= last || open >= line + kMaxHead) return;
    if (kinds_[open].deepest > depth) break;
    if (kinds_[open].kind == CodeLineKind::kBlank) return;
    if (trim(lines_[open]).ends_with(';')) return;
  }
  for (std::size_t i = open + 1; i <= last; ++i) {
    if (i == kinds_.size() ? i == open + 1 || closes(trim(lines_[i - 1])) : kinds_[i].depth <= depth) {
      found.body = open + 1;
      found.end = i;
      return;
    }
  }
}

void CodeDefinitions::find_indent(std::size_t line, std::size_t last, CodeDefinition& found) const {
  const std::size_t column = indent_of(lines_[line]).columns;
  std::size_t end = line + 1;
  // A head over several lines ends where its indentation comes back, as in "def f(\n  a\n):".
  for (std::size_t i = line + 1; i < last; ++i) {
    const CodeLine& kind = kinds_[i];
    if (kind.kind == CodeLineKind::kBlank) continue;
    const std::string_view text = trim(lines_[i].substr(0, kMaxLine));
    const std::size_t columns = indent_of(lines_[i]).columns;
    const bool deeper = kind.inside || columns > column;
    if (!deeper && (columns < column || !closes(text)) && !(text.starts_with('{') && i == line + 1)) break;
    if (!deeper && kind.kind == CodeLineKind::kComment) break;
    end = i + 1;
  }
  found.end = end;
  found.body = line + 1;
  while (found.body < end && indent_of(lines_[found.body]).columns <= column) ++found.body;
}

void CodeDefinitions::find_parens(std::size_t line, std::size_t last, CodeDefinition& found) const {
  std::size_t end = line + 1;
  for (std::size_t i = line + 1; i < last; ++i) {
    const CodeLine& kind = kinds_[i];
    if (kind.kind == CodeLineKind::kBlank) continue;
    if (!kind.inside && !is_blank_char(lines_[i].front()) &&
        (lines_[i].front() == '(' || kind.kind == CodeLineKind::kComment))
      break;
    end = i + 1;
  }
  found.end = end;
}

}  // namespace tamis::docs
