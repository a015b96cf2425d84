#include "mdoc.h"

#include <algorithm>
#include <cstdint>

namespace tamis::docs {
namespace {

enum class Form : std::uint8_t {
  kWords,     // prints its arguments
  kArgument,  // the same; "file ..." without any
  kFlag,      // a dash before each argument
  kName,
  kEnclose,  // `text` before the rest of the line, `close` behind it
  kLiteral,  // prints `text`
  kOpen,     // the same, and the next word follows without a space
  kClose,    // the same, without a space before it
  kReference,
  kFunction,
  kInclude,
  kNoSpace,
  kPrefix,
  kNothing,
};

struct Macro {
  std::string_view name;
  Form form;
  std::string_view text;
  std::string_view close;
};

// mdoc(7), sorted by name. (A table: exempt from the length rule.)
// clang-format off
constexpr Macro kMacros[] = {
    {"Ac", Form::kClose, ">", ""}, {"Ad", Form::kWords, "", ""}, {"An", Form::kWords, "", ""},
    {"Ao", Form::kOpen, "<", ""}, {"Ap", Form::kClose, "'", ""}, {"Aq", Form::kEnclose, "<", ">"},
    {"Ar", Form::kArgument, "", ""}, {"At", Form::kLiteral, "AT&T UNIX", ""}, {"Bc", Form::kClose, "]", ""},
    {"Bo", Form::kOpen, "[", ""}, {"Bq", Form::kEnclose, "[", "]"}, {"Brc", Form::kClose, "}", ""},
    {"Bro", Form::kOpen, "{", ""}, {"Brq", Form::kEnclose, "{", "}"}, {"Bsx", Form::kLiteral, "BSD/OS", ""},
    {"Bx", Form::kLiteral, "BSD", ""}, {"Cd", Form::kWords, "", ""}, {"Cm", Form::kWords, "", ""},
    {"Dc", Form::kClose, "”", ""}, {"Do", Form::kOpen, "“", ""}, {"Dq", Form::kEnclose, "“", "”"},
    {"Dv", Form::kWords, "", ""}, {"Dx", Form::kLiteral, "DragonFly", ""}, {"Em", Form::kWords, "", ""},
    {"Er", Form::kWords, "", ""}, {"Ev", Form::kWords, "", ""}, {"Fa", Form::kWords, "", ""},
    {"Fc", Form::kClose, ")", ""}, {"Fd", Form::kWords, "", ""}, {"Fl", Form::kFlag, "", ""},
    {"Fn", Form::kFunction, "", ""}, {"Fo", Form::kPrefix, "(", ""}, {"Fr", Form::kWords, "", ""},
    {"Ft", Form::kWords, "", ""}, {"Fx", Form::kLiteral, "FreeBSD", ""}, {"Ic", Form::kWords, "", ""},
    {"In", Form::kInclude, "", ""}, {"Lb", Form::kWords, "", ""}, {"Li", Form::kWords, "", ""},
    {"Lk", Form::kWords, "", ""}, {"Ms", Form::kWords, "", ""}, {"Mt", Form::kWords, "", ""},
    {"Nd", Form::kLiteral, "–", ""}, {"Nm", Form::kName, "", ""}, {"No", Form::kWords, "", ""},
    {"Ns", Form::kNoSpace, "", ""}, {"Nx", Form::kLiteral, "NetBSD", ""}, {"Oc", Form::kClose, "]", ""},
    {"Oo", Form::kOpen, "[", ""}, {"Op", Form::kEnclose, "[", "]"}, {"Ox", Form::kLiteral, "OpenBSD", ""},
    {"Pa", Form::kWords, "", ""}, {"Pc", Form::kClose, ")", ""}, {"Pf", Form::kPrefix, "", ""},
    {"Po", Form::kOpen, "(", ""}, {"Pq", Form::kEnclose, "(", ")"}, {"Qc", Form::kClose, "\"", ""},
    {"Ql", Form::kEnclose, "‘", "’"}, {"Qo", Form::kOpen, "\"", ""}, {"Qq", Form::kEnclose, "\"", "\""},
    {"Sc", Form::kClose, "’", ""}, {"Sm", Form::kNothing, "", ""}, {"So", Form::kOpen, "‘", ""},
    {"Sq", Form::kEnclose, "‘", "’"}, {"St", Form::kWords, "", ""}, {"Sx", Form::kWords, "", ""},
    {"Sy", Form::kWords, "", ""}, {"Ta", Form::kLiteral, "|", ""}, {"Tn", Form::kWords, "", ""},
    {"Ux", Form::kLiteral, "UNIX", ""}, {"Va", Form::kWords, "", ""}, {"Vt", Form::kWords, "", ""},
    {"Xc", Form::kNothing, "", ""}, {"Xo", Form::kNothing, "", ""}, {"Xr", Form::kReference, "", ""},
};
// clang-format on
static_assert(std::ranges::is_sorted(kMacros, {}, &Macro::name));

const Macro* find(std::string_view name) {
  const auto* const found = std::ranges::lower_bound(kMacros, name, {}, &Macro::name);
  return found != std::end(kMacros) && found->name == name ? found : nullptr;
}

bool is_closing(std::string_view token) {
  return token.size() == 1 && std::string_view(".,:;)]?!").find(token[0]) != std::string_view::npos;
}
bool is_opening(std::string_view token) { return token == "(" || token == "["; }

/// Words put together with the spaces between them.
class Line {
 public:
  void word(std::string_view text, bool space_before = true) {
    if (text.empty()) return;
    if (space_before && !joined_ && !text_.empty()) text_ += ' ';
    text_ += text;
    joined_ = false;
  }
  void join() { joined_ = true; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  bool joined_ = false;
};

/// One macro line on its way to text.
class Rendering {
 public:
  Rendering(RoffText& roff, std::string& name, const std::vector<std::string>& tokens)
      : roff_(roff), name_(name), tokens_(tokens), last_(tokens.size()) {
    while (last_ > 0 && is_closing(tokens[last_ - 1])) --last_;
  }

