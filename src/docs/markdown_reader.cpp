#include <algorithm>
#include <array>

#include "document_builder.h"
#include "front_matter.h"
#include "markdown_inline.h"
#include "readers.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

constexpr std::size_t kTab = 4;
constexpr std::size_t kMaxListDepth = 32;

bool is_thematic_break(std::string_view text) {
  const char mark = text.empty() ? '\0' : text.front();
  if (mark != '-' && mark != '*' && mark != '_') return false;
  std::size_t marks = 0;
  for (const char c : text) {
    if (c != mark && !is_blank_char(c)) return false;
    marks += c == mark ? 1 : 0;
  }
  return marks >= 3;
}

// "| --- | :---: |": the row under a table's head.
bool is_delimiter_row(std::string_view text) {
  text = trim(text);
  bool dash = false, bar = false;
  for (const char c : text) {
    if (c != '|' && c != '-' && c != ':' && !is_blank_char(c)) return false;
    dash = dash || c == '-';
    bar = bar || c == '|';
  }
  return dash && bar;
}

std::uint32_t atx_level(std::string_view text) {
  const std::size_t signs = std::min(text.find_first_not_of('#'), text.size());
  if (signs == 0 || signs > 6 || (signs < text.size() && !is_blank_char(text[signs]))) return 0;
  return static_cast<std::uint32_t>(signs);
}

std::string_view atx_text(std::string_view text, std::uint32_t level) {
  text = trim(text.substr(level));
  const std::size_t last = text.find_last_not_of('#');
  if (last == std::string_view::npos) return {};
  if (last + 1 < text.size() && is_blank_char(text[last])) text = text.substr(0, last);
  return trim(text);
}

// Bytes of a bullet or number with the white space behind it, 0 = none. `content` = columns up to the item's text.
std::size_t list_marker(std::string_view text, std::size_t& content) {
  std::size_t at = 0;
  if (!text.empty() && (text[0] == '-' || text[0] == '*' || text[0] == '+')) {
    at = 1;
  } else {
    while (at < text.size() && at < 9 && is_digit(text[at])) ++at;
    if (at == 0 || at >= text.size() || (text[at] != '.' && text[at] != ')')) return 0;
    ++at;
  }
  if (at < text.size() && !is_blank_char(text[at])) return 0;
  const Indent space = indent_of(text.substr(at), kTab);
  content = at + (space.columns >= 1 && space.columns <= 4 ? space.columns : 1);
  return space.columns <= 4 ? at + space.bytes : std::min(at + 1, text.size());
}

// "[name]: target" at the start of a line; the name, empty if it is none. Footnotes ("[^1]: text") are text.
std::string_view definition_name(std::string_view text) {
  if (!text.starts_with('[') || text.starts_with("[^")) return {};
  const std::size_t end = text.substr(0, 1000).find(']', 1);
  if (end == std::string_view::npos || end + 1 >= text.size() || text[end + 1] != ':') return {};
  return text.substr(1, end - 1);
}

LinkReferences collect_references(const LineTable& lines) {
  LinkReferences references;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t first = lines[i].find_first_not_of(" >");
    if (first == std::string_view::npos || lines[i][first] != '[') continue;
    const std::string_view name = definition_name(lines[i].substr(first));
    if (!name.empty()) references.insert(reference_key(name));
  }
  return references;
}

/// Block structure of Markdown, line by line: quotes, lists and fences are followed far enough to know where each piece
/// of text belongs; the result is the flat list of blocks that passages are cut from.
class MarkdownParser {
 public:
  MarkdownParser(const LineTable& lines, DocumentBuilder& builder)
      : lines_(lines), builder_(builder), references_(collect_references(lines)) {}

  void run(std::size_t first) {
    for (line_ = first; line_ < lines_.size(); ++line_) take(lines_[line_]);
    close_paragraph();
    builder_.end();
  }

 private:
  [[nodiscard]] std::uint32_t number() const { return static_cast<std::uint32_t>(line_ + 1); }

  // Takes "> > " off; `depth` counts the marks.
  static std::string_view unquote(std::string_view text, std::size_t& depth) {
    for (;;) {
      const Indent indent = indent_of(text, kTab);
      if (indent.columns > 3 || indent.bytes >= text.size() || text[indent.bytes] != '>') return text;
      text.remove_prefix(indent.bytes + 1);
      if (text.starts_with(' ')) text.remove_prefix(1);
      ++depth;
    }
  }

  void take(std::string_view line) {
    if (fence_ != 0) return take_fenced(line);
    std::size_t depth = 0;
    line = unquote(line, depth);
    if (depth != quote_depth_ && !(depth < quote_depth_ && paragraph_open_)) {
      close_paragraph();
      leave_code();
      quote_depth_ = depth;
    }
    if (in_comment_) {
      in_comment_ = line.find("-->") == std::string_view::npos;
      return;
    }
    if (is_blank(line)) {
      close_paragraph();
      if (in_code_) builder_.append("\n");
      in_table_ = false;
      after_blank_ = true;
      return;
    }
    take_text(line);
    after_blank_ = false;
  }

