#include "text_structure.h"

#include <algorithm>
#include <string>

#include "source_text.h"

namespace tamis::docs {
namespace {

// "1. ", "12) ", "- ", "* ", "• ": how many bytes, 0 = no list marker.
std::size_t list_marker(std::string_view text) {
  std::size_t at = 0;
  if (text.starts_with("- ") || text.starts_with("* ") || text.starts_with("+ ")) return 2;
  if (text.starts_with("\xE2\x80\xA2")) return 3;
  while (at < text.size() && at < 4 && is_digit(text[at])) ++at;
  const bool numbered = at > 0 && at + 1 < text.size() && (text[at] == '.' || text[at] == ')') && text[at + 1] == ' ';
  return numbered ? at + 2 : 0;
}

/// Finds the structure that plain text shows to the eye: paragraphs, underlined headings ("Title" over "====="),
/// headings behind equals signs ("== Title"), list items. The text stays as it is.
class TextStructure {
 public:
  explicit TextStructure(std::string_view text) : text_(text), lines_(text) {}

  std::vector<TextBlock> run() {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const std::string_view line = lines_[i];
      if (is_blank(line)) {
        close();
      } else if (!open_ && i + 1 < lines_.size() && underlines(lines_[i + 1], line)) {
        close();
        add(BlockKind::kHeading, underline_level(trim(lines_[i + 1]).front()), i, i + 1);
        ++i;
      } else if (const std::uint32_t level = open_ ? 0 : equals_heading(line); level > 0) {
        add(BlockKind::kHeading, level, i, i);
      } else {
        take_line(line, i);
      }
    }
    close();
    return std::move(blocks_);
  }

 private:
  static bool underlines(std::string_view rule, std::string_view title) {
    constexpr std::string_view kRules = "=-~^+*#\"'`";
    const char c = ruler(rule, 3);
    if (c == 0 || kRules.find(c) == std::string_view::npos || indent_of(title).bytes > 3 || indent_of(rule).bytes > 3)
      return false;
    const std::size_t long_enough = trim(rule).size() * 5;
    return ruler(title, 1) == 0 && trim(title).size() <= 120 && long_enough >= trim(title).size() * 3;
  }
  std::uint32_t underline_level(char rule) {
    const auto known = ranks_.find(rule);
    if (known == std::string::npos) ranks_ += rule;
    return static_cast<std::uint32_t>(std::min<std::size_t>(known == std::string::npos ? ranks_.size() : known + 1, 6));
  }
  static std::uint32_t equals_heading(std::string_view line) {
    const std::size_t signs = std::min(line.find_first_not_of('='), line.size());
    const bool heading =
        signs >= 1 && signs <= 6 && signs + 1 < line.size() && line[signs] == ' ' && line.size() <= 120;
    return heading ? static_cast<std::uint32_t>(signs) : 0;
  }

  void take_line(std::string_view line, std::size_t i) {
    const Indent indent = indent_of(line);
    const std::size_t marker = list_marker(line.substr(indent.bytes));
    // A marker opens an item after a blank line, or inside a list; in a paragraph it may be a dash or a sum.
    if (marker > 0 && (!open_ || kind_ == BlockKind::kListItem)) {
      close();
      open(BlockKind::kListItem, static_cast<std::uint32_t>(indent.columns / 2 + 1), i);
      item_indent_ = indent.columns;
    } else if (!open_) {
      const bool continues =
          indent.columns > item_indent_ && !blocks_.empty() && blocks_.back().kind == BlockKind::kListItem;
      open(continues ? BlockKind::kListItem : BlockKind::kParagraph, continues ? blocks_.back().level : 0U, i);
    }
    last_line_ = i;
  }

  void open(BlockKind kind, std::uint32_t level, std::size_t line) {
    open_ = true;
    kind_ = kind;
    level_ = level;
    first_line_ = line;
  }
  void close() {
    if (open_) add(kind_, level_, first_line_, last_line_);
    open_ = false;
  }
  void add(BlockKind kind, std::uint32_t level, std::size_t first, std::size_t last) {
    const std::string_view last_text = lines_[last];
    const std::uint32_t begin = lines_.begin_of(first);
    const auto end = static_cast<std::uint32_t>(lines_.begin_of(last) + last_text.size());
    blocks_.push_back({kind, static_cast<std::uint8_t>(std::min<std::uint32_t>(level, 255)), begin, end});
  }

  std::string_view text_;
  LineTable lines_;
  std::vector<TextBlock> blocks_;
  std::string ranks_;  // characters that underline headings, highest first
  bool open_ = false;
  BlockKind kind_ = BlockKind::kParagraph;
  std::uint32_t level_ = 0;
  std::size_t first_line_ = 0;
  std::size_t last_line_ = 0;
  std::size_t item_indent_ = 0;
};

}  // namespace

std::vector<TextBlock> text_structure(std::string_view text) { return TextStructure(text).run(); }

}  // namespace tamis::docs
