#include "rst_inline.h"

#include <algorithm>
#include <array>
#include <utility>

#include "source_text.h"

namespace tamis::docs {
namespace {

constexpr std::size_t kMaxName = 64;        // of a role
constexpr std::size_t kMaxExpansion = 300;  // of a substitution
constexpr std::string_view kSpecial = "\\*`|_:";

bool is_word(char c) { return is_letter(c) || is_digit(c) || (static_cast<unsigned char>(c) & 0x80U) != 0; }

/// Punctuation beyond ASCII by its first bytes: general (“ – …), Chinese and Japanese, full width.
bool wide_punctuation(std::string_view text) {
  return text.starts_with("\xE2\x80") || text.starts_with("\xE3\x80") || text.starts_with("\xEF\xBC");
}

/// One run over the text. Whether a mark can close does not depend on what it would close: a search that found nothing
/// is not repeated, which keeps the whole linear.
class RstStripper {
 public:
  RstStripper(std::string_view in, RstSubstitutions& substitutions, std::string& out)
      : in_(in), substitutions_(substitutions), out_(out) {}

  void run() {
    while (at_ < in_.size()) {
      const std::size_t next = std::min(in_.find_first_of(kSpecial, at_), in_.size());
      out_ += in_.substr(at_, next - at_);
      at_ = next;
      if (at_ < in_.size()) special();
    }
  }

 private:
  enum Mark : std::uint8_t { kEmphasis, kStrong, kLiteral, kInterpreted, kSubstitution };
  static constexpr std::array<std::string_view, 5> kMarks = {"*", "**", "``", "`", "|"};

  [[nodiscard]] char peek(std::size_t ahead) const { return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0'; }
  void copy(std::size_t bytes) {
    out_ += in_.substr(at_, bytes);
    at_ += bytes;
  }
  void keep_newlines(std::string_view dropped) {
    out_.append(static_cast<std::size_t>(std::count(dropped.begin(), dropped.end(), '\n')), '\n');
  }

  void special() {
    switch (in_[at_]) {
      case '\\':
        return escape();
      case '*':
        return peek(1) == '*' ? plain(kStrong) : plain(kEmphasis);
      case '`':
        return peek(1) == '`' ? plain(kLiteral) : interpreted(0, {});
      case '|':
        return substitution();
      case '_':
        return underscore();
      default:
        return role();
    }
  }

  void escape() {
    ++at_;
    if (at_ >= in_.size()) return;
    if (is_blank_char(in_[at_])) return in_[at_] == '\n' ? copy(1) : static_cast<void>(++at_);
    copy(1);
  }

  /// Whether a mark of `length` bytes at `at` may open: behind white space or opening punctuation, before a text, and
  /// not alone in quotes.
  [[nodiscard]] bool opens(std::size_t at, std::size_t length) const {
    if (at + length >= in_.size() || is_blank_char(in_[at + length])) return false;
    if (at == 0) return true;
    const char before = in_[at - 1];
    if ((static_cast<unsigned char>(before) & 0x80U) != 0) return at >= 3 && wide_punctuation(in_.substr(at - 3));
    constexpr std::string_view kOpening = "'\"([{<", kClosing = "'\")]}>";
    const std::size_t quote = kOpening.find(before);
    if (quote != std::string_view::npos) return in_[at + length] != kClosing[quote];
    return is_blank_char(before) || before == '-' || before == '/' || before == ':';
  }
  /// Whether markup may end before `at`.
  [[nodiscard]] bool ends(std::size_t at) const {
    if (at >= in_.size() || is_blank_char(in_[at])) return true;
    constexpr std::string_view kBehind = "'\")]}>-/\\:.,;!?";
    return kBehind.find(in_[at]) != std::string_view::npos || wide_punctuation(in_.substr(at));
  }

  /// ":name:" at `at`, as of a role: its length, 0 if there is none.
  [[nodiscard]] std::size_t role_length(std::size_t at) const {
    if (at + 2 >= in_.size() || in_[at] != ':' || !is_letter(in_[at + 1])) return 0;
    const std::size_t limit = std::min(in_.size(), at + kMaxName);
    std::size_t end = at + 1;
    while (end < limit && (is_letter(in_[end]) || is_digit(in_[end]) ||
                           std::string_view("-_.+:").find(in_[end]) != std::string_view::npos)) {
      ++end;
    }
    return in_[end - 1] == ':' && end - at > 2 ? end - at : 0;
  }

  /// "_", "__" or ":role:" behind the closing mark at `at`.
  [[nodiscard]] std::size_t suffix_length(Mark mark, std::size_t at) const {
    if (mark != kInterpreted && mark != kSubstitution) return 0;
    std::size_t end = at;
    while (end < in_.size() && end < at + 2 && in_[end] == '_') ++end;
    if (end == at && mark == kInterpreted) end += role_length(at);
    return end - at;
  }

  /// Where the mark stands that closes what begins at `from`; npos if nothing does.
  [[nodiscard]] std::size_t closer(Mark mark, std::size_t from) {
    if (unclosed_[mark]) return std::string_view::npos;
    const std::string_view sign = kMarks[mark];
    for (std::size_t at = in_.find(sign, from); at != std::string_view::npos; at = in_.find(sign, at + 1)) {
      if (at == from || is_blank_char(in_[at - 1])) continue;
      if (mark != kLiteral && escaped(at)) continue;
      const std::size_t behind = at + sign.size();
      const std::size_t suffix = suffix_length(mark, behind);
      if (ends(behind + suffix) || ends(behind)) return at;
    }
    unclosed_[mark] = true;
    return std::string_view::npos;
  }
  [[nodiscard]] bool escaped(std::size_t at) const {
    std::size_t signs = 0;
    while (signs < at && in_[at - 1 - signs] == '\\') ++signs;
    return signs % 2 == 1;
  }

  /// Emphasis and literals: the text without the marks.
  void plain(Mark mark) {
    const std::size_t length = kMarks[mark].size();
    const std::size_t close = opens(at_, length) ? closer(mark, at_ + length) : std::string_view::npos;
    if (close == std::string_view::npos) return copy(length);
    const std::string_view text = in_.substr(at_ + length, close - at_ - length);
    if (mark == kLiteral) {
      out_ += text;
    } else {
      unescape(text);
    }
    at_ = close + length;
  }

  void unescape(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) {
        ++at;
        if (is_blank_char(text[at]) && text[at] != '\n') continue;
      }
      out_ += text[at];
    }
  }

