#include "markdown_inline.h"

#include <algorithm>
#include <array>
#include <vector>

#include "entities.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

constexpr char kGone = '\x01';  // stands where a mark was, until the end; a control character of the input goes with it
constexpr std::size_t kMaxRun = 64;
constexpr std::string_view kSpecial = "\\`*_~[]!<&\x01";

constexpr std::string_view kTags[] = {
    "a",       "abbr",     "address", "article", "aside", "audio",    "b",       "blockquote", "body",   "br",
    "button",  "canvas",   "caption", "center",  "cite",  "code",     "col",     "colgroup",   "dd",     "del",
    "details", "dfn",      "div",     "dl",      "dt",    "em",       "embed",   "figcaption", "figure", "font",
    "footer",  "form",     "h1",      "h2",      "h3",    "h4",       "h5",      "h6",         "head",   "header",
    "hr",      "html",     "i",       "iframe",  "img",   "input",    "ins",     "kbd",        "label",  "li",
    "link",    "main",     "mark",    "meta",    "nav",   "noscript", "object",  "ol",         "option", "p",
    "picture", "pre",      "q",       "s",       "samp",  "script",   "section", "select",     "small",  "source",
    "span",    "strike",   "strong",  "style",   "sub",   "summary",  "sup",     "svg",        "table",  "tbody",
    "td",      "template", "tfoot",   "th",      "thead", "title",    "tr",      "tt",         "u",      "ul",
    "var",     "video",    "wbr"};
static_assert(std::ranges::is_sorted(kTags));

bool is_word(char c) { return is_letter(c) || is_digit(c) || (static_cast<unsigned char>(c) & 0x80U) != 0; }
bool is_punctuation(char c) { return c > ' ' && c <= '~' && !is_letter(c) && !is_digit(c); }

/// One run over the text. Marks whose partner is found later are overwritten by kGone and removed at the end.
class Stripper {
 public:
  Stripper(std::string_view in, const LinkReferences& references, std::string& out)
      : in_(in), references_(references), out_(out), start_(out.size()) {}

  void run() {
    while (at_ < in_.size()) {
      const std::size_t next = std::min(in_.find_first_of(kSpecial, at_), in_.size());
      out_ += in_.substr(at_, next - at_);
      at_ = next;
      if (at_ < in_.size()) special();
    }
    if (gone_) {
      const auto begin = out_.begin() + static_cast<std::ptrdiff_t>(start_);
      out_.erase(std::remove(begin, out_.end(), kGone), out_.end());
    }
  }

 private:
  struct Delimiter {
    char mark;
    std::size_t place;  // in out_
    std::size_t count;
  };

