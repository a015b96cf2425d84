#include "man_parser.h"

#include <algorithm>
#include <utility>

namespace tamis::docs {

std::vector<ManParser::Macro> ManParser::sorted(std::vector<Macro> macros) {
  std::ranges::sort(macros, {}, &Macro::name);
  return macros;
}

const std::vector<ManParser::Macro>& ManParser::macros() {
  using P = ManParser;
  static const std::vector<Macro> kMacros = sorted({
      {"AP", &P::tagged},
      {"B1", &P::new_paragraph},
      {"Bd", &P::display},
      {"Bl", &P::deeper},
      {"CE", &P::fill},
      {"CS", &P::no_fill},
      {"D1", &P::display_line},
      {"Dd", &P::date_mdoc},
      {"Dl", &P::display_line},
      {"Dt", &P::title_mdoc},
      {"EE", &P::fill},
      {"EX", &P::no_fill},
      {"Ed", &P::fill},
      {"El", &P::shallower},
      {"HP", &P::new_paragraph},
      {"IP", &P::indented},
      {"It", &P::item_mdoc},
      {"LP", &P::new_paragraph},
      {"Lp", &P::new_paragraph},
      {"ME", &P::end_link},
      {"MT", &P::link},
      {"OP", &P::option},
      {"P", &P::new_paragraph},
      {"PP", &P::new_paragraph},
      {"Pp", &P::new_paragraph},
      {"RE", &P::shallower},
      {"RS", &P::deeper},
      {"SH", &P::section},
      {"SS", &P::subsection},
      {"SY", &P::synopsis},
      {"Sh", &P::section},
      {"Sp", &P::new_paragraph},
      {"Ss", &P::subsection},
      {"TH", &P::title_man},
      {"TP", &P::tagged},
      {"TQ", &P::tagged},
      {"T&", &P::table_format},
      {"TE", &P::end_table},
      {"TS", &P::table},
      {"UE", &P::end_link},
      {"UR", &P::link},
      {"Vb", &P::no_fill},
      {"Ve", &P::fill},
      {"YS", &P::new_paragraph},
      {"am", &P::skip_definition},
      {"br", &P::line_break},
      {"de", &P::skip_definition},
      {"de1", &P::skip_definition},
      {"ds", &P::define_string},
      {"fi", &P::fill},
      {"ig", &P::skip_definition},
      {"nf", &P::no_fill},
      {"sp", &P::new_paragraph},
  });
  return kMacros;
}

const ManParser::Macro* ManParser::macro_named(std::string_view name) {
  const auto& all = macros();
  const auto found = std::ranges::lower_bound(all, name, {}, &Macro::name);
  return found != all.end() && found->name == name ? &*found : nullptr;
}

Result<ExtractedDocument> ManParser::run() {
  std::string continued;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (continued.empty()) number_ = static_cast<std::uint32_t>(i + 1);
    const std::string_view text = lines_[i];
    const std::size_t slashes = text.size() - (text.find_last_not_of('\\') + 1);
    if (slashes % 2 == 1 && i + 1 < lines_.size() && continued.size() < (1U << 16U)) {
      continued += text.substr(0, text.size() - 1);
      continue;
    }
    if (!continued.empty()) {
      continued += text;
      line(continued);
      continued.clear();
    } else {
      line(text);
    }
  }
  TAMIS_TRY(ExtractedDocument document, builder_.take());
  document.title = title_.empty() || section_.empty() ? title_ : title_ + '(' + section_ + ')';
  if (!section_.empty()) document.metadata.push_back({"section", section_});
  const MetaValue date = typed_value(date_);
  if (std::holds_alternative<Date>(date)) document.metadata.push_back({"date", date});
  return document;
}

// --- lines ---

void ManParser::line(std::string_view text) {
  if (in_definition_) {
    in_definition_ = !text.starts_with("..");
  } else if (skipped_braces_ > 0) {
    skip_block(text);
  } else if (table_ && !text.starts_with(".T") && !text.starts_with(".S")) {
    table_->line(text, number_);
  } else if (text.starts_with('.') || text.starts_with('\'')) {
    control(text.substr(1));
  } else {
    text_line(text);
  }
}

