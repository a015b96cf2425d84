#include "hits.h"

#include <fmt/format.h>
#include <tamis/search/pipeline.h>
#include <tamis/text/unicode.h>

#include <algorithm>
#include <vector>

#include "display.h"
#include "json.h"
#include "locate.h"

namespace tamis::cli {
namespace {

constexpr std::uint32_t kSnippetBytes = 280;
constexpr std::string_view kIndent = "   ";
constexpr std::size_t kMaxColumns = 110;
/// Into a file or a pipe, lines are not filled.
constexpr std::size_t kNoLimit = 1 << 30;
/// Between the parts of a heading path.
constexpr std::string_view kArrow = " › ";

/// Where the text goes on after the headings that it begins with: they are shown above it already.
std::size_t after_headings(const Hit& hit) {
  const std::string arrow(kArrow);
  const std::string path = arrow + hit.title + arrow + hit.heading + arrow;
  const std::string_view text = hit.text;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    if (!line.empty() && path.find(arrow + std::string(line) + arrow) == std::string::npos) return at;
    at = end + 1;
  }
  return 0;  // nothing but headings
}

/// How many passages a term may be in before it counts as common, even if there are few passages.
constexpr std::uint64_t kFewPassages = 20;
constexpr std::size_t kLanguagesAsked = 4;

bool is_common(const search::Collection& collection, std::string_view word, std::uint64_t limit,
               text::Analyzer& analyzer) {
  std::vector<text::Token> tokens;
  std::size_t asked = 0;
  for (const auto language : collection.languages()) {
    if (asked++ == kLanguagesAsked) break;
    tokens.clear();
    analyzer.analyze(word, language, tokens);
    for (const auto& token : tokens) {
      const auto term = collection.find_term(analyzer.term(token.term));
      std::uint64_t passages = 0;
      for (const auto& segment : collection.segments()) {
        if (term) passages += segment.field->document_frequency(*term);
      }
      if (passages > limit) return true;
    }
  }
  return false;
}

/// Everything but rank and score.
void add_place(JsonObject& out, const Hit& hit) {
  const bool pages = hit.origin == "page";
  out.text("document", hit.document_id).number("passage", hit.passage).text("path", hit.path);
  if (pages) {
    out.null("line");
  } else {
    out.number("line", std::uint64_t{hit.line});
  }
  out.number("start", std::uint64_t{hit.begin}).number("end", std::uint64_t{hit.end});
  out.text("heading", hit.heading).text("text", hit.text).text("title", hit.title);
  if (pages) out.number("page", std::uint64_t{hit.line});
}

}  // namespace

std::string run_id(std::string_view id) {
  std::string out;
  for (const char c : id) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') {
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  return out;
}

std::string passage_name(PassageId id) { return fmt::format("p{}", id); }

std::string place(const Hit& hit) {
  if (hit.path.empty()) return harmless(hit.document_id);
  return fmt::format("{}:{}{}", shown_path(hit.path), hit.line, hit.origin == "page" ? " (page)" : "");
}

std::string shown_heading(const Hit& hit, std::size_t columns) {
  const std::string heading = harmless(hit.heading);
  const std::string title = harmless(hit.title);
  if (title.empty() || heading == title || heading.starts_with(title + std::string(kArrow)))
    return shorten(heading, columns);
  if (heading.empty()) return shorten(title, columns);
  const std::string whole = title + std::string(kArrow) + heading;
  return display_width(whole) <= columns ? whole : shorten(heading, columns);
}

std::string hit_json(const Hit& hit, const std::string* question_id, const HitRemarks& remarks) {
  JsonObject out;
  if (question_id != nullptr) out.text("query", *question_id);
  out.number("rank", std::uint64_t{hit.rank}).number("score", hit.score);
  add_place(out, hit);
  if (remarks.similar > 0) out.number("similar", std::uint64_t{remarks.similar});
  if (!remarks.did_you_mean.empty()) out.text("did_you_mean", remarks.did_you_mean);
  if (!remarks.explained.empty()) out.raw("explain", remarks.explained);
  return std::move(out).finish() + "\n";
}

std::string suggestion_json(const std::string* question_id, const std::string& did_you_mean) {
  JsonObject out;
  if (question_id != nullptr) out.text("query", *question_id);
  out.text("did_you_mean", did_you_mean);
  return std::move(out).finish() + "\n";
}

std::string shown_json(const Hit& hit) {
  JsonObject out;
  add_place(out, hit);
  return std::move(out).finish() + "\n";
}

search::ParsedQuery telling_words(const search::Collection& collection, const search::ParsedQuery& query,
                                  text::Analyzer& analyzer) {
  const std::uint64_t limit = std::max(kFewPassages, collection.num_passages() / 5);
  const std::string all = query.words();
  std::vector<text::Range> words;
  text::segment_words(all, words);
  search::Clause kept;
  for (const auto& [begin, end] : words) {
    const auto word = std::string_view(all).substr(begin, end - begin);
    if (!is_common(collection, word, limit, analyzer)) kept.text.append(word).append(" ");
  }
  search::ParsedQuery out = query;
  if (!kept.text.empty()) out.clauses = {kept};
  return out;
}

std::string HitPrinter::head_line(const Hit& hit, const Style& style) const {
  const std::string where = place(hit);
  // Collection files hold many documents: the id tells them apart.
  const bool named = !hit.document_id.empty() && !hit.path.ends_with(hit.document_id) && where != hit.document_id;
  const std::string name = named ? fmt::format("  [{}]", harmless(hit.document_id)) : "";
  const std::string number = fmt::format("{}. ", hit.rank);
  const std::string tail = fmt::format("  {:.3f}  {}", hit.score, passage_name(hit.passage));
  std::size_t room = kNoLimit;
  if (terminal_.out_is_terminal) {
    const std::size_t taken = display_width(number + where + name + tail) + 2;
    room = terminal_.columns > taken + 8 ? terminal_.columns - taken : 8;
  }
  const std::string heading = shown_heading(hit, room);
  return fmt::format("{0}{1}{2}{3}{4}{2}{5}{6}{7}{8}{9}{2}\n", style.bold(), number, style.off(), style.path(), where,
                     name, heading.empty() ? "" : "  ", heading, style.dim(), tail);
}

std::string HitPrinter::lines(const Hit& hit, const Style& style) {
  const auto bytes = static_cast<std::uint32_t>(hit.text.size());
  const auto found =
      search::make_snippet(analyzer_, hit.text, hit.language, lit_, whole_text_ ? std::max(bytes, 1U) : kSnippetBytes);
  std::size_t begin = found.begin;
  if (const auto after = after_headings(hit); after < found.end) begin = std::max(begin, after);
  auto pieces = running_text(hit.text, begin, found.end, found.hits);
  if (pieces.empty()) return "";
  if (found.begin > 0) pieces.insert(pieces.begin(), Piece{"… ", false});
  if (found.end < hit.text.size()) pieces.push_back({" …", false});
  const std::size_t columns = terminal_.out_is_terminal ? std::min(terminal_.columns, kMaxColumns) : kNoLimit;
  return fill_lines(pieces, columns, kIndent, style.hit(), style.off());
}

std::string HitPrinter::print(const Hit& hit, std::uint32_t similar) {
  const Style style(terminal_.out_colour);
  const auto remark = similar == 0 ? "" : fmt::format("{}({} more like this)\n", kIndent, with_commas(similar));
  return head_line(hit, style) + lines(hit, style) + remark;
}

}  // namespace tamis::cli
