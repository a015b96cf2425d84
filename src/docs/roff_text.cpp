#include "roff_text.h"

#include <tamis/text/unicode.h>

#include <algorithm>
#include <cstdint>

#include "encoding.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

struct Special {
  std::string_view name;
  std::string_view text;
};

// Named characters of groff_char(7) that manual pages use, sorted by name. (A table: exempt from the length rule.)
// clang-format off
constexpr Special kSpecials[] = {
    {"!=", "≠"}, {"%0", "‰"}, {"'A", "Á"}, {"'C", "Ć"}, {"'E", "É"}, {"'I", "Í"}, {"'N", "Ń"}, {"'O", "Ó"},
    {"'S", "Ś"}, {"'U", "Ú"}, {"'Y", "Ý"}, {"'Z", "Ź"}, {"'a", "á"}, {"'c", "ć"}, {"'e", "é"}, {"'i", "í"},
    {"'n", "ń"}, {"'o", "ó"}, {"'s", "ś"}, {"'u", "ú"}, {"'y", "ý"}, {"'z", "ź"}, {"*D", "Δ"}, {"*S", "Σ"},
    {"*W", "Ω"}, {"*a", "α"}, {"*b", "β"}, {"*d", "δ"}, {"*e", "ε"}, {"*g", "γ"}, {"*h", "θ"}, {"*l", "λ"},
    {"*m", "μ"}, {"*p", "π"}, {"*s", "σ"}, {"*w", "ω"}, {"+-", "±"}, {",C", "Ç"}, {",N", "Ņ"}, {",S", "Ş"},
    {",c", "ç"}, {",n", "ņ"}, {",s", "ş"}, {"->", "→"}, {"-D", "Ð"}, {"/L", "Ł"}, {"/O", "Ø"}, {"/l", "ł"},
    {"/o", "ø"}, {"12", "½"}, {"14", "¼"}, {"34", "¾"}, {":A", "Ä"}, {":E", "Ë"}, {":I", "Ï"}, {":O", "Ö"},
    {":U", "Ü"}, {":Y", "Ÿ"}, {":a", "ä"}, {":e", "ë"}, {":i", "ï"}, {":o", "ö"}, {":u", "ü"}, {":y", "ÿ"},
    {"<-", "←"}, {"<=", "≤"}, {"<>", "↔"}, {"==", "≡"}, {"=~", "≅"}, {">=", "≥"}, {"AE", "Æ"}, {"Bq", "„"},
    {"Do", "$"}, {"Eu", "€"}, {"Fc", "»"}, {"Fo", "«"}, {"OE", "Œ"}, {"OK", "✓"}, {"Of", "ª"}, {"Om", "º"},
    {"Po", "£"}, {"S1", "¹"}, {"S2", "²"}, {"S3", "³"}, {"Sd", "ð"}, {"TP", "Þ"}, {"Tp", "þ"}, {"Ye", "¥"},
    {"^A", "Â"}, {"^C", "Ĉ"}, {"^E", "Ê"}, {"^I", "Î"}, {"^O", "Ô"}, {"^S", "Ŝ"}, {"^U", "Û"}, {"^Y", "Ŷ"},
    {"^a", "â"}, {"^c", "ĉ"}, {"^e", "ê"}, {"^i", "î"}, {"^o", "ô"}, {"^s", "ŝ"}, {"^u", "û"}, {"^y", "ŷ"},
    {"`A", "À"}, {"`E", "È"}, {"`I", "Ì"}, {"`O", "Ò"}, {"`U", "Ù"}, {"`a", "à"}, {"`e", "è"}, {"`i", "ì"},
    {"`o", "ò"}, {"`u", "ù"}, {"aa", "´"}, {"ae", "æ"}, {"ap", "~"}, {"aq", "'"}, {"at", "@"}, {"ba", "|"},
    {"bq", "‚"}, {"br", "│"}, {"bu", "•"}, {"bv", "|"}, {"ci", "○"}, {"co", "©"}, {"cq", "’"}, {"ct", "¢"},
    {"da", "↓"}, {"dd", "‡"}, {"de", "°"}, {"dg", "†"}, {"di", "÷"}, {"dq", "\""}, {"em", "—"}, {"en", "–"},
    {"eq", "="}, {"fc", "›"}, {"fm", "′"}, {"fo", "‹"}, {"ga", "`"}, {"ha", "^"}, {"hbar", "ℏ"}, {"hy", "-"},
    {"if", "∞"}, {"is", "∫"}, {"lA", "⇐"}, {"lB", "["}, {"lC", "{"}, {"la", "⟨"}, {"lh", "☜"}, {"lq", "“"},
    {"mc", "µ"}, {"md", "⋅"}, {"mi", "−"}, {"mo", "∈"}, {"mu", "×"}, {"no", "¬"}, {"oA", "Å"}, {"oU", "Ů"},
    {"oa", "å"}, {"oe", "œ"}, {"oq", "‘"}, {"or", "|"}, {"ou", "ů"}, {"pc", "·"}, {"pd", "∂"}, {"pl", "+"},
    {"product", "∏"}, {"ps", "¶"}, {"r!", "¡"}, {"r?", "¿"}, {"rA", "⇒"}, {"rB", "]"}, {"rC", "}"}, {"ra", "⟩"},
    {"rg", "®"}, {"rh", "☞"}, {"rq", "”"}, {"rs", "\\"}, {"ru", "_"}, {"sc", "§"}, {"sd", "″"}, {"sh", "#"},
    {"sl", "/"}, {"sq", "□"}, {"sr", "√"}, {"ss", "ß"}, {"sum", "∑"}, {"ti", "~"}, {"tm", "™"}, {"tno", "¬"},
    {"ua", "↑"}, {"ul", "_"}, {"vC", "Č"}, {"vE", "Ě"}, {"vN", "Ň"}, {"vS", "Š"}, {"vZ", "Ž"}, {"vc", "č"},
    {"ve", "ě"}, {"vn", "ň"}, {"vs", "š"}, {"vz", "ž"}, {"~A", "Ã"}, {"~I", "Ĩ"}, {"~N", "Ñ"}, {"~O", "Õ"},
    {"~U", "Ũ"}, {"~a", "ã"}, {"~i", "ĩ"}, {"~n", "ñ"}, {"~o", "õ"}, {"~u", "ũ"}, {"~~", "≈"},
};
// clang-format on
static_assert(std::ranges::is_sorted(kSpecials, {}, &Special::name));