void ManParser::control(std::string_view text) {
  text = trim(without_roff_comment(text));
  if (text.ends_with("\\}")) {
    text = trim(text.substr(0, text.size() - 2));
    end_block();
  }
  const std::size_t end = std::min(text.find_first_of(" \t\\"), text.size());
  const std::string_view name = text.substr(0, end), rest = trim(text.substr(end));
  if (name.empty()) return;
  if (name == "if" || name == "ie" || name == "el") return condition(name, rest);
  if (name == "ft" || name == "IX") return;
  if (name == "ds") return define_string({std::string(rest)});
  const Arguments arguments = roff_arguments(rest);
  constexpr std::string_view kFonts[] = {"B", "BI", "BR", "I", "IB", "IR", "RB", "RI", "SB", "SM"};
  if (std::ranges::find(kFonts, name) != std::end(kFonts)) return fonts(name, arguments);
  if (const Macro* macro = macro_named(name)) return (this->*macro->run)(arguments);
  if (Mdoc::is_inline(name)) return inline_mdoc(name, arguments);
  if (name.size() == 2 && name[0] == '%') return reference_part(arguments);
}

// Conditions as on a terminal: "n" holds, "t" does not, and neither does what would have to be computed.
void ManParser::condition(std::string_view name, std::string_view rest) {
  const std::size_t depth = std::min(blocks_, holds_.size() - 1);
  bool holds = !holds_[depth];
  if (name != "el") {
    const bool negated = rest.starts_with('!');
    if (negated) rest.remove_prefix(1);
    holds = (rest.starts_with('n') || rest.starts_with('o')) != negated;
    if (name == "ie") holds_[depth] = holds;
    // A condition ends at a space, or at "\{"; a string comparison may hold spaces, but it never holds here.
    const std::size_t brace = rest.find("\\{");
    const std::size_t end = std::min({rest.find(' '), brace, rest.size()});
    rest = trim(rest.substr(end));
  }
  if (!holds) return skip_block(rest);
  if (rest.starts_with("\\{")) {
    rest.remove_prefix(2);
    ++blocks_;
  }
  rest = trim(rest);
  if (rest.ends_with('\\')) rest.remove_suffix(1);
  // A condition may hang on a condition, but not on a million of them.
  if (rest.empty() || conditions_ == 8) return;
  ++conditions_;
  line(rest);
  --conditions_;
}

void ManParser::end_block() {
  if (blocks_ > 0) --blocks_;
}

void ManParser::skip_block(std::string_view text) {
  for (std::size_t at = text.find('\\'); at != std::string_view::npos && at + 1 < text.size();
       at = text.find('\\', at + 2)) {
    if (text[at + 1] == '{') ++skipped_braces_;
    if (text[at + 1] == '}' && skipped_braces_ > 0) --skipped_braces_;
  }
}

void ManParser::text_line(std::string_view text) {
  text = without_roff_comment(text);
  if (is_blank(text)) {
    if (no_fill_) {
      if (builder_.open()) builder_.append("\n");
    } else if (!tag_next_ && heading_level_ == 0) {
      paragraph();
    }
    return;
  }
  if (text.ends_with("\\}")) end_block();
  std::string out;
  const bool join = roff_.decode(text, out);
  add(out);
  join_ = join;
}

// In a synopsis each declaration begins a line, and the arguments of a function may stand on lines of their own.
void ManParser::inline_mdoc(std::string_view name, const Arguments& arguments) {
  if (name == "Ft" || name == "In" || name == "Fd") break_ = true;
  if (Mdoc::joins_before(name)) join_ = true;
  std::string text = mdoc_.render(name, arguments);
  if (name == "Fa" && function_arguments_ > 0) {
    join_ = true;
    if (function_arguments_++ > 1) text.insert(0, ", ");
  }
  add(text);
  if (name == "Fo") function_arguments_ = 1;
  if (name == "Fc") function_arguments_ = 0;
  join_ = Mdoc::joins_behind(name);
  break_ = name == "In" || name == "Fd" || name == "Fc" || (name == "Fn" && break_);
}

// .B and its kind: one font keeps the spaces, two alternate without any.
void ManParser::fonts(std::string_view name, const Arguments& arguments) {
  const bool one = name.size() == 1 || name[0] == 'S';
  if (!arguments.empty()) add(joined(arguments, one ? " " : ""));
}

std::string ManParser::decoded(std::string_view raw) {
  std::string out;
  roff_.decode(raw, out);
  return out;
}

std::string ManParser::joined(const Arguments& arguments, std::string_view between) {
  std::string out;
  for (const auto& argument : arguments) {
    if (!out.empty()) out += between;
    roff_.decode(argument, out);
  }
  return out;
}

// --- text ---

