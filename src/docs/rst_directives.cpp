#include <algorithm>

#include "rst_markers.h"
#include "rst_parser.h"

// Explicit markup: what stands behind "..".
namespace tamis::docs {
namespace {

/// What becomes of a directive.
enum class Act : std::uint8_t {
  kUnknown,   ///< with content: argument and content; without: nothing
  kDrop,      ///< all of it goes
  kBody,      ///< text from the first line on
  kContent,   ///< the arguments go, the content stays
  kTitled,    ///< the arguments are a title above the content
  kDescribe,  ///< a function, class, option …: heading and content
  kVersion,   ///< a version, then text
  kCode,      ///< the argument is a language
  kCodeBody,  ///< code from the first line on
  kImage,     ///< alternative text and caption
  kTable,     ///< a title, then a table
  kListTable,
  kCommaTable,
};

// Table: what directives of docutils and Sphinx mean; domains ("py:function") are taken off.
struct Meaning {
  std::string_view name;
  Act act;
};
constexpr Meaning kMeanings[] = {
    {"acks", Act::kContent},
    {"admonition", Act::kTitled},
    {"attention", Act::kBody},
    {"attribute", Act::kDescribe},
    {"caution", Act::kBody},
    {"centered", Act::kTitled},
    {"class", Act::kDescribe},
    {"classmethod", Act::kDescribe},
    {"cmdoption", Act::kDescribe},
    {"code", Act::kCode},
    {"code-block", Act::kCode},
    {"codeauthor", Act::kDrop},
    {"compound", Act::kContent},
    {"concept", Act::kDescribe},
    {"cond", Act::kContent},
    {"confval", Act::kDescribe},
    {"container", Act::kContent},
    {"contents", Act::kDrop},
    {"csv-table", Act::kCommaTable},
    {"currentmodule", Act::kDrop},
    {"danger", Act::kBody},
    {"data", Act::kDescribe},
    {"date", Act::kDrop},
    {"decorator", Act::kDescribe},
    {"decoratormethod", Act::kDescribe},
    {"default-domain", Act::kDrop},
    {"default-role", Act::kDrop},
    {"deprecated", Act::kVersion},
    {"deprecated-removed", Act::kVersion},
    {"describe", Act::kDescribe},
    {"digraph", Act::kDrop},
    {"django-admin", Act::kDescribe},
    {"django-admin-option", Act::kDescribe},
    {"doctest", Act::kCode},
    {"enum", Act::kDescribe},
    {"enumerator", Act::kDescribe},
    {"envvar", Act::kDescribe},
    {"epigraph", Act::kBody},
    {"error", Act::kBody},
    {"exception", Act::kDescribe},
    {"figure", Act::kImage},
    {"flat-table", Act::kListTable},
    {"footer", Act::kDrop},
    {"function", Act::kDescribe},
    {"glossary", Act::kContent},
    {"graph", Act::kDrop},
    {"graphviz", Act::kDrop},
    {"header", Act::kDrop},
    {"highlight", Act::kDrop},
    {"highlights", Act::kBody},
    {"hint", Act::kBody},
    {"hlist", Act::kContent},
    {"if", Act::kContent},
    {"ifconfig", Act::kContent},
    {"image", Act::kImage},
    {"important", Act::kBody},
    {"include", Act::kDrop},
    {"index", Act::kDrop},
    {"kernel-figure", Act::kImage},
    {"kernel-image", Act::kImage},
    {"kernel-render", Act::kDrop},
    {"line-block", Act::kBody},
    {"list-table", Act::kListTable},
    {"literalinclude", Act::kDrop},
    {"macro", Act::kDescribe},
    {"math", Act::kCodeBody},
    {"member", Act::kDescribe},
    {"meta", Act::kDrop},
    {"method", Act::kDescribe},
    {"module", Act::kDrop},
    {"moduleauthor", Act::kDrop},
    {"note", Act::kBody},
    {"object", Act::kDescribe},
    {"only", Act::kContent},
    {"opcode", Act::kDescribe},
    {"option", Act::kDescribe},
    {"parsed-literal", Act::kCodeBody},
    {"pdbcommand", Act::kDescribe},
    {"productionlist", Act::kCodeBody},
    {"program", Act::kDrop},
    {"prompt", Act::kCode},
    {"property", Act::kDescribe},
    {"pull-quote", Act::kBody},
    {"raw", Act::kDrop},
    {"role", Act::kDrop},
    {"rst-class", Act::kContent},
    {"rubric", Act::kTitled},
    {"sectionauthor", Act::kDrop},
    {"sectnum", Act::kDrop},
    {"seealso", Act::kBody},
    {"setting", Act::kDescribe},
    {"sidebar", Act::kTitled},
    {"sourcecode", Act::kCode},
    {"staticmethod", Act::kDescribe},
    {"struct", Act::kDescribe},
    {"tab", Act::kTitled},
    {"table", Act::kTable},
    {"tabularcolumns", Act::kDrop},
    {"target-notes", Act::kDrop},
    {"testcleanup", Act::kDrop},
    {"testcode", Act::kCode},
    {"testoutput", Act::kCode},
    {"testsetup", Act::kDrop},
    {"tip", Act::kBody},
    {"title", Act::kDrop},
    {"toctree", Act::kDrop},
    {"todo", Act::kBody},
    {"topic", Act::kTitled},
    {"type", Act::kDescribe},
    {"unicode", Act::kDrop},
    {"union", Act::kDescribe},
    {"var", Act::kDescribe},
    {"versionadded", Act::kVersion},
    {"versionchanged", Act::kVersion},
    {"versionremoved", Act::kVersion},
    {"warning", Act::kBody},
};
static_assert(std::ranges::is_sorted(kMeanings, {}, &Meaning::name));

Act act_of(std::string_view name) {
  const std::size_t domain = name.rfind(':');
  if (domain != std::string_view::npos) name.remove_prefix(domain + 1);
  const auto* found = std::ranges::lower_bound(kMeanings, name, {}, &Meaning::name);
  return found != std::end(kMeanings) && found->name == name ? found->act : Act::kUnknown;
}

std::string_view version_label(std::string_view name) {
  return name == "versionadded"     ? "New in version "
         : name == "versionchanged" ? "Changed in version "
         : name == "versionremoved" ? "Removed in version "
                                    : "Deprecated since version ";
}

/// "|name| directive:: text" behind "..": the name, and what is left of the line; empty if it is none.
std::string_view substitution_name(std::string_view& rest) {
  if (!rest.starts_with('|') || rest.size() < 3 || is_blank_char(rest[1])) return {};
  const std::size_t end = rest.substr(0, 200).find('|', 1);
  if (end == std::string_view::npos || end + 1 >= rest.size() || !is_blank_char(rest[end + 1])) return {};
  const std::string_view name = rest.substr(1, end - 1);
  rest = trim(rest.substr(end + 1));
  return name;
}

/// "[label]" in front, as of footnotes and citations: its bytes, 0 = none.
std::size_t label_length(std::string_view rest) {
  if (!rest.starts_with('[')) return 0;
  const std::size_t end = rest.substr(0, 100).find(']');
  if (end == std::string_view::npos || end == 1) return 0;
  return end + 1 == rest.size() || is_blank_char(rest[end + 1]) ? end + 1 : 0;
}

}  // namespace

void RstParser::define_substitutions() {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    std::string_view rest = trim(lines_[i]);
    if (!rest.starts_with(".. |")) continue;
    rest = trim(rest.substr(2));
    const std::string_view name = substitution_name(rest);
    const std::size_t directive = name.empty() ? 0 : rst_directive_name(rest);
    if (directive == 0) continue;
    const bool image = rest.substr(0, directive) == "image";
    std::string raw(image ? std::string_view() : trim(rest.substr(rest.find("::") + 2)));
    for (std::size_t more = i + 1; more < lines_.size() && more < i + 10; ++more) {
      if (columns_[more] == kBlank || columns_[more] <= columns_[i]) break;
      const std::string_view line = trim(lines_[more]);
      if (image && line.starts_with(":alt:")) raw = trim(line.substr(5));
      if (!image && rst_field(line) == 0) raw += " " + std::string(line.substr(0, 1000));
    }
    std::string shown;
    RstSubstitutions none;
    strip_rst(raw, none, shown);
    const bool text = image || rest.starts_with("replace::");
    substitutions_.define(name, text ? shown : std::string());
  }
}