constexpr std::size_t kMaxString = 256;
constexpr std::size_t kMaxName = 256;  // of what stands in brackets or quotes behind an escape: keeps the work linear
constexpr std::size_t kMaxStrings = 1000;

// "u2014" as groff writes a character by its number.
bool append_numbered(std::string_view name, std::string& out) {
  if (name.size() < 5 || name.size() > 7 || name[0] != 'u') return false;
  std::uint32_t c = 0;
  for (const char digit : name.substr(1)) {
    const char d = lower(digit);
    if (!is_digit(d) && (d < 'a' || d > 'f')) return false;
    c = c * 16 + static_cast<std::uint32_t>(is_digit(d) ? d - '0' : d - 'a' + 10);
  }
  if (c < 0x20 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return false;
  append_utf8(out, c);
  return true;
}

void append_named(std::string_view name, std::string& out) {
  const auto* const found = std::ranges::lower_bound(kSpecials, name, {}, &Special::name);
  if (found != std::end(kSpecials) && found->name == name) {
    out += found->text;
  } else if (!append_numbered(name, out) && name.size() == 1 && name[0] > ' ') {
    out += name;  // a signed char: only ASCII is above the space
  }
}

/// The name behind an escape: "x", "(xx" or "[name]". `used` counts from `at`.
std::string_view name_at(std::string_view rest, std::size_t at, std::size_t& used) {
  used = 0;
  if (at >= rest.size()) return {};
  if (rest[at] == '(') {
    used = std::min<std::size_t>(3, rest.size() - at);
    return rest.substr(at + 1, 2);
  }
  if (rest[at] == '[') {
    const std::size_t end = rest.substr(0, at + kMaxName).find(']', at);
    used = end == std::string_view::npos ? 1 : end + 1 - at;
    return end == std::string_view::npos ? std::string_view() : rest.substr(at + 1, end - at - 1);
  }
  used = 1;
  return rest.substr(at, 1);
}

// The length of an argument in delimiters behind an escape: 'text'.
std::size_t delimited(std::string_view rest, std::size_t at) {
  if (at >= rest.size()) return 0;
  const std::size_t end = rest.substr(0, at + kMaxName).find(rest[at], at + 1);
  return end == std::string_view::npos ? 1 : end + 1 - at;
}

// "\s+2", "\s-1", "\s10", "\s(12", "\s[12]", "\s'12'": behind the s.
std::size_t size_argument(std::string_view rest, std::size_t at) {
  std::size_t end = at;
  if (end < rest.size() && (rest[end] == '+' || rest[end] == '-')) ++end;
  if (end >= rest.size()) return end - at;
  if (rest[end] == '(') return std::min(end + 3, rest.size()) - at;
  if (rest[end] == '[') {
    const std::size_t close = rest.substr(0, end + kMaxName).find(']', end);
    return (close == std::string_view::npos ? end : close) + 1 - at;
  }
  if (rest[end] == '\'') return end - at + delimited(rest, end);
  const bool two =
      rest[end] >= '1' && rest[end] <= '3' && end == at && end + 1 < rest.size() && is_digit(rest[end + 1]);
  if (is_digit(rest[end])) end += two ? 2 : 1;
  return end - at;
}

}  // namespace