  void take_text(std::string_view line) {
    Indent indent = indent_of(line, kTab);
    const bool lazy = paragraph_open_ && !after_blank_;
    while (!list_.empty() && indent.columns < list_.back() && !lazy) list_.pop_back();
    std::string_view text = line.substr(indent.bytes);
    if (lazy && indent.columns < base()) {  // may still open an item of an outer list
      std::size_t content = 0;
      const bool item = list_marker(text, content) > 0 && !is_thematic_break(text);
      while (!list_.empty() && indent.columns < list_.back() && (item || starts_block(text))) list_.pop_back();
    }
    if (!lazy && indent.columns >= base() + 4) return take_code(line);
    leave_code();
    open_items(text, indent.columns);
    if (text.empty()) return;
    take_block(text, indent.columns);
  }

  // Columns at which the text of the innermost list item begins.
  [[nodiscard]] std::size_t base() const { return list_.empty() ? 0 : list_.back(); }

  static bool starts_block(std::string_view text) {
    return atx_level(text) > 0 || text.starts_with("```") || text.starts_with("~~~") || is_thematic_break(text);
  }

  // Takes list markers off the front; "- 1. x" opens two items.
  void open_items(std::string_view& text, std::size_t columns) {
    while (list_.size() < kMaxListDepth && !is_thematic_break(text)) {
      std::size_t content = 0;
      const std::size_t bytes = list_marker(text, content);
      if (bytes == 0) return;
      // Inside a paragraph only "1." or a bullet with text opens a list: "in the year\n1984. It was" does not.
      const bool in_plain_paragraph = paragraph_open_ && paragraph_level_ == 0;
      if (in_plain_paragraph && ((is_digit(text[0]) && !text.starts_with("1.")) || bytes == text.size())) return;
      close_paragraph();
      text.remove_prefix(bytes);
      columns += content;
      list_.push_back(columns);
      for (const std::string_view box : {"[ ] ", "[x] ", "[X] "}) {
        if (text.starts_with(box)) text.remove_prefix(box.size());
      }
    }
  }

  void take_block(std::string_view text, std::size_t columns) {
    const char rule = ruler(text, 1);
    if (paragraph_open_ && (rule == '=' || rule == '-') && columns < base() + 4 &&
        (list_.empty() || rule == '-' || columns >= base())) {
      return setext(rule == '=' ? 1 : 2);
    }
    if (is_thematic_break(text)) return close_paragraph();
    if (const std::uint32_t level = atx_level(text); level > 0) {
      close_paragraph();
      return heading(atx_text(text, level), level, number());
    }
    if (text.starts_with("```") || text.starts_with("~~~")) return open_fence(text, columns);
    if (!paragraph_open_ && !definition_name(text).empty()) return;
    if (!paragraph_open_ && text.starts_with("<!--") && text.find("-->") == std::string_view::npos) {
      in_comment_ = true;
      return;
    }
    if (in_table_ || (!paragraph_open_ && begins_table(text))) return table_row(text);
    if (!paragraph_open_ && text.starts_with(":::")) return;
    paragraph_line(text);
  }

  bool begins_table(std::string_view text) const {
    if (text.find('|') == std::string_view::npos || line_ + 1 >= lines_.size()) return false;
    std::size_t depth = 0;
    return is_delimiter_row(unquote(lines_[line_ + 1], depth));
  }

  void table_row(std::string_view text) {
    if (!in_table_) {
      builder_.begin(BlockKind::kTable, 0, number());
      in_table_ = true;
    }
    if (is_delimiter_row(text)) return;
    text = trim(text);
    if (text.starts_with('|')) text.remove_prefix(1);
    if (text.ends_with('|')) text.remove_suffix(1);
    std::string row;
    strip_markdown(text, references_, row);
    if (!builder_.current().empty()) builder_.append("\n");
    builder_.at_line(number());
    builder_.append(trim(row));
  }

  void paragraph_line(std::string_view text) {
    if (!paragraph_open_) {
      paragraph_open_ = true;
      paragraph_number_ = number();
      paragraph_level_ = list_.size();
      paragraph_.clear();
    } else {
      paragraph_ += '\n';
    }
    paragraph_ += trim(text);
    if (text.ends_with('\\')) paragraph_.pop_back();
  }

  void close_paragraph() {
    in_table_ = false;
    if (!paragraph_open_) return;
    paragraph_open_ = false;
    const BlockKind kind = paragraph_level_ > 0 ? BlockKind::kListItem
                           : quote_depth_ > 0   ? BlockKind::kQuote
                                                : BlockKind::kParagraph;
    builder_.begin(kind, static_cast<std::uint32_t>(paragraph_level_), paragraph_number_);
    stripped_.clear();
    strip_markdown(paragraph_, references_, stripped_);
    builder_.append(stripped_);
    builder_.end();
  }