std::size_t RstParser::explicit_markup(const Frame& frame, std::size_t line) {
  const std::string_view shown = text(frame, line);
  const std::size_t end = std::max(line + 1, end_of_indented(frame, line + 1));
  const std::size_t begin = std::min(shown.find_first_not_of(" \t", 2), shown.size());
  std::string_view rest = shown.substr(begin);
  if (is_blank(rest)) return line + 1 < frame.last && blank(frame, line + 1) ? line + 1 : end;
  const std::size_t column = start_column(frame, line) + rst_columns(shown.substr(0, begin));
  if (const std::size_t label = label_length(rest); label > 0) {
    note(frame, line, end, rest.substr(0, label), column + rst_columns(rest.substr(0, label)));
    return end;
  }
  if (rest.starts_with('_')) {  // a target: the address may go on in the next lines
    std::size_t after = line + 1;
    while (after < end && !blank(frame, after)) ++after;
    return after;
  }
  if (!substitution_name(rest).empty()) return end;
  const std::size_t name = rst_directive_name(rest);
  if (name == 0) return end;  // a comment
  const std::size_t behind = rest.find("::") + 2;
  const std::size_t argument = std::min(rest.find_first_not_of(" \t", behind), rest.size());
  directive(frame, {rest.substr(0, name), line, column + rst_columns(rest.substr(0, argument)), 0, 0, end});
  return end;
}

