#pragma once

#include <tamis/engine/engine.h>
#include <tamis/search/query.h>
#include <tamis/text/analyzer.h>

#include <string>
#include <string_view>

#include "terminal.h"

namespace tamis::cli {

/// "p1042": how a passage is named in results, and what `tamis show` takes.
[[nodiscard]] std::string passage_name(PassageId id);
/// "docs/a.md:12", "book.pdf:7 (page)": where a hit stands; what is before the blank is what `tamis show` takes.
[[nodiscard]] std::string place(const Hit& hit);
/// The heading path, else the title.
[[nodiscard]] std::string_view heading_or_title(const Hit& hit);

/// One JSON object: rank, score, document, passage, path, line (null for formats with pages), start, end, heading,
/// text, title, and page where there are pages. With a question's id in front when there are several.
[[nodiscard]] std::string hit_json(const Hit& hit, const std::string* question_id);
/// The same without rank and score, for a passage that nobody searched for.
[[nodiscard]] std::string shown_json(const Hit& hit);

/// Prints hits for people: place, heading, score, and the lines of the text that answer best. One a thread.
class HitPrinter {
 public:
  HitPrinter(const Terminal& terminal, bool whole_text) : terminal_(terminal), whole_text_(whole_text) {}
  [[nodiscard]] std::string print(const Hit& hit, const search::ParsedQuery& query);

 private:
  [[nodiscard]] std::string head_line(const Hit& hit, const Style& style) const;
  [[nodiscard]] std::string snippet(const Hit& hit, const search::ParsedQuery& query, const Style& style);
  const Terminal& terminal_;
  bool whole_text_;
  text::Analyzer analyzer_;
};

}  // namespace tamis::cli
