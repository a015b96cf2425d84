#include <algorithm>
#include <iterator>

#include "rst_parser.h"

// What RstParser writes.
namespace tamis::docs {

void RstParser::open(BlockKind kind, std::uint32_t level, std::size_t line) {
  joins_ = false;
  builder_.begin(kind, level, static_cast<std::uint32_t>(line + 1));
}

void RstParser::emit(const Frame& frame, std::string_view raw, std::size_t line) {
  if (joins_) {
    builder_.append(joint_);
    builder_.at_line(static_cast<std::uint32_t>(line + 1));
    joins_ = false;
  } else {
    const BlockKind kind = frame.list > 0 ? BlockKind::kListItem
                           : frame.quote  ? BlockKind::kQuote
                                          : BlockKind::kParagraph;
    open(kind, frame.list, line);
  }
  stripped_.clear();
  strip_rst(raw, substitutions_, stripped_);
  builder_.append(stripped_);
  builder_.end();
}

void RstParser::paragraph(const Frame& frame, std::size_t first, std::size_t last, bool drop_colons) {
  std::string words;
  for (std::size_t i = first; i < last; ++i) {
    if (i > first) words += '\n';
    words += trim(text(frame, i));
  }
  if (drop_colons) {  // "as follows::" shows one of them, "as follows ::" and "::" none
    words.resize(words.size() - 1);
    const bool alone = words.size() == 1 || is_blank_char(words[words.size() - 2]);
    if (alone) words.pop_back();
  }
  if (!is_blank(words)) emit(frame, words, first);
}

void RstParser::term(const Frame& frame, std::string_view text, std::size_t line, std::string_view joint) {
  if (joins_) {
    builder_.append(joint_);
    builder_.at_line(static_cast<std::uint32_t>(line + 1));
  } else {
    open(frame.list > 0 ? BlockKind::kListItem : BlockKind::kParagraph, frame.list, line);
  }
  stripped_.clear();
  strip_rst(text, substitutions_, stripped_);
  builder_.append(stripped_);
  joins_ = true;
  joint_ = joint;
}

void RstParser::end_term() {
  if (joins_) builder_.end();
  joins_ = false;
}

void RstParser::heading(std::string_view raw, std::uint32_t level, std::size_t line) {
  open(BlockKind::kHeading, std::clamp<std::uint32_t>(level, 1, 6), line);
  stripped_.clear();
  strip_rst(raw, substitutions_, stripped_);
  builder_.append(stripped_);
  builder_.end();
}

void RstParser::title(char rule, bool over, std::string_view raw, std::size_t line) {
  const char style = over ? static_cast<char>(rule | '\x80') : rule;
  const auto known = std::find(styles_.begin(), styles_.end(), style);
  const auto level = static_cast<std::uint32_t>(known - styles_.begin()) + 1;
  if (known == styles_.end()) styles_.push_back(style);
  section_level_ = std::min<std::uint32_t>(level, 6);
  heading(raw, section_level_, line);
}

void RstParser::code(const Frame& frame, std::size_t first, std::size_t last, std::size_t column) {
  open(BlockKind::kCode, 0, first);
  for (std::size_t i = first; i < last; ++i) {
    const bool marker = frame.marker && i == frame.first;
    builder_.append(marker ? text(frame, i) : without_columns(lines_[i], column, false));
    builder_.append("\n");
  }
  builder_.end();
}

RstLines RstParser::frame_lines(const Frame& frame, std::size_t first, std::size_t last) const {
  RstLines lines;
  for (std::size_t i = first; i < last; ++i) lines.push_back(text(frame, i));
  return lines;
}

void RstParser::table_row(const RstRow& row, std::size_t first_line) {
  std::string_view joint = builder_.current().empty() ? "" : "\n";
  for (const RstCell& cell : row) {
    stripped_.clear();
    strip_rst(cell.text, substitutions_, stripped_);
    const LineTable lines(stripped_);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string_view words = trim(lines[i]);
      if (words.empty()) continue;
      builder_.append(joint);
      builder_.at_line(static_cast<std::uint32_t>(first_line + cell.line + i + 1));
      builder_.append(words);
      joint = " ";
    }
    if (joint == " ") joint = " | ";
  }
}

// ":Author: …" before all text is metadata too; Sphinx's own settings are no text.
bool RstParser::front_field(const Frame& frame, std::string_view name, std::size_t line, std::size_t end) {
  if (frame.depth > 0) return false;
  const auto& blocks = builder_.document().blocks;
  const auto lower_name = [&] {
    std::string lowered;
    for (const char c : name) lowered += lower(c);
    return lowered;
  }();
  constexpr std::string_view kSettings[] = {"orphan", "tocdepth", "nocomments", "nosearch", "no-search"};
  if (blocks.empty() && std::ranges::find(kSettings, lower_name) != std::end(kSettings)) return true;
  constexpr std::string_view kFields[] = {"author", "authors",      "date",      "version", "revision",
                                          "status", "organization", "copyright", "contact", "license"};
  constexpr std::size_t kFrontBlocks = 32;
  const bool front = blocks.size() < kFrontBlocks && std::ranges::all_of(blocks, [](const TextBlock& block) {
                       return block.kind == BlockKind::kHeading || block.kind == BlockKind::kListItem;
                     });
  if (!front || std::ranges::find(kFields, lower_name) == std::end(kFields)) return false;
  std::string value;
  for (std::size_t i = line; i < end; ++i) {
    value += i > line ? "\n" : "";
    value += trim(i > line ? lines_[i] : lines_[i].substr(name.size() + 2));
  }
  if (metadata_.size() < std::size(kFields)) metadata_.push_back({lower_name, typed_value(value)});
  Frame inner = frame;
  ++inner.list;
  emit(inner, std::string(name) + ": " + value, line);
  return true;
}

}  // namespace tamis::docs