void RstParser::note(const Frame& frame, std::size_t line, std::size_t end, std::string_view label,
                     std::size_t column) {
  Frame inner = behind_marker(frame, line, end, column);
  const std::size_t space = std::min(text(inner, line).find_first_not_of(" \t"), text(inner, line).size());
  inner.first_column += space;
  term(inner, label, line, " ");
  body(inner);
  end_term();
}

// Arguments up to a blank line or an option, options, then the content.
void RstParser::split_directive(const Frame& frame, Directive& d) const {
  std::size_t at = d.line + 1;
  while (at < d.end && !blank(frame, at) && rst_field(trim(lines_[at])) == 0) ++at;
  d.arguments = at;
  while (at < d.end && !blank(frame, at)) ++at;
  while (at < d.end && blank(frame, at)) ++at;
  d.content = at;
}

void RstParser::directive(const Frame& frame, Directive d) {
  split_directive(frame, d);
  switch (act_of(d.name)) {
    case Act::kDrop:
      return;
    case Act::kBody:
      return whole_content(frame, d);
    case Act::kContent:
      return content(frame, d);
    case Act::kTitled:
      arguments(frame, d);
      return content(frame, d);
    case Act::kDescribe:
      return description(frame, d);
    case Act::kVersion:
      return version_note(frame, d);
    case Act::kCode:
    case Act::kCodeBody: {
      const bool first = act_of(d.name) == Act::kCodeBody;
      Frame inner = behind_marker(frame, d.line, d.end, d.column);
      const bool whole = first && !blank(inner, d.line);
      if (!whole) {  // without a blank line behind the name there are no options, or there is no content
        inner.first = d.arguments > d.line + 1 ? d.line + 1 : d.content;
        inner.marker = false;
      }
      if (inner.first < d.end) code(inner, inner.first, d.end, least_column(std::max(inner.first, d.line + 1), d.end));
      return;
    }
    case Act::kImage:
      return image(frame, d);
    case Act::kTable:
    case Act::kListTable:
    case Act::kCommaTable:
      return table_directive(frame, d);
    case Act::kUnknown:
      return unknown(frame, d);
  }
}

