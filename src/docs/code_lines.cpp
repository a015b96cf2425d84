#include "code_lines.h"

#include <algorithm>

namespace tamis::docs {
namespace {

/// Walks through the lines; what stays open at a line's end is a comment or a long string.
class CodeScanner {
 public:
  explicit CodeScanner(const CodeLanguage& language) : language_(language) {}

  CodeLine scan(std::string_view line) {
    CodeLine result;
    result.inside = !closing_.empty();
    result.depth = result.deepest = depth_;
    bool comment = result.inside && in_comment_, code = result.inside && !in_comment_;
    const std::string_view text = trim(line);
    const bool space = text.starts_with("namespace") || text.starts_with("extern \"C");
    std::size_t at = 0;
    while (at < line.size()) {
      if (!closing_.empty()) {
        at = leave(line, at);
        continue;
      }
      const std::string_view rest = line.substr(at);
      if (is_blank_char(rest[0])) {
        ++at;
      } else if (is_letter(rest[0]) || is_digit(rest[0])) {
        code = true;
        while (at < line.size() && (is_letter(line[at]) || is_digit(line[at]))) ++at;
      } else if (enter(rest)) {
        (in_comment_ ? comment : code) = true;
        at += opened_;
      } else if (!leading_sign(language_.line_comments, rest).empty() && begins_comment(line, at)) {
        comment = true;
        break;
      } else {
        code = true;
        at += plain(rest, at == 0, space);
        result.deepest = std::max(result.deepest, depth_);
      }
    }
    result.kind = code ? CodeLineKind::kCode : comment ? CodeLineKind::kComment : CodeLineKind::kBlank;
    return result;
  }

 private:
  // "#" in "$#" and "${x#y}" of shells, "'" … are no comments: a sign of one letter stands behind white space.
  [[nodiscard]] bool begins_comment(std::string_view line, std::size_t at) const {
    return line[at] != '#' || at == 0 || is_blank_char(line[at - 1]) || line[at - 1] == ';';
  }
  [[nodiscard]] bool enter(std::string_view rest) {
    if (!language_.open_comment.empty() && rest.starts_with(language_.open_comment)) {
      closing_ = language_.close_comment;
      opened_ = language_.open_comment.size();
      in_comment_ = true;
      return true;
    }
    closing_ = leading_sign(language_.long_strings, rest);
    opened_ = closing_.size();
    in_comment_ = false;
    return !closing_.empty();
  }
  std::size_t leave(std::string_view line, std::size_t at) {
    while (true) {
      const std::size_t end = line.find(closing_, at);
      if (end == std::string_view::npos) return line.size();
      at = end + closing_.size();
      if (!in_comment_ && end > 0 && line[end - 1] == '\\') continue;
      closing_ = {};
      return at;
    }
  }
  /// One character or string of code; gives its bytes.
  std::size_t plain(std::string_view rest, bool first, bool space) {
    const char c = rest[0];
    if (c == '\\') return std::min<std::size_t>(2, rest.size());
    if (c == '{' && !space) ++depth_;
    if (c == '}') depth_ = first || depth_ == 0 ? 0 : depth_ - 1;
    if (language_.strings.find(c) == std::string_view::npos) return 1;
    for (std::size_t at = 1; at < rest.size(); ++at) {
      if (rest[at] == '\\') {
        ++at;
      } else if (rest[at] == c) {
        return at + 1;
      }
    }
    return 1;  // an apostrophe: the rest is looked at as code
  }

  const CodeLanguage& language_;
  std::string_view closing_;  // of what is open
  bool in_comment_ = false;
  std::size_t opened_ = 0;
  std::uint32_t depth_ = 0;
};

}  // namespace

std::vector<CodeLine> code_lines(const LineTable& lines, const CodeLanguage& language) {
  std::vector<CodeLine> result;
  result.reserve(lines.size());
  CodeScanner scanner(language);
  for (std::size_t i = 0; i < lines.size(); ++i) result.push_back(scanner.scan(lines[i]));
  return result;
}

}  // namespace tamis::docs
