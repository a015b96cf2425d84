#include "docx_body.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "passage_units.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

int number_of(std::string_view text, int otherwise) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : otherwise;
}

std::string lower_case(std::string_view text) {
  std::string low(text);
  std::ranges::transform(low, low.begin(), lower);
  return low;
}

struct RawStyle {
  std::string id, name, based_on;
  int outline = -1;
  bool numbered = false;
};

class StyleSheet final : public XmlHandler {
 public:
  void start(std::string_view name, const XmlAttributes& attributes) override {
    const auto value = attributes.get("val");
    if (name == "style") {
      styles.emplace_back();
      styles.back().id = attributes.get("styleId");
      open_ = true;
    } else if (open_ && name == "name") {
      styles.back().name = lower_case(value);
    } else if (open_ && name == "basedOn") {
      styles.back().based_on = value;
    } else if (open_ && name == "outlineLvl") {
      styles.back().outline = number_of(value, -1);
    } else if (open_ && name == "numPr") {
      styles.back().numbered = true;
    }
  }
  void end(std::string_view name) override { open_ = open_ && name != "style"; }
  void text(std::string_view) override {}

  std::vector<RawStyle> styles;

 private:
  bool open_ = false;
};

/// What a style says by itself.
DocxStyle own_meaning(const RawStyle& raw) {
  DocxStyle style;
  if (raw.outline >= 0 && raw.outline <= 8) style.heading = static_cast<std::uint32_t>(raw.outline + 1);
  const std::string_view name = raw.name;
  if (name.starts_with("heading ")) {
    const int level = number_of(name.substr(8), 0);
    if (level >= 1 && level <= 9) style.heading = static_cast<std::uint32_t>(level);
  }
  style.title = name == "title";
  style.contents = name.starts_with("toc ") || name == "table of figures";
  style.list = raw.numbered || name.starts_with("list bullet") || name.starts_with("list number");
  style.code = name == "html preformatted" || name == "source code" || name == "code";
  return style;
}

}  // namespace

Result<DocxStyles> DocxStyles::parse(std::string_view xml, std::uint32_t nesting) {
  StyleSheet sheet;
  TAMIS_TRY_OK(parse_xml(xml, nesting, sheet));
  std::map<std::string_view, const RawStyle*> by_id;
  for (const auto& raw : sheet.styles) by_id[raw.id] = &raw;
  constexpr int kMaxSteps = 12;  // styles may be based on each other in a circle
  DocxStyles result;
  for (const auto& [id, first] : by_id) {
    DocxStyle style;
    const RawStyle* raw = first;
    for (int step = 0; raw != nullptr && step < kMaxSteps; ++step) {
      const DocxStyle own = own_meaning(*raw);
      if (style.heading == 0) style.heading = own.heading;
      style.list = style.list || own.list;
      style.title = style.title || own.title;
      style.contents = style.contents || own.contents;
      style.code = style.code || own.code;
      if (raw->outline > 8) break;  // body text, whatever it is based on
      const auto next = by_id.find(raw->based_on);
      raw = next == by_id.end() ? nullptr : next->second;
    }
    result.styles_[std::string(id)] = style;
  }
  return result;
}

DocxStyle DocxStyles::style(std::string_view id) const {
  const auto known = styles_.find(id);
  return known == styles_.end() ? DocxStyle{} : known->second;
}

void DocxBody::start(std::string_view name, const XmlAttributes& attributes) {
  constexpr std::string_view kLeftOut[] = {"Fallback", "del", "moveFrom", "instrText",
                                           "delText",  "rPr", "sectPr",   "tblPr"};
  const bool separator = (name == "footnote" || name == "endnote") && !attributes.get("type").empty();
  if (skipped_ > 0 || separator || std::ranges::find(kLeftOut, name) != std::end(kLeftOut)) {
    ++skipped_;
  } else if (name == "p") {
    out_.begin_paragraph();
  } else if (name == "tbl") {
    out_.begin_table();
  } else if (out_.in_paragraph()) {
    start_in_paragraph(name, attributes);
  }
}

void DocxBody::start_in_paragraph(std::string_view name, const XmlAttributes& attributes) {
  auto& paragraph = out_.paragraph();
  const auto value = attributes.get("val");
  if (name == "pPr") {
    ++in_properties_;
  } else if (in_properties_ > 0) {
    if (name == "pStyle") paragraph.style = value;
    if (name == "outlineLvl") paragraph.outline = number_of(value, -1);
    if (name == "ilvl") paragraph.list_level = number_of(value, 0);
    if (name == "numId") {
      paragraph.numbered = true;
      if (value == "0") paragraph.list_level = -2;  // taken out of the list that its style is in
    }
  } else if (name == "t") {
    ++in_text_;
  } else if (name == "tab") {
    paragraph.text += '\t';
  } else if (name == "cr" || (name == "br" && attributes.get("type").empty())) {
    paragraph.text += '\n';
  } else if (name == "noBreakHyphen") {
    paragraph.text += '-';
  }
}

