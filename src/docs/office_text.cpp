#include "office_text.h"

#include <algorithm>
#include <utility>

#include "passage_units.h"
#include "record.h"
#include "source_text.h"
#include "xml_events.h"

namespace tamis::docs {

void OfficeText::begin_paragraph() {
  open_.emplace_back();
  open_.back().number = ++paragraphs_;
}

OfficeParagraph OfficeText::end_paragraph() {
  OfficeParagraph paragraph = std::move(open_.back());
  open_.pop_back();
  paragraph.text = clean_value(paragraph.text);
  return paragraph;
}

void OfficeText::put_lines(std::string_view text, std::uint32_t number) {
  while (true) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    builder_.at_line(number);
    builder_.append(text.substr(0, end));
    text.remove_prefix(end);
    if (text.empty()) return;
  }
}

void OfficeText::write(const OfficeParagraph& paragraph, BlockKind kind, std::uint32_t level) {
  if (is_blank(paragraph.text)) return;
  if (in_table()) {
    if (row_.empty() && cell_.empty()) row_number_ = paragraph.number;
    if (!cell_.empty()) cell_ += ' ';
    cell_ += one_line(paragraph.text);
    return;
  }
  builder_.begin(kind, level, paragraph.number);
  put_lines(paragraph.text, paragraph.number);
}

void OfficeText::end_cell() {
  if (tables_ != 1) return;
  if (row_started_) row_ += " | ";
  row_ += cell_;
  row_started_ = true;
  cell_.clear();
}

void OfficeText::end_row() {
  if (tables_ != 1) return;
  const bool filled = row_.find_first_not_of(" |") != std::string::npos;
  if (filled) {
    if (!table_started_) builder_.begin(BlockKind::kTable, 0, row_number_);
    put_lines(table_started_ ? "\n" + row_ : row_, row_number_);
    table_started_ = true;
  }
  row_.clear();
  row_started_ = false;
}

void OfficeText::end_table() {
  if (tables_ == 0) return;
  if (tables_ == 1) {
    end_cell();
    end_row();
    builder_.end();
    table_started_ = false;
  }
  --tables_;
}

namespace {

struct Property {
  std::string_view theirs, ours;
};
constexpr Property kProperties[] = {
    {"creator", "author"},        {"initial-creator", "author"}, {"created", "created"},
    {"creation-date", "created"}, {"modified", "modified"},      {"date", "modified"},
    {"keywords", "keywords"},     {"keyword", "keywords"},       {"subject", "subject"}};

class Properties final : public XmlHandler {
 public:
  explicit Properties(ExtractedDocument& document) : document_(document) {}
  void start(std::string_view, const XmlAttributes&) override { value_.clear(); }
  void text(std::string_view piece) override { value_ += piece; }
  void end(std::string_view name) override {
    const std::string value = one_line(clean_value(value_));
    value_.clear();
    if (value.empty()) return;
    if (name == "title") document_.title = value;
    if (name == "language") document_.language = language_code(value);
    for (const auto& property : kProperties) {
      if (property.theirs == name) add(property.ours, value);
    }
  }

 private:
  void add(std::string_view name, const std::string& value) {
    const auto known = std::ranges::find(document_.metadata, name, &MetaField::name);
    if (known == document_.metadata.end()) {
      document_.metadata.push_back({std::string(name), typed_value(value)});
    } else if (auto* text = std::get_if<std::string>(&known->value); text != nullptr && name == "keywords") {
      text->append(", ").append(value);
    }
  }

  ExtractedDocument& document_;
  std::string value_;
};

}  // namespace

Status read_office_properties(std::string_view xml, std::uint32_t nesting, ExtractedDocument& document) {
  Properties handler(document);
  return parse_xml(xml, nesting, handler);
}

}  // namespace tamis::docs
