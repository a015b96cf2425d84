#pragma once

#include <tamis/engine/engine.h>
#include <tamis/search/collection.h>
#include <tamis/search/query.h>
#include <tamis/text/analyzer.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "terminal.h"

namespace tamis::cli {

/// "p1042": how a passage is named in results, and what `tamis show` takes.
[[nodiscard]] std::string passage_name(PassageId id);
/// An id as a run in TREC's columns has it: blanks and control characters as %20.
[[nodiscard]] std::string run_id(std::string_view id);
/// "docs/a.md:12", "book.pdf:7 (page)": where a hit stands; what is before the blank is what `tamis show` takes.
[[nodiscard]] std::string place(const Hit& hit);
/// "Title › Heading path", each once: at most `columns` wide, the title goes first.
[[nodiscard]] std::string shown_heading(const Hit& hit, std::size_t columns);

/// One JSON object: rank, score, document, passage, path, line (null for formats with pages), start, end, heading,
/// text, title, and page where there are pages. With a question's id in front when there are several; behind, where
/// there is something, "similar", "did_you_mean" and "explain", a JSON array.
/// What else there is to say of a hit.
struct HitRemarks {
  std::string explained = {};     ///< a JSON array, "" = nothing
  std::string did_you_mean = {};  ///< the question as it may have been meant, "" = as it is
  std::uint32_t similar = 0;      ///< nearly equal passages that it stands for
};
[[nodiscard]] std::string hit_json(const Hit& hit, const std::string* question_id, const HitRemarks& remarks = {});
/// Where there is no hit: "query" and "did_you_mean" alone.
[[nodiscard]] std::string suggestion_json(const std::string* question_id, const std::string& did_you_mean);
/// The same without rank and score, for a passage that nobody searched for.
[[nodiscard]] std::string shown_json(const Hit& hit);

/// The words of a question that are worth a light: without those that a fifth of all passages have ("the", "how"),
/// unless all are like that.
[[nodiscard]] search::ParsedQuery telling_words(const search::Collection& collection, const search::ParsedQuery& query,
                                                text::Analyzer& analyzer);

/// Prints hits for people: place, heading, score, and the lines of the text that answer best. One a thread.
class HitPrinter {
 public:
  HitPrinter(const Terminal& terminal, const search::Collection& collection, bool whole_text)
      : terminal_(terminal), collection_(collection), whole_text_(whole_text) {}
  /// The question that the next hits answer.
  void begin(const search::ParsedQuery& query) { lit_ = telling_words(collection_, query, analyzer_); }
  /// @param similar  nearly equal passages that the hit stands for
  [[nodiscard]] std::string print(const Hit& hit, std::uint32_t similar = 0);

 private:
  [[nodiscard]] std::string head_line(const Hit& hit, const Style& style) const;
  [[nodiscard]] std::string lines(const Hit& hit, const Style& style);
  const Terminal& terminal_;
  const search::Collection& collection_;
  bool whole_text_;
  text::Analyzer analyzer_;
  search::ParsedQuery lit_;
};

}  // namespace tamis::cli