void DocxBody::text(std::string_view piece) {
  if (skipped_ == 0 && in_text_ > 0 && out_.in_paragraph()) out_.paragraph().text += piece;
}

void DocxBody::end(std::string_view name) {
  if (skipped_ > 0) {
    --skipped_;
  } else if (name == "p") {
    if (out_.in_paragraph()) end_paragraph();
  } else if (name == "pPr") {
    in_properties_ -= in_properties_ > 0 ? 1 : 0;
  } else if (name == "t") {
    in_text_ -= in_text_ > 0 ? 1 : 0;
  } else if (name == "tc") {
    out_.end_cell();
  } else if (name == "tr") {
    out_.end_row();
  } else if (name == "tbl") {
    out_.end_table();
  }
}

void DocxBody::end_paragraph() {
  OfficeParagraph paragraph = out_.end_paragraph();
  const DocxStyle style = styles_.style(paragraph.style);
  if (style.contents) return;
  if (style.title && title_.empty()) title_ = one_line(paragraph.text);
  std::uint32_t heading = style.title ? 1 : style.heading;
  if (paragraph.outline >= 0) heading = paragraph.outline <= 8 ? static_cast<std::uint32_t>(paragraph.outline + 1) : 0;
  const bool list = paragraph.numbered ? paragraph.list_level != -2 : style.list;
  if (heading > 0) {
    out_.write(paragraph, BlockKind::kHeading, std::min(heading, 6U));
  } else if (list) {
    out_.write(paragraph, BlockKind::kListItem, static_cast<std::uint32_t>(std::clamp(paragraph.list_level, 0, 8)) + 1);
  } else {
    out_.write(paragraph, style.code ? BlockKind::kCode : BlockKind::kParagraph, 0);
  }
}

void OdtBody::start(std::string_view name, const XmlAttributes& attributes) {
  constexpr std::string_view kLeftOut[] = {"note-citation",      "annotation",         "tracked-changes", "forms",
                                           "table-of-content",   "illustration-index", "table-index",     "user-index",
                                           "alphabetical-index", "sequence-decls",     "automatic-styles"};
  if (skipped_ > 0 || std::ranges::find(kLeftOut, name) != std::end(kLeftOut)) {
    ++skipped_;
  } else if (name == "p" || name == "h") {
    out_.begin_paragraph();
    if (name == "h") out_.paragraph().outline = std::max(number_of(attributes.get("outline-level"), 1), 1);
  } else if (name == "list") {
    ++lists_;
  } else if (name == "table") {
    out_.begin_table();
  } else if (out_.in_paragraph()) {
    auto& text = out_.paragraph().text;
    if (name == "tab") text += '\t';
    if (name == "line-break") text += '\n';
    if (name == "s") text.append(static_cast<std::size_t>(std::clamp(number_of(attributes.get("c"), 1), 0, 100)), ' ');
  }
}

void OdtBody::text(std::string_view piece) {
  if (skipped_ > 0 || !out_.in_paragraph()) return;
  auto& text = out_.paragraph().text;
  for (const char c : piece) {  // white space runs count as one space here; others have elements
    const bool blank = is_blank_char(c);
    if (!blank) text += c;
    if (blank && !text.empty() && text.back() != ' ') text += ' ';
  }
}

void OdtBody::end(std::string_view name) {
  if (skipped_ > 0) {
    --skipped_;
  } else if ((name == "p" || name == "h") && out_.in_paragraph()) {
    const OfficeParagraph paragraph = out_.end_paragraph();
    if (paragraph.outline > 0) {
      out_.write(paragraph, BlockKind::kHeading, static_cast<std::uint32_t>(std::min(paragraph.outline, 6)));
    } else {
      out_.write(paragraph, lists_ > 0 ? BlockKind::kListItem : BlockKind::kParagraph, std::min(lists_, 9U));
    }
  } else if (name == "list") {
    lists_ -= lists_ > 0 ? 1 : 0;
  } else if (name == "table-cell") {
    out_.end_cell();
  } else if (name == "table-row") {
    out_.end_row();
  } else if (name == "table") {
    out_.end_table();
  }
}

}  // namespace tamis::docs