std::string RstParser::argument_text(const Frame& frame, const Directive& d) const {
  std::string words(trim(text(behind_marker(frame, d.line, d.end, d.column), d.line)));
  for (std::size_t i = d.line + 1; i < d.arguments; ++i) {
    if (words.ends_with('\\')) words.resize(trim(std::string_view(words).substr(0, words.size() - 1)).size());
    words += '\n';
    words += trim(lines_[i]);
  }
  return words;
}

void RstParser::arguments(const Frame& frame, const Directive& d) {
  const std::string words = argument_text(frame, d);
  if (!is_blank(words)) emit(frame, words, d.line);
}

void RstParser::content(const Frame& frame, const Directive& d) {
  if (d.content >= d.end) return;
  Frame inner = indented_part(frame, d.content, d.end);
  inner.titles = frame.titles;
  body(inner);
}

void RstParser::whole_content(const Frame& frame, const Directive& d) {
  Frame inner = behind_marker(frame, d.line, d.end, d.column);
  if (blank(inner, d.line) && d.arguments == d.line + 1) return content(frame, d);
  body(inner);
}

// One heading for all signatures, as the pages that Sphinx makes have it; inside a list a term.
void RstParser::description(const Frame& frame, const Directive& d) {
  const std::string words = argument_text(frame, d);
  if (frame.list > 0) return unknown(frame, d);
  if (!is_blank(words)) {
    open(BlockKind::kHeading, std::min<std::uint32_t>(section_level_ + 1 + frame.descriptions, 6), d.line);
    builder_.append(words);
    builder_.end();
  }
  if (d.content >= d.end) return;
  Frame inner = indented_part(frame, d.content, d.end);
  ++inner.descriptions;
  body(inner);
}

void RstParser::unknown(const Frame& frame, const Directive& d) {
  const bool described = act_of(d.name) == Act::kDescribe;
  if (d.content >= d.end && !described && d.arguments <= d.line + 1) return;
  const std::string words = argument_text(frame, d);
  Frame inner = d.content < d.end ? indented_part(frame, d.content, d.end) : inside(frame, d.end, d.end);
  ++inner.list;
  if (!is_blank(words)) term(inner, words, d.line, "\n");
  body(inner);
  end_term();
}

void RstParser::version_note(const Frame& frame, const Directive& d) {
  Frame inner = behind_marker(frame, d.line, d.end, d.column);
  const std::string_view first = text(inner, d.line);
  const std::size_t version = std::min(first.find_first_of(" \t"), first.size());
  const std::size_t words = std::min(first.find_first_not_of(" \t", version), first.size());
  inner.first_column += rst_columns(first.substr(0, words));
  term(inner, std::string(version_label(d.name)) + std::string(first.substr(0, version)), d.line, ": ");
  body(inner);
  end_term();
}

void RstParser::image(const Frame& frame, const Directive& d) {
  for (std::size_t i = d.line + 1; i < d.end && !blank(frame, i); ++i) {
    const std::string_view line = trim(lines_[i]);
    if (!line.starts_with(":alt:")) continue;
    std::string alternative(trim(line.substr(5)));
    for (std::size_t more = i + 1; more < d.end && !blank(frame, more) && rst_field(trim(lines_[more])) == 0; ++more) {
      alternative += '\n';
      alternative += trim(lines_[more]);
    }
    if (!is_blank(alternative)) emit(frame, alternative, i);
    break;
  }
  content(frame, d);
}

void RstParser::table_directive(const Frame& frame, const Directive& d) {
  arguments(frame, d);
  const Act act = act_of(d.name);
  if (act == Act::kTable) return content(frame, d);
  if (d.content >= d.end) return;
  const Frame inner = indented_part(frame, d.content, d.end);
  open(BlockKind::kTable, 0, d.content);
  const auto write = [&](const RstRow& row) { table_row(row, d.content); };
  const RstLines lines = frame_lines(inner, d.content, d.end);
  act == Act::kListTable ? list_rows(lines, write) : comma_rows(lines, write);
  builder_.end();
}

}  // namespace tamis::docs
