#include "document_builder.h"

#include <algorithm>
#include <limits>

namespace tamis::docs {
namespace {

std::uint32_t newlines(std::string_view text) {
  return static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
}

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\f' || c == '\v'; }

}  // namespace

std::vector<OriginMark> line_marks(std::string_view text) {
  std::vector<OriginMark> marks = {{0, 1}};
  std::uint32_t line = 1;
  for (std::size_t at = kMarkBytes; at < text.size(); at += kMarkBytes) {
    line += newlines(text.substr(at - kMarkBytes, kMarkBytes));
    marks.push_back({static_cast<std::uint32_t>(at), line});
  }
  return marks;
}

std::string first_heading(const ExtractedDocument& document) {
  for (const auto& block : document.blocks) {
    if (block.kind != BlockKind::kHeading || block.level != 1) continue;
    std::string title = document.text.substr(block.begin, block.end - block.begin);
    std::replace(title.begin(), title.end(), '\n', ' ');
    return title;
  }
  return {};
}

void DocumentBuilder::begin(BlockKind kind, std::uint32_t level, std::uint32_t line) {
  end();
  block_ = {kind, static_cast<std::uint8_t>(std::min<std::uint32_t>(level, 255)), 0, 0};
  line_ = line;
  open_ = true;
  materialised_ = false;
}

void DocumentBuilder::at_line(std::uint32_t line) { line_ = line; }

std::string_view DocumentBuilder::current() const noexcept {
  if (!open_ || !materialised_) return {};
  return std::string_view(document_.text).substr(block_.begin);
}

bool DocumentBuilder::full() const noexcept {
  return document_.text.size() > std::numeric_limits<std::uint32_t>::max() - (1U << 20U);
}

void DocumentBuilder::add_mark() {
  const auto offset = static_cast<std::uint32_t>(document_.text.size());
  auto& marks = document_.origins;
  if (!marks.empty() && marks.back().offset == offset) {
    marks.back().number = line_;
  } else {
    marks.push_back({offset, line_});
  }
  predicted_ = line_;
}

void DocumentBuilder::materialise() {
  auto& text = document_.text;
  if (!text.empty()) {
    const bool list = block_.kind == BlockKind::kListItem && document_.blocks.back().kind == BlockKind::kListItem;
    text += list ? "\n" : "\n\n";
    predicted_ += list ? 1 : 2;
  }
  block_.begin = static_cast<std::uint32_t>(text.size());
  materialised_ = true;
}

void DocumentBuilder::append(std::string_view text) {
  if (!open_) return;
  if (!materialised_) {
    const bool code = block_.kind == BlockKind::kCode;
    while (!text.empty() && (text.front() == '\n' || (!code && is_space(text.front())))) {
      line_ += text.front() == '\n' ? 1 : 0;
      text.remove_prefix(1);
    }
    if (text.empty()) return;
    materialise();
  }
  while (!text.empty()) {
    if (full()) {
      overflow_ = true;
      return;
    }
    const bool due = document_.origins.empty() || document_.text.size() - document_.origins.back().offset >= kMarkBytes;
    if (line_ != predicted_ || due) add_mark();
    const std::string_view piece = text.substr(0, kMarkBytes);
    document_.text += piece;
    const std::uint32_t lines = newlines(piece);
    line_ += lines;
    predicted_ += lines;
    text.remove_prefix(piece.size());
  }
}

void DocumentBuilder::trim_block() {
  auto& text = document_.text;
  std::size_t end = text.size();
  while (end > block_.begin && is_space(text[end - 1])) --end;
  predicted_ -= newlines(std::string_view(text).substr(end));
  text.resize(end);
  auto& marks = document_.origins;
  const std::size_t held = marks.size();
  while (marks.size() > 1 && marks.back().offset > end) marks.pop_back();
  if (marks.size() != held) {
    predicted_ = marks.back().number + newlines(std::string_view(text).substr(marks.back().offset));
  }
}

void DocumentBuilder::end() {
  if (!open_) return;
  open_ = false;
  if (!materialised_) return;
  trim_block();
  auto& text = document_.text;
  if (text.size() > block_.begin) {
    block_.end = static_cast<std::uint32_t>(text.size());
    document_.blocks.push_back(block_);
    return;
  }
  // White space only: take the separator back too.
  const std::size_t end = document_.blocks.empty() ? 0 : document_.blocks.back().end;
  block_.begin = static_cast<std::uint32_t>(end);
  trim_block();
  text.resize(end);
}

Result<ExtractedDocument> DocumentBuilder::take() {
  end();
  if (overflow_) return Error{Code::kExhausted, "extracted text: too long (limit 4 GiB)"};
  if (document_.origins.empty()) document_.origins.push_back({0, 1});
  return std::move(document_);
}

}  // namespace tamis::docs
