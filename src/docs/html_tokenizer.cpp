#include "html_tokenizer.h"

#include <algorithm>

#include "entities.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

constexpr bool ends_name(char c) { return is_blank_char(c) || c == '>' || c == '/'; }

}  // namespace

bool equals_nocase(std::string_view text, std::string_view lower_case) noexcept {
  return text.size() == lower_case.size() && starts_with_nocase(text, lower_case);
}

HtmlToken HtmlTokenizer::next() {
  for (;;) {
    HtmlToken token;
    token.begin = at_;
    if (at_ >= text_.size()) return token;
    if (text_[at_] == '<' && at_ + 1 < text_.size()) {
      const char c = text_[at_ + 1];
      const bool closing = c == '/' && at_ + 2 < text_.size() && is_letter(text_[at_ + 2]);
      if (is_letter(c) || closing) {
        token = tag();
        if (token.kind == HtmlToken::Kind::kEnd) at_ = text_.size();
        return token;
      }
      if (skip_markup()) continue;
    }
    // Text up to the next '<' that can begin a tag; a lone '<' is text.
    std::size_t end = text_.find('<', at_ + 1);
    if (end == std::string_view::npos) end = text_.size();
    token.kind = HtmlToken::Kind::kText;
    token.text = text_.substr(at_, end - at_);
    at_ = end;
    return token;
  }
}

// Comments, declarations, processing instructions and "</" before anything but a letter.
bool HtmlTokenizer::skip_markup() {
  const std::string_view rest = text_.substr(at_);
  std::size_t end = 0;
  if (rest.starts_with("<!-->") || rest.starts_with("<!--->")) {
    end = rest.find('>') + 1;
  } else if (rest.starts_with("<!--")) {
    end = rest.find("-->", 4);
    if (end != std::string_view::npos) end += 3;
  } else if (rest[1] == '!' || rest[1] == '?' || rest[1] == '/') {
    end = rest.find('>');
    if (end != std::string_view::npos) end += 1;
  } else {
    return false;
  }
  at_ = end == std::string_view::npos ? text_.size() : at_ + end;
  return true;
}

HtmlToken HtmlTokenizer::tag() {
  HtmlToken token;
  token.begin = at_;
  const bool closing = text_[at_ + 1] == '/';
  const std::size_t name = at_ + (closing ? 2 : 1);
  std::size_t end = name;
  while (end < text_.size() && !ends_name(text_[end])) ++end;
  token.name = text_.substr(name, end - name);
  at_ = end;
  skip_attributes(token);
  if (at_ >= text_.size()) return token;  // the file ends inside the tag
  ++at_;
  token.kind = closing ? HtmlToken::Kind::kEndTag : HtmlToken::Kind::kStartTag;
  token.element = &element_named(token.name);
  if (!closing && token.element->raw && !token.self_closing) skip_raw(token.element->name);
  return token;
}

// Up to the '>' that closes the tag: one in quotes does not.
void HtmlTokenizer::skip_attributes(HtmlToken& token) {
  const std::size_t begin = at_;
  bool value = false;
  while (at_ < text_.size() && text_[at_] != '>') {
    const char c = text_[at_];
    if (value && (c == '"' || c == '\'')) {
      at_ = std::min(text_.find(c, at_ + 1), text_.size());
      value = false;
      if (at_ == text_.size()) break;
    } else if (!is_blank_char(c)) {
      value = c == '=';
    }
    ++at_;
  }
  token.attributes = text_.substr(begin, at_ - begin);
  token.self_closing = token.attributes.ends_with('/');
}

// Behind <script> and the like there is no markup but the matching end tag, which is left for next().
void HtmlTokenizer::skip_raw(std::string_view name) {
  for (;;) {
    at_ = text_.find("</", at_);
    if (at_ == std::string_view::npos) {
      at_ = text_.size();
      return;
    }
    const std::string_view rest = text_.substr(at_ + 2);
    if (starts_with_nocase(rest, name) && (rest.size() == name.size() || ends_name(rest[name.size()]))) return;
    at_ += 2;
  }
}

bool HtmlAttributes::next(std::string_view& name, std::string_view& value) {
  while (!rest_.empty() && (is_blank_char(rest_.front()) || rest_.front() == '/')) rest_.remove_prefix(1);
  if (rest_.empty()) return false;
  std::size_t end = 1;
  while (end < rest_.size() && !is_blank_char(rest_[end]) && rest_[end] != '=' && rest_[end] != '/') ++end;
  name = rest_.substr(0, end);
  value = {};
  std::size_t sign = end;
  while (sign < rest_.size() && is_blank_char(rest_[sign])) ++sign;
  if (sign >= rest_.size() || rest_[sign] != '=') {
    rest_.remove_prefix(end);
    return true;
  }
  rest_.remove_prefix(sign + 1);
  while (!rest_.empty() && is_blank_char(rest_.front())) rest_.remove_prefix(1);
  if (rest_.empty()) return true;
  const char quote = rest_.front();
  if (quote == '"' || quote == '\'') {
    const std::size_t close = std::min(rest_.find(quote, 1), rest_.size());
    value = rest_.substr(1, close - 1);
    rest_.remove_prefix(std::min(close + 1, rest_.size()));
  } else {
    std::size_t close = 0;
    while (close < rest_.size() && !is_blank_char(rest_[close])) ++close;
    value = rest_.substr(0, close);
    rest_.remove_prefix(close);
  }
  return true;
}

std::string_view html_attribute_as_written(std::string_view attributes, std::string_view name) {
  HtmlAttributes walk(attributes);
  std::string_view seen, value;
  while (walk.next(seen, value)) {
    if (equals_nocase(seen, name)) return value;
  }
  return {};
}

std::string html_attribute(std::string_view attributes, std::string_view name) {
  return decode_entities(html_attribute_as_written(attributes, name));
}

std::string decode_entities(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t sign = std::min(text.find('&'), text.size());
    out += text.substr(0, sign);
    text.remove_prefix(sign);
    if (text.empty()) break;
    const std::size_t used = decode_entity(text, out);
    if (used == 0) out += '&';
    text.remove_prefix(std::max<std::size_t>(used, 1));
  }
  return out;
}

}  // namespace tamis::docs
