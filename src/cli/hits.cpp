#include "hits.h"

#include <fmt/format.h>
#include <tamis/search/pipeline.h>

#include "display.h"
#include "json.h"
#include "locate.h"

namespace tamis::cli {
namespace {

constexpr std::uint32_t kSnippetBytes = 280;
constexpr std::string_view kIndent = "   ";
/// Into a file or a pipe, lines are not filled.
constexpr std::size_t kNoLimit = 1 << 30;

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

std::string passage_name(PassageId id) { return fmt::format("p{}", id); }

std::string place(const Hit& hit) {
  if (hit.path.empty()) return harmless(hit.document_id);
  return fmt::format("{}:{}{}", shown_path(hit.path), hit.line, hit.origin == "page" ? " (page)" : "");
}

std::string_view heading_or_title(const Hit& hit) { return hit.heading.empty() ? hit.title : hit.heading; }

std::string hit_json(const Hit& hit, const std::string* question_id) {
  JsonObject out;
  if (question_id != nullptr) out.text("query", *question_id);
  out.number("rank", std::uint64_t{hit.rank}).number("score", hit.score);
  add_place(out, hit);
  return std::move(out).finish() + "\n";
}

std::string shown_json(const Hit& hit) {
  JsonObject out;
  add_place(out, hit);
  return std::move(out).finish() + "\n";
}

std::string HitPrinter::head_line(const Hit& hit, const Style& style) const {
  const std::string where = place(hit);
  // Collection files hold many documents: the id tells them apart.
  const bool named = !hit.document_id.empty() && !hit.path.ends_with(hit.document_id) && where != hit.document_id;
  const std::string name = named ? fmt::format("  [{}]", harmless(hit.document_id)) : "";
  const std::string number = fmt::format("{}. ", hit.rank);
  const std::string tail = fmt::format("  {:.3f}  {}", hit.score, passage_name(hit.passage));
  std::string heading = harmless(heading_or_title(hit));
  if (terminal_.out_is_terminal) {
    const std::size_t taken = display_width(number + where + name + tail) + 2;
    heading = shorten(heading, terminal_.columns > taken + 8 ? terminal_.columns - taken : 8);
  }
  return fmt::format("{0}{1}{2}{3}{4}{2}{5}{6}{7}{8}{9}{2}\n", style.bold(), number, style.off(), style.path(), where,
                     name, heading.empty() ? "" : "  ", heading, style.dim(), tail);
}

std::string HitPrinter::snippet(const Hit& hit, const search::ParsedQuery& query, const Style& style) {
  const auto bytes = static_cast<std::uint32_t>(hit.text.size());
  const auto found =
      search::make_snippet(analyzer_, hit.text, hit.language, query, whole_text_ ? std::max(bytes, 1U) : kSnippetBytes);
  auto pieces = running_text(hit.text, found.begin, found.end, found.hits);
  if (pieces.empty()) return "";
  if (found.begin > 0) pieces.insert(pieces.begin(), Piece{"… ", false});
  if (found.end < hit.text.size()) pieces.push_back({" …", false});
  const std::size_t columns = terminal_.out_is_terminal ? std::min<std::size_t>(terminal_.columns, 110) : kNoLimit;
  return fill_lines(pieces, columns, kIndent, style.hit(), style.off());
}

std::string HitPrinter::print(const Hit& hit, const search::ParsedQuery& query) {
  const Style style(terminal_.out_colour);
  return head_line(hit, style) + snippet(hit, query, style);
}

}  // namespace tamis::cli