  [[nodiscard]] char peek(std::size_t ahead) const { return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0'; }
  void copy(std::size_t bytes) {
    out_ += in_.substr(at_, bytes);
    at_ += bytes;
  }
  /// Skips bytes, keeping their line ends.
  void drop(std::size_t bytes) {
    const auto newlines = std::count(in_.begin() + static_cast<std::ptrdiff_t>(at_),
                                     in_.begin() + static_cast<std::ptrdiff_t>(at_ + bytes), '\n');
    out_.append(static_cast<std::size_t>(newlines), '\n');
    at_ += bytes;
  }
  void blank_out(std::size_t place, std::size_t count) {
    std::fill_n(out_.begin() + static_cast<std::ptrdiff_t>(place), count, kGone);
    gone_ = true;
  }

  void special() {
    switch (in_[at_]) {
      case '\\':
        if (is_punctuation(peek(1))) ++at_;
        copy(1);
        break;
      case '`':
        code_span();
        break;
      case '*':
      case '_':
      case '~':
        emphasis();
        break;
      case '!':
        peek(1) == '[' ? open_bracket(2) : copy(1);
        break;
      case '[':
        open_bracket(1);
        break;
      case ']':
        close_bracket();
        break;
      case '<':
        angle();
        break;
      case '&':
        if (const std::size_t used = decode_entity(in_.substr(at_), out_); used > 0) {
          at_ += used;
        } else {
          copy(1);
        }
        break;
      default:
        ++at_;
        break;  // kGone in the input
    }
  }

  [[nodiscard]] std::size_t run_length() const {
    const std::size_t end = in_.find_first_not_of(in_[at_], at_);
    return std::min(end, in_.size()) - at_;
  }

  void code_span() {
    const std::size_t run = run_length();
    std::size_t close = run <= kMaxRun && !unclosed_[run % (kMaxRun + 1)] ? at_ + run : std::string_view::npos;
    while (close != std::string_view::npos) {
      close = in_.find('`', close);
      if (close == std::string_view::npos) break;
      const std::size_t end = std::min(in_.find_first_not_of('`', close), in_.size());
      if (end - close == run) break;
      close = end;
    }
    if (close == std::string_view::npos) {
      if (run <= kMaxRun) unclosed_[run] = true;  // never search for it again: keeps the whole linear
      copy(run);
      return;
    }
    at_ += run;
    copy(close - at_);
    at_ += run;
  }

  void emphasis() {
    const char mark = in_[at_];
    const std::size_t run = run_length();
    const char before = at_ > 0 ? in_[at_ - 1] : ' ';
    const char after = peek(run);
    const bool space_before = is_blank_char(before), space_after = after == '\0' || is_blank_char(after);
    bool opens = !space_after, closes = !space_before;
    if (mark == '_') {
      opens = opens && !is_word(before);
      closes = closes && !is_word(after);
    }
    std::size_t left = mark == '~' && run != 2 ? 0 : run;
    const std::size_t place = out_.size();
    copy(run);
    if (left == 0) return;
    auto& open = openers_[mark == '*' ? 0 : mark == '_' ? 1 : 2];
    while (closes && left > 0 && !open.empty()) {
      Delimiter& opener = open.back();
      const std::size_t both = std::min(left, opener.count);
      blank_out(opener.place + opener.count - both, both);
      blank_out(place + run - left, both);
      opener.count -= both;
      left -= both;
      if (opener.count == 0) open.pop_back();
    }
    if (opens && left > 0) open.push_back({mark, place + run - left, left});
  }

  // At "](": the length of "(target "title")" behind the bracket, 0 if there is none. The depth limit on parentheses
  // also bounds how often one byte is looked at.
  [[nodiscard]] std::size_t target_length() const {
    std::size_t at = at_ + 2;
    const auto skip_space = [&] {
      while (at < in_.size() && is_blank_char(in_[at])) ++at;
    };
    skip_space();
    if (at < in_.size() && in_[at] == '<') {
      at = in_.find_first_of("<>\n", at + 1);
      if (at == std::string_view::npos || in_[at] != '>') return 0;
      ++at;
    } else {
      for (int depth = 0; at < in_.size() && !is_blank_char(in_[at]); ++at) {
        if (in_[at] == '\\' && at + 1 < in_.size() && is_punctuation(in_[at + 1])) {
          ++at;
        } else if (in_[at] == '(') {
          if (++depth > 32) return 0;
        } else if (in_[at] == ')' && --depth < 0) {
          break;
        }
      }
    }
    skip_space();
    if (at < in_.size() && (in_[at] == '"' || in_[at] == '\'')) {
      at = in_.find(in_[at], at + 1);
      if (at == std::string_view::npos) return 0;
      ++at;
      skip_space();
    }
    return at < in_.size() && in_[at] == ')' ? at + 1 - (at_ + 1) : 0;
  }

  // At "][name]" or "][]": the length behind the first bracket when the name is defined.
  [[nodiscard]] std::size_t reference_length() const {
    const std::size_t end = in_.substr(0, std::min(in_.size(), at_ + 1000)).find_first_of("[]", at_ + 2);
    if (end == std::string_view::npos || in_[end] != ']') return 0;
    const std::string_view name = in_.substr(at_ + 2, end - at_ - 2);
    if (!name.empty() && references_.find(reference_key(name)) == references_.end()) return 0;
    return end + 1 - (at_ + 1);
  }

  // "[name]" alone is a link when the name is defined. Names hold no brackets, so each byte is looked at once.
  [[nodiscard]] bool defined(const Delimiter& open) const {
    const std::size_t begin = open.place + open.count;
    if (references_.empty() || last_bracket_ > begin || out_.size() - begin > 1000) return false;
    return references_.find(reference_key(std::string_view(out_).substr(begin))) != references_.end();
  }

  void open_bracket(std::size_t bytes) {
    brackets_.push_back({'[', out_.size(), bytes});
    copy(bytes);
    last_bracket_ = out_.size();
  }

  void close_bracket() {
    std::size_t target = 0;
    bool link = false;
    if (!brackets_.empty()) {
      const Delimiter open = brackets_.back();
      brackets_.pop_back();
      if (peek(1) == '(') target = target_length();
      if (peek(1) == '[' && !references_.empty()) target = reference_length();
      link = target > 0 || defined(open);
      if (link) blank_out(open.place, open.count);
    }
    if (link) {
      drop(1 + target);
    } else {
      copy(1);
    }
    last_bracket_ = out_.size();
  }

  void angle() {
    const std::string_view rest = in_.substr(at_);
    if (!open_comment_ && rest.starts_with("<!--")) {
      const std::size_t end = rest.find("-->", 4);
      if (end != std::string_view::npos) return drop(end + 3);
      open_comment_ = true;  // never search for its end again: keeps the whole linear
    }
    if (const std::size_t tag = html_tag_length(rest); tag > 0) {
      drop(tag);
      return;
    }
    // "<https://…>" and "<name@host>": an address without its angles.
    const std::size_t end = rest.substr(0, 500).find_first_of("<> \t\n", 1);
    const bool address = end != std::string_view::npos && rest[end] == '>' &&
                         (rest.substr(0, end).find(':') != std::string_view::npos ||
                          rest.substr(0, end).find('@') != std::string_view::npos);
    if (!address) return copy(1);
    ++at_;
    copy(end - 1);
    ++at_;
  }

  std::string_view in_;
  const LinkReferences& references_;
  std::string& out_;
  std::size_t start_;
  std::size_t at_ = 0;
  bool gone_ = false;
  bool open_comment_ = false;
  std::size_t last_bracket_ = 0;  // end of the last bracket in out_
  std::array<bool, kMaxRun + 1> unclosed_{};
  std::array<std::vector<Delimiter>, 3> openers_;
  std::vector<Delimiter> brackets_;
};

}  // namespace

std::string reference_key(std::string_view name) {
  std::string key;
  for (const char c : trim(name)) {
    if (c == kGone) continue;
    if (!is_blank_char(c)) {
      key += lower(c);
    } else if (!key.ends_with(' ')) {
      key += ' ';
    }
  }
  return key;
}

std::size_t html_tag_length(std::string_view text) {
  std::size_t at = text.starts_with("</") ? 2 : 1;
  const std::size_t first = at;
  std::string name;
  while (at < text.size() && at < first + 12 && (is_letter(text[at]) || is_digit(text[at]))) name += lower(text[at++]);
  if (name.empty() || at >= text.size() || !std::ranges::binary_search(kTags, name)) return 0;
  if (text[at] != '>' && text[at] != '/' && !is_blank_char(text[at])) return 0;
  const std::size_t end = text.find_first_of("<>", at);
  return end == std::string_view::npos || text[end] != '>' ? 0 : end + 1;
}

void strip_markdown(std::string_view in, const LinkReferences& references, std::string& out) {
  if (in.find_first_of(kSpecial) == std::string_view::npos) {
    out += in;
    return;
  }
  Stripper(in, references, out).run();
}

}  // namespace tamis::docs
