#include "algorithms.h"

namespace tamis::index {
namespace {

/// The definition: every passage's score from its forward record. Looks at no posting, block or bound, so that every
/// other algorithm is compared with something independent of what it uses.
class Exhaustive final : public QueryAlgorithm {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "exhaustive"; }
  [[nodiscard]] bool exact() const noexcept override { return true; }
  void search(const SegmentView& segment, const PreparedQuery& query, TopK& top, SearchStats& stats) const override {
    const auto& field = *segment.field;
    for (const auto& term : query.terms) stats.postings_total += field.document_frequency(term.term);
    for (std::size_t i = 0; i < segment.more.size(); ++i) {
      for (const auto& term : query.more[i].terms) {
        stats.postings_total += segment.more[i]->document_frequency(term.term);
      }
    }
    for (LocalId passage = 0; passage < field.num_passages(); ++passage) {
      if (segment.allowed != nullptr && !segment.allowed->test(passage)) continue;
      ++stats.candidates;
      if (const auto units = score_passage(segment, passage, query); units > 0) top.push(field.ids()[passage], units);
    }
    stats.postings_scored = stats.postings_total;
  }
};

}  // namespace

std::unique_ptr<QueryAlgorithm> make_exhaustive() { return std::make_unique<Exhaustive>(); }

}  // namespace tamis::index
