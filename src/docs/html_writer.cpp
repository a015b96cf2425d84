#include "html_writer.h"

#include <algorithm>

#include "entities.h"
#include "html_tokenizer.h"
#include "source_text.h"

namespace tamis::docs {

using K = ElementKind;

namespace {

// Whether a byte belongs to a word as it stands.
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0; c < plain.size(); ++c)
    plain[c] = c != '&' && (c > 127 || !is_blank_char(static_cast<char>(c)));
  return plain;
}();

}  // namespace

std::uint32_t LineCounter::at(std::size_t position) {
  while (newline_ < position) {
    ++line_;
    newline_ = text_.find('\n', newline_ + 1);
  }
  return line_;
}

// --- open elements ---

void HtmlWriter::open(K kind) {
  if (kind == K::kPre) table_is_layout();
  end_lost_heading();
  border();
  open_.push_back(kind);
  ++count_[static_cast<std::size_t>(kind)];
}

void HtmlWriter::open_heading(std::uint32_t level) {
  close(K::kHeading);
  table_is_layout();
  open(K::kHeading);
  level_ = last_level_ = level;
}

void HtmlWriter::open_signature() {
  close(K::kHeading);
  open(K::kHeading);
  level_ = std::min(6U, last_level_ + std::max(1U, count(K::kTerms)));
}

void HtmlWriter::open_table() {
  table_is_layout();
  open(K::kTable);
}

void HtmlWriter::pop() {
  const K kind = open_.back();
  --count_[static_cast<std::size_t>(kind)];
  open_.pop_back();
  if (kind == K::kTable && count(K::kTable) == 0) layout_ = false;
}

// Ends the innermost element of a kind with all that was left open in it.
void HtmlWriter::close(K kind) {
  if (count(kind) == 0) return;
  border();
  for (bool found = false; !found;) {
    found = open_.back() == kind;
    if (found && (kind == K::kTable || kind == K::kPre)) builder_.end();
    pop();
  }
}

void HtmlWriter::close_all() {
  builder_.end();
  while (!open_.empty()) pop();
}

void HtmlWriter::end_lost_heading() {
  if (count(K::kHeading) > 0 && !builder_.current().empty()) close(K::kHeading);
}

// --- borders ---

void HtmlWriter::border() {
  if (in_table() && builder_.open()) {
    space_ = true;
  } else if (count(K::kPre) > 0 && builder_.open()) {
    if (!builder_.current().empty() && !builder_.current().ends_with('\n')) builder_.append("\n");
  } else {
    builder_.end();
    space_ = false;
  }
}

void HtmlWriter::table_is_layout() {
  if (!in_table()) return;
  layout_ = true;
  builder_.end();
  space_ = false;
}

void HtmlWriter::row() {
  if (!in_table()) return border();
  newline_ = newline_ || !builder_.current().empty();
  space_ = new_cell_ = false;
}

void HtmlWriter::cell() {
  if (!in_table()) return border();
  new_cell_ = !newline_ && !builder_.current().empty();
  space_ = false;
}

void HtmlWriter::line_break() {
  if (in_table()) {
    space_ = true;
  } else if (count(K::kPre) > 0) {
    if (builder_.open()) builder_.append("\n");
  } else if (!builder_.current().empty()) {
    newline_ = true;
    space_ = false;
  }
}

// --- text ---

void HtmlWriter::ensure_block(std::uint32_t line) {
  if (builder_.open()) return;
  const std::uint32_t lists = count(K::kList) + count(K::kTerms);
  if (count(K::kHeading) > 0) {
    builder_.begin(BlockKind::kHeading, level_, line);
  } else if (count(K::kPre) > 0) {
    builder_.begin(BlockKind::kCode, 0, line);
  } else if (in_table()) {
    builder_.begin(BlockKind::kTable, 0, line);
  } else if (lists > 0) {
    builder_.begin(BlockKind::kListItem, lists, line);
  } else {
    builder_.begin(count(K::kQuote) > 0 ? BlockKind::kQuote : BlockKind::kParagraph, 0, line);
  }
  space_ = newline_ = new_cell_ = false;
}

void HtmlWriter::text(std::string_view text, std::size_t position) {
  if (count(K::kPre) > 0) return preformatted(text, position);
  std::string_view rest = text;
  std::uint32_t line = 0;
  for (;;) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view piece = rest.substr(0, end);
    if (!is_blank(piece)) {
      if (line == 0) line = lines_.at(position + static_cast<std::size_t>(piece.data() - text.data()));
      words(piece, line);
    } else if (!piece.empty()) {
      space_ = true;
    }
    if (end == rest.size()) return;
    if (line != 0) ++line;
    space_ = true;
    rest.remove_prefix(end + 1);
  }
}

void HtmlWriter::preformatted(std::string_view text, std::size_t position) {
  const std::uint32_t line = lines_.at(position);
  ensure_block(line);
  builder_.at_line(line);
  if (text.find('&') == std::string_view::npos) {
    builder_.append(text);
  } else {
    builder_.append(decode_entities(text));
  }
}

// Text without line ends: white space runs become one space.
void HtmlWriter::words(std::string_view text, std::uint32_t line) {
  piece_.clear();
  bool blank = false;
  while (!text.empty()) {
    std::size_t run = 0;
    while (run < text.size() && kPlain[static_cast<unsigned char>(text[run])]) ++run;
    if (run > 0) {
      word(text.substr(0, run), blank);
      blank = false;
      text.remove_prefix(run);
    } else if (text.front() != '&') {
      blank = true;
      text.remove_prefix(1);
    } else {
      decoded_.clear();
      text.remove_prefix(std::max<std::size_t>(decode_entity(text, decoded_), 1));
      if (decoded_.empty()) decoded_ = "&";
      if (decoded_ == "\xC2\xAD") continue;  // where a word may be broken
      const bool space = decoded_ == "\xC2\xA0" || is_blank_char(decoded_[0]);
      if (!space) word(decoded_, blank);
      blank = space;
    }
  }
  if (!piece_.empty()) {
    ensure_block(line);
    const std::size_t line_end = piece_.front() == '\n' ? 1 : 0;
    builder_.append(std::string_view(piece_).substr(0, line_end));
    builder_.at_line(line);
    builder_.append(std::string_view(piece_).substr(line_end));
  }
  space_ = space_ || blank;
}

// A word or a part of one, with what stands before it: a cell's bar, a line end, a space or nothing.
void HtmlWriter::word(std::string_view text, bool blank) {
  if (!piece_.empty()) {
    if (blank) piece_ += ' ';
  } else if (builder_.open() && !builder_.current().empty()) {
    if (newline_) {
      piece_ += '\n';
    } else if (new_cell_) {
      piece_ += " | ";
    } else if (space_ || blank) {
      piece_ += ' ';
    }
  }
  if (piece_.size() <= 3) space_ = newline_ = new_cell_ = false;
  piece_ += text;
}

}  // namespace tamis::docs