void ManParser::add(std::string_view text) {
  const bool join = std::exchange(join_, false);
  const std::uint32_t level = depth_ + 1;
  if (is_blank(text)) return;
  if (heading_level_ > 0) {
    builder_.begin(BlockKind::kHeading, std::exchange(heading_level_, 0), number_);
    builder_.append(text);
    builder_.end();
  } else if (tag_next_) {
    tag_next_ = false;
    after_tag_ = true;
    builder_.begin(BlockKind::kListItem, level, number_);
    builder_.append(text);
  } else if (no_fill_) {
    if (!builder_.open()) builder_.begin(BlockKind::kCode, 0, number_);
    builder_.at_line(number_);
    builder_.append(text);
    builder_.append("\n");
  } else {
    const bool line_end = after_tag_ || break_;
    after_tag_ = std::exchange(tag_again_, false);
    if (!builder_.open()) {
      builder_.begin(depth_ > 0 ? BlockKind::kListItem : BlockKind::kParagraph, depth_, number_);
    } else if (!join && !builder_.current().empty()) {
      builder_.append(line_end ? "\n" : " ");
    }
    builder_.at_line(number_);
    builder_.append(trim(text));
  }
  break_ = false;
}

void ManParser::paragraph() {
  builder_.end();
  after_tag_ = tag_again_ = break_ = join_ = false;
}

void ManParser::item(std::string_view tag, std::uint32_t level) {
  paragraph();
  constexpr std::string_view kBullets[] = {"•", "*", "-", "o", "·", "–", "—", ""};
  builder_.begin(BlockKind::kListItem, level, number_);
  if (std::ranges::find(kBullets, trim(tag)) != std::end(kBullets)) return;
  builder_.append(tag);
  after_tag_ = true;
}

void ManParser::heading(const Arguments& arguments, std::uint32_t level) {
  paragraph();
  table_.reset();
  depth_ = 0;
  no_fill_ = tag_next_ = false;
  heading_level_ = level;
  add(level == 1 ? mdoc_.render(arguments) : joined(arguments, " "));
}

void ManParser::set_title(const Arguments& arguments, std::size_t date) {
  if (!arguments.empty()) title_ = decoded(arguments[0]);
  if (arguments.size() > 1) section_ = decoded(arguments[1]);
  if (arguments.size() > date) date_ = decoded(arguments[date]);
  // Names are printed in capitals by habit, not because they are written so.
  const bool capitals = std::ranges::none_of(title_, [](char c) { return c >= 'a' && c <= 'z'; });
  if (capitals) std::ranges::transform(title_, title_.begin(), lower);
}

void ManParser::set_no_fill(bool on) {
  if (no_fill_ == on) return;
  paragraph();
  no_fill_ = on;
}

// --- macros ---

void ManParser::tagged(const Arguments&) {
  // Tags in a row share one description.
  const bool shared = after_tag_ && builder_.open();
  if (!shared) paragraph();
  (shared ? tag_again_ : tag_next_) = true;
}

void ManParser::indented(const Arguments& a) { item(a.empty() ? std::string() : decoded(a[0]), depth_ + 1); }

void ManParser::deeper(const Arguments&) {
  paragraph();
  depth_ = std::min(depth_ + 1, 200U);
}

void ManParser::shallower(const Arguments&) {
  paragraph();
  if (depth_ > 0) --depth_;
}

void ManParser::display(const Arguments& a) {
  const bool literal =
      std::ranges::any_of(a, [](const auto& word) { return word == "-literal" || word == "-unfilled"; });
  literal ? set_no_fill(true) : paragraph();
}

void ManParser::display_line(const Arguments& a) {
  paragraph();
  builder_.begin(BlockKind::kCode, 0, number_);
  builder_.append(mdoc_.render(a));
  builder_.end();
}

void ManParser::link(const Arguments& a) { link_ = a.empty() ? std::string() : decoded(a[0]); }

void ManParser::end_link(const Arguments& a) {
  // Between .UR and .UE stands what the link is called; the address is what to look for.
  if (!link_.empty()) add('<' + std::exchange(link_, {}) + '>' + (a.empty() ? std::string() : decoded(a[0])));
}

void ManParser::synopsis(const Arguments& a) {
  paragraph();
  add(joined(a, " "));
}

void ManParser::option(const Arguments& a) { add('[' + joined(a, " ") + ']'); }

void ManParser::define_string(const Arguments& a) {
  if (a.empty()) return;
  const std::string_view text = a[0];
  const std::size_t end = std::min(text.find(' '), text.size());
  std::string_view value = trim(text.substr(end));
  if (value.starts_with('"')) value.remove_prefix(1);
  roff_.define(text.substr(0, end), value);
}

void ManParser::table(const Arguments&) {
  paragraph();
  table_.emplace(roff_, builder_);
  builder_.begin(BlockKind::kTable, 0, number_);
}

void ManParser::table_format(const Arguments&) {
  if (table_) table_->format();
}

void ManParser::end_table(const Arguments&) {
  builder_.end();
  table_.reset();
}

}  // namespace tamis::docs