  void setext(std::uint32_t level) {
    paragraph_open_ = false;
    heading(paragraph_, level, paragraph_number_);
  }

  void heading(std::string_view text, std::uint32_t level, std::uint32_t number) {
    builder_.begin(BlockKind::kHeading, level, number);
    std::string stripped;
    strip_markdown(text, references_, stripped);
    if (stripped.ends_with('}')) {  // "Title {#id .class}"
      const std::size_t brace = stripped.rfind('{');
      if (brace != std::string::npos && brace + 1 < stripped.size() &&
          (stripped[brace + 1] == '#' || stripped[brace + 1] == '.')) {
        stripped.resize(brace);
      }
    }
    builder_.append(stripped);
    builder_.end();
  }

  void open_fence(std::string_view text, std::size_t columns) {
    const std::size_t run = std::min(text.find_first_not_of(text[0]), text.size());
    if (text[0] == '`' && text.find('`', run) != std::string_view::npos) return paragraph_line(text);
    close_paragraph();
    fence_ = text[0];
    fence_length_ = run;
    fence_columns_ = columns;
    builder_.begin(BlockKind::kCode, 0, number() + 1);
  }

  void take_fenced(std::string_view line) {
    for (std::size_t depth = 0; depth < quote_depth_; ++depth) {
      const std::size_t mark = line.find_first_not_of(' ');
      if (mark == std::string_view::npos || line[mark] != '>') break;
      line.remove_prefix(mark + 1);
      if (line.starts_with(' ')) line.remove_prefix(1);
    }
    const std::string_view text = trim(line);
    if (ruler(text, fence_length_) == fence_) {
      fence_ = 0;
      builder_.end();
      return;
    }
    append_code(line, fence_columns_);
  }

  // A line of code without the indentation of its container.
  void append_code(std::string_view line, std::size_t columns) {
    while (columns > 0 && !line.empty() && (line.front() == ' ' || line.front() == '\t')) {
      columns -= std::min(columns, line.front() == '\t' ? kTab : std::size_t{1});
      line.remove_prefix(1);
    }
    builder_.at_line(number());
    builder_.append(line);
    builder_.append("\n");
  }

  void take_code(std::string_view line) {
    if (!in_code_) {
      in_code_ = true;
      builder_.begin(BlockKind::kCode, 0, number());
    }
    append_code(line, base() + 4);
  }
  void leave_code() {
    if (!in_code_) return;
    in_code_ = false;
    builder_.end();
  }

  const LineTable& lines_;
  DocumentBuilder& builder_;
  LinkReferences references_;
  std::size_t line_ = 0;
  std::size_t quote_depth_ = 0;
  std::vector<std::size_t> list_;  // column of the text of each open item
  std::string paragraph_, stripped_;
  std::uint32_t paragraph_number_ = 1;
  std::size_t paragraph_level_ = 0;  // lists around it
  bool paragraph_open_ = false;
  bool after_blank_ = true;
  bool in_comment_ = false;
  bool in_table_ = false;
  bool in_code_ = false;
  char fence_ = 0;
  std::size_t fence_length_ = 0;
  std::size_t fence_columns_ = 0;
};

class MarkdownReader final : public Reader {
 public:
  std::string_view name() const noexcept override { return "markdown"; }
  std::span<const std::string_view> extensions() const noexcept override {
    static constexpr std::array<std::string_view, 6> kEndings = {"md", "markdown", "mkd", "mdown", "mdx", "rmd"};
    return kEndings;
  }
  // Comments of configuration files look like headings, so a heading alone is not enough: a link or a fence must be
  // there.
  int recognises(std::string_view head) const noexcept override {
    if (looks_binary(head, false)) return 0;
    const bool heading = head.starts_with("# ") || head.find("\n# ") != std::string_view::npos ||
                         head.find("\n## ") != std::string_view::npos;
    const bool mark = head.find("](") != std::string_view::npos || head.find("\n```") != std::string_view::npos;
    return heading && mark && !head.starts_with("#!") ? 40 : 0;
  }
  Status read(const std::filesystem::path&, ByteStream& stream, const ReadOptions& options,
              const DocumentSink& sink) const override {
    TAMIS_TRY(const DecodedText source, read_text(stream, options));
    const LineTable lines(source.text);
    ExtractedDocument front;
    const std::size_t skipped = read_front_matter(lines, front);
    DocumentBuilder builder;
    MarkdownParser(lines, builder).run(skipped);
    TAMIS_TRY(ExtractedDocument document, builder.take());
    document.title = std::move(front.title);
    document.metadata = std::move(front.metadata);
    document.language = std::move(front.language);
    document.encoding = source.encoding;
    if (document.title.empty()) document.title = first_heading(document);
    return sink(std::move(document));
  }
};

}  // namespace

const Reader& markdown_reader() {
  static const MarkdownReader kReader;
  return kReader;
}

}  // namespace tamis::docs