  std::string run(std::string_view macro) {
    if (const Macro* first = find(macro)) apply(*first);
    while (at_ < tokens_.size()) {
      if (at_ == last_) close_all();
      const Macro* called = at_ < last_ ? find(tokens_[at_]) : nullptr;
      if (called != nullptr) {
        ++at_;
        apply(*called);
      } else {
        plain();
      }
    }
    close_all();
    return line_.take();
  }

 private:
  // Behind a macro come its own words, until the next macro or punctuation.
  [[nodiscard]] bool own_word() const {
    return at_ < last_ && !is_closing(tokens_[at_]) && tokens_[at_] != "|" && find(tokens_[at_]) == nullptr;
  }
  std::string next() {
    std::string text;
    roff_.decode(tokens_[at_++], text);
    return text;
  }
  void plain() {
    const std::string& token = tokens_[at_];
    const bool opening = is_opening(token), closing = is_closing(token);
    line_.word(next(), !closing);
    if (opening) line_.join();
  }
  void close_all() {
    for (; !open_.empty(); open_.pop_back()) line_.word(open_.back(), false);
  }

  void apply(const Macro& macro) {
    switch (macro.form) {
      case Form::kWords:
        break;
      case Form::kArgument:
        if (!own_word()) line_.word("file ...");
        break;
      case Form::kFlag:
        if (!own_word()) return line_.word("-"), line_.join();
        while (own_word()) line_.word('-' + next());
        break;
      case Form::kName:
        if (!own_word()) return line_.word(name_);
        if (name_.empty()) roff_.decode(tokens_[at_], name_);
        break;
      case Form::kEnclose:
        line_.word(macro.text);
        line_.join();
        open_.push_back(macro.close);
        break;
      case Form::kLiteral:
        line_.word(macro.text);
        break;
      case Form::kOpen:
        line_.word(macro.text);
        line_.join();
        break;
      case Form::kClose:
        line_.word(macro.text, false);
        if (macro.name == "Ap") line_.join();
        break;
      case Form::kReference:
        return reference();
      case Form::kFunction:
        return function();
      case Form::kInclude:
        if (own_word()) line_.word("#include <" + next() + '>');
        break;
      case Form::kNoSpace:
        line_.join();
        break;
      case Form::kPrefix:
        if (own_word()) line_.word(next());
        line_.word(macro.text, false);
        line_.join();
        break;
      case Form::kNothing:
        break;
    }
  }
  void reference() {
    if (!own_word()) return;
    std::string page = next();
    if (own_word()) page += '(' + next() + ')';
    line_.word(page);
  }
  void function() {
    if (!own_word()) return;
    std::string call = next() + '(';
    for (bool first = true; own_word(); first = false) call += (first ? "" : ", ") + next();
    line_.word(call + ')');
  }

  RoffText& roff_;
  std::string& name_;
  const std::vector<std::string>& tokens_;
  std::size_t last_;  // behind it only closing punctuation
  std::size_t at_ = 0;
  Line line_;
  std::vector<std::string_view> open_;  // what ends the enclosures, innermost last
};

}  // namespace

bool Mdoc::is_inline(std::string_view macro) noexcept { return find(macro) != nullptr; }

bool Mdoc::joins_before(std::string_view macro) noexcept {
  const Macro* const found = find(macro);
  return found != nullptr && found->form == Form::kClose;
}

bool Mdoc::joins_behind(std::string_view macro) noexcept {
  const Macro* const found = find(macro);
  return found != nullptr && (found->form == Form::kOpen || found->form == Form::kPrefix);
}

std::string Mdoc::render(std::string_view macro, const std::vector<std::string>& arguments) {
  return Rendering(roff_, name_, arguments).run(macro);
}

}  // namespace tamis::docs
