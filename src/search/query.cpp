#include <fmt/core.h>
#include <tamis/search/query.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace tamis::search {
namespace {

constexpr std::string_view kSpecial = "\\\"+-:*?[<> ";
constexpr std::string_view kLeftQuote = "\xE2\x80\x9C";   // “
constexpr std::string_view kRightQuote = "\xE2\x80\x9D";  // ”

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_blank(std::string_view text) { return std::all_of(text.begin(), text.end(), is_space); }

/// One pass over the text; every function moves `at_` forward over what it takes.
class Parser {
 public:
  Parser(std::string_view text, const std::vector<std::string>& fields) : text_(text), fields_(fields) {}

  Result<ParsedQuery> run() {
    ParsedQuery query;
    for (skip_space(); at_ < text_.size(); skip_space()) {
      Clause clause = take_clause();
      if (clause.kind != Clause::Kind::kField && is_blank(clause.text)) continue;
      if (joins(query, clause)) {
        query.clauses.back().text += ' ';
        query.clauses.back().text += clause.text;
        continue;
      }
      if (query.clauses.size() == kMaxQueryClauses) {
        return Error{Code::kExhausted,
                     fmt::format("query: more than {} phrases, fields, +words and -words", kMaxQueryClauses)};
      }
      query.clauses.push_back(std::move(clause));
    }
    return query;
  }

 private:
  static bool joins(const ParsedQuery& query, const Clause& clause) {
    const auto is_plain = [](const Clause& c) {
      return c.kind == Clause::Kind::kWords && c.need == Clause::Need::kShould;
    };
    return !query.clauses.empty() && is_plain(clause) && is_plain(query.clauses.back());
  }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  bool starts(std::string_view prefix) const { return text_.substr(at_, prefix.size()) == prefix; }

  Clause take_clause() {
    Clause clause;
    clause.need = take_sign();
    if (take_open_quote()) {
      clause.kind = Clause::Kind::kPhrase;
      clause.text = take_quoted(false);
    } else if (auto field = take_field()) {
      field->need = clause.need == Clause::Need::kNot ? Clause::Need::kNot : Clause::Need::kMust;
      return *std::move(field);
    } else {
      clause.text = take_bare(false).text;
    }
    return clause;
  }

  /// A sign stands right in front of something that is not a sign: `--flag`, `++i` and a lone `-` are text.
  Clause::Need take_sign() {
    const char sign = text_[at_];
    if ((sign != '+' && sign != '-') || at_ + 1 == text_.size()) return Clause::Need::kShould;
    const char next = text_[at_ + 1];
    if (is_space(next) || next == '+' || next == '-') return Clause::Need::kShould;
    ++at_;
    return sign == '+' ? Clause::Need::kMust : Clause::Need::kNot;
  }

  bool take_open_quote() {
    for (const auto quote : {std::string_view("\""), kLeftQuote}) {
      if (!starts(quote)) continue;
      at_ += quote.size();
      return true;
    }
    return false;
  }

  /// If a backslash with a meaning stands here, moves to the character that it protects.
  bool take_escape() {
    if (text_[at_] != '\\' || at_ + 1 == text_.size()) return false;
    if (kSpecial.find(text_[at_ + 1]) == std::string_view::npos) return false;
    ++at_;
    return true;
  }

  std::string take_quoted(bool glob) {
    std::string out;
    while (at_ < text_.size()) {
      const bool escaped = take_escape();
      if (!escaped && text_[at_] == '"') {
        ++at_;
        return out;
      }
      if (!escaped && starts(kRightQuote)) {
        at_ += kRightQuote.size();
        return out;
      }
      append(out, text_[at_++], escaped && glob);
    }
    return out;
  }

  struct Bare {
    std::string text;
    bool has_wildcard = false;
  };
  /// Up to the next space. With `glob`, a protected wildcard is written so that a glob takes it literally.
  Bare take_bare(bool glob) {
    Bare out;
    while (at_ < text_.size() && !is_space(text_[at_])) {
      const bool escaped = take_escape();
      const char c = text_[at_++];
      if (!escaped && (c == '*' || c == '?' || c == '[')) out.has_wildcard = true;
      append(out.text, c, escaped && glob);
    }
    return out;
  }
  static void append(std::string& out, char c, bool literal_in_glob) {
    if (literal_in_glob && (c == '*' || c == '?' || c == '[')) {
      out += {'[', c, ']'};
    } else {
      out += c;
    }
  }

  /// `name:value` of a known name, or nothing and no movement.
  std::optional<Clause> take_field() {
    const std::size_t start = at_;
    Clause clause;
    clause.kind = Clause::Kind::kField;
    if (!take_field_name(clause.field)) {
      at_ = start;
      return std::nullopt;
    }
    clause.compare = take_comparison();
    if (take_value(clause)) return clause;
    at_ = start;
    return std::nullopt;
  }

  bool take_field_name(std::string& name) {
    while (at_ < text_.size() && !is_space(text_[at_])) {
      const bool escaped = take_escape();
      const char c = text_[at_++];
      if (!escaped && c == ':') return std::find(fields_.begin(), fields_.end(), name) != fields_.end();
      name += c;
    }
    return false;
  }

  Clause::Compare take_comparison() {
    constexpr std::pair<std::string_view, Clause::Compare> kSigns[] = {{">=", Clause::Compare::kGreaterEqual},
                                                                       {"<=", Clause::Compare::kLessEqual},
                                                                       {">", Clause::Compare::kGreater},
                                                                       {"<", Clause::Compare::kLess}};
    for (const auto& [sign, compare] : kSigns) {
      if (!starts(sign)) continue;
      at_ += sign.size();
      return compare;
    }
    return Clause::Compare::kEqual;
  }

  /// A path is always a glob; another field is one if a bare value has a wildcard.
  bool take_value(Clause& clause) {
    const bool may_glob = clause.compare == Clause::Compare::kEqual;
    const bool is_path = may_glob && clause.field == "path";
    if (take_open_quote()) {
      clause.text = take_quoted(is_path);
      if (is_path) clause.compare = Clause::Compare::kGlob;
      return true;
    }
    const std::size_t start = at_;
    Bare value = take_bare(is_path);
    if (value.text.empty()) return false;
    if (may_glob && (is_path || value.has_wildcard)) {
      clause.compare = Clause::Compare::kGlob;
      at_ = start;
      value = take_bare(true);
    }
    clause.text = std::move(value.text);
    return true;
  }

  std::string_view text_;
  const std::vector<std::string>& fields_;
  std::size_t at_ = 0;
};

Status check_size(std::string_view text) {
  if (text.size() <= kMaxQueryBytes) return ok();
  return Error{Code::kExhausted, fmt::format("query: {} bytes long, at most {}", text.size(), kMaxQueryBytes)};
}

}  // namespace

std::string ParsedQuery::words() const {
  std::string out;
  for (const auto& clause : clauses) {
    if (clause.kind == Clause::Kind::kField || clause.need == Clause::Need::kNot) continue;
    if (!out.empty()) out += ' ';
    out += clause.text;
  }
  return out;
}

Result<ParsedQuery> parse_query(std::string_view text, const std::vector<std::string>& fields) {
  TAMIS_TRY_OK(check_size(text));
  return Parser(text, fields).run();
}

Result<ParsedQuery> plain_query(std::string_view text) {
  TAMIS_TRY_OK(check_size(text));
  ParsedQuery query;
  if (!is_blank(text)) query.clauses.emplace_back().text = text;
  return query;
}

}  // namespace tamis::search
