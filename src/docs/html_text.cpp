#include "html_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "html_tokenizer.h"
#include "html_writer.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

using K = ElementKind;

/// Which parts of a page are read.
struct Scope {
  bool main_only = false;  ///< only what the page marks as its main part
  bool skip_furniture = true;
};

std::string lower_name(std::string_view name) {
  std::string lowered(name);
  std::ranges::transform(lowered, lowered.begin(), lower);
  return lowered;
}

std::string collapsed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!is_blank_char(c)) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

// "¶", "§", "#": links of a heading to itself.
bool is_link_sign(std::string_view text) {
  constexpr std::string_view kSigns[] = {"\xC2\xB6", "\xC2\xA7", "#", "&para;", "&#182;", "&#xB6;", "&sect;", "&#167;"};
  return std::ranges::find(kSigns, text) != std::end(kSigns);
}

/// One pass over the tokens of a page: decides what is read, and tells the writer.
class Extractor {
 public:
  Extractor(std::string_view html, Scope scope, std::uint32_t nesting)
      : html_(html), scope_(scope), nesting_(nesting), tokens_(html), writer_(html) {}

  Status run() {
    for (HtmlToken token = tokens_.next(); token.kind != HtmlToken::Kind::kEnd; token = tokens_.next()) {
      if (token.kind == HtmlToken::Kind::kText) {
        text(token);
      } else if (token.kind == HtmlToken::Kind::kStartTag) {
        start(token);
      } else {
        end(token);
      }
      if (blocks_ + writer_.depth() > nesting_) {
        return Error{Code::kExhausted, fmt::format("HTML nested deeper than {} elements (limit nesting)", nesting_)};
      }
    }
    return ok();
  }

  /// Whether something was left out that never ended: the rules do not fit this page.
  [[nodiscard]] bool lost_text() const { return !skipped_.empty(); }

  Result<ExtractedDocument> take() {
    TAMIS_TRY(ExtractedDocument document, writer_.take());
    document.title = collapsed(decode_entities(title_));
    if (document.title.empty()) document.title = collapsed(first_heading(document));
    document.language = std::move(language_);
    document.metadata = std::move(metadata_);
    return document;
  }

 private:
  [[nodiscard]] bool visible() const { return !scope_.main_only || main_depth_ > 0; }

  void text(const HtmlToken& token) {
    if (in_title_) {
      title_ += token.text;
      return;
    }
    if (!skipped_.empty() || !visible()) return;
    const bool in_anchor = std::exchange(anchor_, false);
    if (in_anchor && is_link_sign(trim(token.text)) && starts_with_nocase(html_.substr(tokens_.position()), "</a"))
      return;
    writer_.text(token.text, token.begin);
  }

  void start(const HtmlToken& token) {
    const Element& element = *token.element;
    anchor_ = in_title_ = false;
    const bool encloses = !element.is_void && !token.self_closing;
    if (!skipped_.empty()) {
      if (encloses && equals_nocase(token.name, skipped_)) ++skipped_depth_;
      return;
    }
    const bool about_page = element.kind == K::kTitle || element.kind == K::kMeta || element.kind == K::kHtml;
    if (scope_.main_only && main_depth_ == 0 && encloses && is_main(token)) {
      main_name_ = lower_name(token.name);
      main_depth_ = 1;
    } else if (!visible() && !about_page) {
      return;
    } else if (skips(token)) {
      if (!encloses) return;
      skipped_ = lower_name(token.name);
      skipped_depth_ = 1;
      return;
    } else if (scope_.main_only && encloses && equals_nocase(token.name, main_name_)) {
      ++main_depth_;
    }
    start_element(token, element, encloses);
  }

  [[nodiscard]] static bool is_main(const HtmlToken& token) {
    return token.element->kind == K::kMain ||
           (token.attributes.size() > 9 && html_attribute(token.attributes, "role") == "main");
  }
  [[nodiscard]] bool skips(const HtmlToken& token) const {
    if (token.element->kind == K::kSkip) return true;
    if (!scope_.skip_furniture || token.element->kind == K::kHtml || equals_nocase(token.name, "body")) return false;
    return is_furniture(token.attributes);
  }

  void start_element(const HtmlToken& token, const Element& element, bool encloses) {
    switch (element.kind) {
      case K::kInline:
        anchor_ = equals_nocase(token.name, "a");
        break;
      case K::kHeading:
        start_heading(element.level);
        break;
      case K::kMain:
      case K::kBlock:
        start_block(token, encloses);
        break;
      case K::kParagraph:
        writer_.end_lost_heading();
        writer_.border();
        break;
      case K::kList:
      case K::kTerms:
      case K::kQuote:
      case K::kPre:
        if (encloses) writer_.open(element.kind);
        break;
      case K::kItem:
        start_item(token);
        break;
      case K::kTable:
        writer_.open_table();
        break;
      case K::kRow:
        writer_.row();
        break;
      case K::kCell:
        writer_.cell();
        break;
      case K::kBreak:
        writer_.line_break();
        break;
      case K::kImage:
        image(token);
        break;
      case K::kMeta:
        meta(token.attributes);
        break;
      case K::kTitle:
        in_title_ = encloses && title_.empty();
        break;
      case K::kHtml:
        language_ = language_code(html_attribute(token.attributes, "lang"));
        break;
      case K::kSkip:
        break;
    }
  }