  /// "`text`", "`text <target>`_", ":role:`text`": `skip` bytes of role stand before the mark.
  void interpreted(std::size_t skip, std::string_view role) {
    const std::size_t mark = at_ + skip;
    const bool open = opens(at_, skip + 1);
    const std::size_t close = open ? closer(kInterpreted, mark + 1) : std::string_view::npos;
    if (close == std::string_view::npos) return copy(skip + 1);
    const std::size_t suffix = suffix_length(kInterpreted, close + 1);
    std::string_view text = in_.substr(mark + 1, close - mark - 1);
    std::string_view dropped;
    const std::size_t angle = text.ends_with('>') ? text.rfind('<') : std::string_view::npos;
    if (angle != std::string_view::npos && (suffix > 0 || !role.empty())) {
      if (is_blank(text.substr(0, angle))) {
        keep_newlines(text.substr(0, angle));
        text = text.substr(angle + 1, text.size() - angle - 2);
      } else if (is_blank_char(text[angle - 1])) {
        const std::size_t last = text.substr(0, angle).find_last_not_of(" \t\n\f\v");
        dropped = text.substr(last + 1);
        text = text.substr(0, last + 1);
      }
    }
    shown(role, text);
    keep_newlines(dropped);
    at_ = close + 1 + suffix;
  }

  /// What stands on the page for the text of a role.
  void shown(std::string_view role, std::string_view text) {
    if (role == "pep") out_ += "PEP ";
    if (role == "rfc") out_ += "RFC ";
    if (role == "math" || role == "code") {
      out_ += text;
      return;
    }
    if (!role.empty() && text.size() > 1 && text.front() == '!') text.remove_prefix(1);
    if (!role.empty() && text.size() > 1 && text.front() == '~') {  // "~a.b.c" is shown as "c"
      text.remove_prefix(1);
      const std::size_t dot = text.find_last_of(".:/", text.find('('));
      if (dot != std::string_view::npos && dot + 1 < text.size() && text.find('\n') == std::string_view::npos) {
        text.remove_prefix(dot + 1);
      }
    }
    unescape(text);
  }

  void role() {
    const std::size_t length = role_length(at_);
    if (length == 0 || peek(length) != '`' || peek(length + 1) == '`') return copy(1);
    std::string_view name = in_.substr(at_ + 1, length - 2);
    const std::size_t domain = name.rfind(':');
    if (domain != std::string_view::npos) name.remove_prefix(domain + 1);
    interpreted(length, name);
  }

  void substitution() {
    const std::size_t close = opens(at_, 1) ? closer(kSubstitution, at_ + 1) : std::string_view::npos;
    if (close == std::string_view::npos) return copy(1);
    const std::string_view name = in_.substr(at_ + 1, close - at_ - 1);
    out_ += name.find('\n') == std::string_view::npos ? substitutions_.expand(name) : name;
    at_ = close + 1 + suffix_length(kSubstitution, close + 1);
  }

  /// "_`target`", "name_", "[1]_": the marks go.
  void underscore() {
    const std::size_t run = std::min(in_.find_first_not_of('_', at_), in_.size()) - at_;
    if (run == 1 && peek(1) == '`' && opens(at_, 2)) return interpreted(1, {});
    if (run <= 2 && at_ > 0 && ends(at_ + run) && (in_[at_ - 1] == ']' || names(at_))) {
      at_ += run;
      return;
    }
    copy(run);
  }
  /// Whether a simple name ends before `at`: "name_" is a reference, "__name_" is not.
  [[nodiscard]] bool names(std::size_t at) const {
    const std::size_t limit = at > kMaxName ? at - kMaxName : 0;
    std::size_t begin = at;
    while (begin > limit && (is_word(in_[begin - 1]) || in_[begin - 1] == '_')) --begin;
    return begin < at && is_word(in_[begin]) && opens(begin, 0);
  }

  std::string_view in_;
  RstSubstitutions& substitutions_;
  std::string& out_;
  std::size_t at_ = 0;
  std::array<bool, kMarks.size()> unclosed_{};
};

}  // namespace

void RstSubstitutions::define(std::string_view name, std::string text) {
  if (text.size() <= kMaxExpansion) texts_.emplace(std::string(name), std::move(text));
}

std::string_view RstSubstitutions::expand(std::string_view name) {
  if (texts_.empty()) return name;
  const auto found = texts_.find(std::string(name));
  if (found == texts_.end() || found->second.size() > budget_) return name;
  budget_ -= found->second.size();
  return found->second;
}

void strip_rst(std::string_view in, RstSubstitutions& substitutions, std::string& out) {
  if (in.find_first_of(kSpecial) == std::string_view::npos) {
    out += in;
    return;
  }
  RstStripper(in, substitutions, out).run();
}

}  // namespace tamis::docs