bool RoffText::decode(std::string_view raw, std::string& out) {
  join_ = false;
  while (!raw.empty()) {
    const std::size_t plain = std::min(raw.find('\\'), raw.size());
    out += raw.substr(0, plain);
    raw.remove_prefix(plain);
    if (raw.empty()) break;
    std::size_t used = std::min(escape(raw, out), raw.size());
    while (used < raw.size() && (static_cast<unsigned char>(raw[used]) & 0xC0U) == 0x80U) ++used;  // whole characters
    raw.remove_prefix(used);
  }
  return join_;
}

void RoffText::define(std::string_view name, std::string_view raw) {
  if (name.empty() || strings_.size() >= kMaxStrings) return;
  std::string value;
  decode(raw.substr(0, text::utf8_floor(raw, std::min(raw.size(), kMaxString))), value);
  if (name == "--") value = "--";  // of pod2man, which prints a Greek letter and has it translated
  if (value.size() <= kMaxString) strings_[std::string(name)] = std::move(value);
}

std::size_t RoffText::string_reference(std::string_view rest, std::string& out) {
  std::size_t used = 0;
  const std::string_view name = name_at(rest, 2, used);
  const auto found = strings_.find(name);
  if (found != strings_.end() && found->second.size() <= budget_) {
    out += found->second;
    budget_ -= found->second.size();
  } else if (found == strings_.end()) {  // strings that the man macros define
    out += name == "lq" ? "“" : name == "rq" ? "”" : name == "R" ? "®" : name == "Tm" ? "™" : name == "Aq" ? "'" : "";
  }
  return 2 + used;
}

// At a backslash: appends what the escape prints, returns its length.
std::size_t RoffText::escape(std::string_view rest, std::string& out) {
  constexpr std::string_view kBlanks = " ~0ta", kThemselves = "-'`._", kNamed = "fFmMngk$VY",
                             kDelimited = "hvwlLDboNABHRSXZx";
  if (rest.size() < 2) return rest.size();
  const char letter = rest[1];
  const auto one_of = [letter](std::string_view letters) { return letters.find(letter) != std::string_view::npos; };
  std::size_t used = 0;
  if (one_of(kThemselves)) {
    out += letter;
    return 2;
  }
  if (one_of(kBlanks)) {
    out += ' ';
    return 2;
  }
  if (one_of(kNamed)) {
    const std::size_t sign = letter == 'n' && rest.size() > 2 && (rest[2] == '+' || rest[2] == '-') ? 1 : 0;
    name_at(rest, 2 + sign, used);
    return 2 + sign + used;
  }
  if (one_of(kDelimited)) return 2 + delimited(rest, 2);
  switch (letter) {
    case 'e':
    case '\\':
      out += '\\';
      return 2;
    case 'c':
      join_ = true;
      return 2;
    case '"':
    case '#':
      return rest.size();
    case '(':
    case '[':
      append_named(name_at(rest, 1, used), out);
      return 1 + std::max<std::size_t>(used, 1);
    case 'C': {
      const std::size_t length = delimited(rest, 2);
      if (length > 2) append_named(rest.substr(3, length - 2), out);
      return 2 + length;
    }
    case '*':
      return string_reference(rest, out);
    case 's':
      return 2 + size_argument(rest, 2);
    default:
      return 2;  // \& \| \^ \% \: \/ \, \{ \} … print nothing
  }
}

std::vector<std::string> roff_arguments(std::string_view rest) {
  std::vector<std::string> arguments;
  std::size_t at = 0;
  for (;;) {
    while (at < rest.size() && is_blank_char(rest[at])) ++at;
    if (at >= rest.size()) return arguments;
    std::string argument;
    if (rest[at] == '"') {
      for (++at; at < rest.size(); ++at) {
        if (rest[at] == '"') {
          if (at + 1 >= rest.size() || rest[at + 1] != '"') break;
          ++at;
        }
        argument += rest[at];
      }
      ++at;
    } else {
      for (; at < rest.size() && !is_blank_char(rest[at]); ++at) {
        argument += rest[at];
        if (rest[at] == '\\' && at + 1 < rest.size()) argument += rest[++at];
      }
    }
    arguments.push_back(std::move(argument));
  }
}

std::string_view without_roff_comment(std::string_view line) noexcept {
  for (std::size_t at = line.find('\\'); at != std::string_view::npos; at = line.find('\\', at + 2)) {
    if (at + 1 < line.size() && (line[at + 1] == '"' || line[at + 1] == '#')) return line.substr(0, at);
  }
  return line;
}

}  // namespace tamis::docs