  // The heading of a note ("Warning") does not head what comes after the note.
  void start_heading(std::uint32_t level) {
    if (note_blocks_ > 0) return writer_.border();
    writer_.open_heading(level);
  }

  void start_block(const HtmlToken& token, bool encloses) {
    writer_.border();
    if (!encloses) return;
    ++blocks_;
    const BlockRole role = block_role(token.attributes);
    if (role == BlockRole::kNote && note_blocks_ == 0) note_blocks_ = blocks_;
    if (role == BlockRole::kCode && code_blocks_ == 0) {
      code_blocks_ = blocks_;
      writer_.open(K::kPre);
    }
  }
  void end_block() {
    writer_.border();
    if (blocks_ > 0) --blocks_;
    if (blocks_ < note_blocks_) note_blocks_ = 0;
    if (blocks_ < code_blocks_) {
      code_blocks_ = 0;
      writer_.close(K::kPre);
    }
  }

  void start_item(const HtmlToken& token) {
    end_item();
    signature_ = equals_nocase(token.name, "dt") && !writer_.in_table() &&
                 html_attribute(token.attributes, "class").starts_with("sig ");
    if (signature_) writer_.open_signature();
  }
  void end_item() {
    if (std::exchange(signature_, false)) writer_.close(K::kHeading);
    writer_.border();
  }

  void end(const HtmlToken& token) {
    const Element& element = *token.element;
    anchor_ = in_title_ = false;
    if (!skipped_.empty()) {
      if (equals_nocase(token.name, skipped_) && --skipped_depth_ == 0) skipped_.clear();
      return;
    }
    if (!visible()) return;
    if (scope_.main_only && equals_nocase(token.name, main_name_) && --main_depth_ == 0) writer_.close_all();
    switch (element.kind) {
      case K::kMain:
      case K::kBlock:
        if (!element.is_void) end_block();
        break;
      case K::kParagraph:
        writer_.border();
        break;
      case K::kItem:
        end_item();
        break;
      case K::kList:
      case K::kTerms:
      case K::kQuote:
      case K::kPre:
      case K::kHeading:
      case K::kTable:
        writer_.close(element.kind);
        writer_.border();
        break;
      default:
        break;
    }
  }

  void image(const HtmlToken& token) {
    if (writer_.count(K::kPre) > 0) return;
    const std::string_view alt = html_attribute_as_written(token.attributes, "alt");
    if (alt.find(' ') == std::string_view::npos) return;  // "logo" says nothing
    writer_.text(" ", token.begin);
    writer_.text(alt, token.begin);
    writer_.text(" ", token.begin);
  }

  void meta(std::string_view attributes) {
    constexpr std::string_view kKept[] = {"author", "date", "description", "keywords"};
    const std::string name = lower_name(html_attribute(attributes, "name"));
    if (std::ranges::find(kKept, name) == std::end(kKept) || metadata_.size() >= 16) return;
    const std::string value = collapsed(html_attribute(attributes, "content"));
    if (!value.empty()) metadata_.push_back({name, typed_value(value)});
  }

  std::string_view html_;
  Scope scope_;
  std::uint32_t nesting_;
  HtmlTokenizer tokens_;
  HtmlWriter writer_;
  std::string skipped_;  // name of the element that is being left out
  std::uint32_t skipped_depth_ = 0;
  std::string main_name_;
  std::uint32_t main_depth_ = 0;
  std::uint32_t blocks_ = 0;       // open div, section …
  std::uint32_t note_blocks_ = 0;  // blocks_ in the open note, 0 = none
  std::uint32_t code_blocks_ = 0;
  bool signature_ = false;
  bool anchor_ = false;  // the last tag was <a>
  bool in_title_ = false;
  std::string title_, language_;
  std::vector<MetaField> metadata_;
};

}  // namespace

Result<ExtractedDocument> extract_html(std::string_view html, std::uint32_t nesting) {
  const bool marks_main =
      html.find("<main") != std::string_view::npos || html.find("role=\"main\"") != std::string_view::npos;
  constexpr Scope kScopes[] = {{true, true}, {false, true}, {false, false}};
  for (const Scope& scope : kScopes) {
    if (scope.main_only && !marks_main) continue;
    Extractor extractor(html, scope, nesting);
    TAMIS_TRY_OK(extractor.run());
    const bool last = !scope.main_only && !scope.skip_furniture;
    const bool lost = extractor.lost_text();
    TAMIS_TRY(ExtractedDocument document, extractor.take());
    if (last || (!lost && !document.text.empty())) return document;
  }
  return ExtractedDocument();
}

}  // namespace tamis::docs
