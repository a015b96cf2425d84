#include <algorithm>

#include "algorithms.h"
#include "window_cursor.h"

namespace tamis::index {
namespace {

/// MaxScore over windows of 4096 passages with a bound a block.
///
/// In each window the query's lists are ordered by the most that they can add there, and added to the accumulators
/// until the others together cannot lift a passage to the threshold. Of the others, those that cost next to nothing
/// (columns of frequent words, a handful of postings) are added as well. Only passages that the rest could still lift
/// are candidates, and the rest is looked up for those alone, dropping candidates on the way. Windows whose bounds sum
/// to less than the threshold are passed over. The threshold starts from the k-th largest weight of each single list.
/// Exact: sums are whole numbers, so no order of additions can differ from another.
///
/// Source: Turtle & Flood, "Query evaluation: strategies and optimizations", 1995 (MaxScore); Ding & Suel, "Faster
/// top-k document retrieval using block-max indexes", SIGIR 2011; Mackenzie et al., "Anytime ranking on
/// document-ordered indexes", 2022 (range bounds). Here blocks are passage ranges, the same for all lists, and dense
/// ones are columns.
class BlockMaxScore final : public QueryAlgorithm {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "block-max-score"; }
  [[nodiscard]] bool exact() const noexcept override { return true; }
  void search(const SegmentView& segment, const PreparedQuery& query, TopK& top, SearchStats& stats) const override {
    if (segment.field->config().scale.bits == 8) {
      run<std::uint8_t>(segment, query, top, stats);
    } else {
      run<std::uint16_t>(segment, query, top, stats);
    }
  }

 private:
  /// A list that has postings in the window.
  struct Active {
    std::uint32_t bound = 0;
    std::uint32_t cursor = 0;
  };

  template <class Level>
  static void seed(const std::vector<WindowCursor<Level>>& cursors, TopK& top) {
    std::size_t rank = 0;
    while (rank < 4 && kSeedRanks[rank] < top.k()) ++rank;
    if (rank == 4) return;
    for (const auto& cursor : cursors) top.seed(cursor.weight() * cursor.list().seed_levels[rank]);
  }

  template <class Level>
  static void run(const SegmentView& segment, const PreparedQuery& query, TopK& top, SearchStats& stats) {
    const auto& parts = segment.field->parts();
    auto cursors = make_cursors<Level>(*segment.field, query, stats);
    stats.windows_total += parts.num_windows();
    if (top.k() == 0 || cursors.empty()) return;
    // A filter may take the passages away that a seed counts on.
    if (segment.allowed == nullptr) seed(cursors, top);
    WindowScratch scratch;
    std::vector<Active> active;
    active.reserve(cursors.size());
    for (std::uint32_t window = 0; window < parts.num_windows(); ++window) {
      active.clear();
      std::uint64_t total = 0;
      for (std::uint32_t c = 0; c < cursors.size(); ++c) {
        if (const auto bound = cursors[c].enter(window); bound > 0) {
          active.push_back({bound, c});
          total += bound;
        }
      }
      if (total < top.threshold() || !any_allowed(segment.allowed, window)) continue;
      ++stats.windows_scored;
      std::sort(active.begin(), active.end(), [](const Active& x, const Active& y) { return x.bound > y.bound; });
      score_window<Level>(segment, window, cursors, active, total, scratch, top, stats);
    }
  }

  template <class Level>
  static void score_window(const SegmentView& segment, std::uint32_t window,
                           const std::vector<WindowCursor<Level>>& cursors, std::vector<Active>& active,
                           std::uint64_t rest, WindowScratch& scratch, TopK& top, SearchStats& stats) {
    const std::uint64_t threshold = top.threshold();
    std::fill_n(scratch.sums, kWindowPassages, 0U);
    std::size_t next = 0;
    for (; next < active.size() && rest >= threshold; ++next) {
      stats.postings_scored += cursors[active[next].cursor].accumulate(window, scratch.sums);
      rest -= active[next].bound;
    }
    const auto costly = std::partition(active.begin() + static_cast<std::ptrdiff_t>(next), active.end(),
                                       [&](const Active& list) { return cursors[list.cursor].cheap(); });
    for (; active.begin() + static_cast<std::ptrdiff_t>(next) != costly; ++next) {
      stats.postings_scored += cursors[active[next].cursor].accumulate(window, scratch.sums);
      rest -= active[next].bound;
    }
    auto count = scan_window(scratch.sums, static_cast<std::uint32_t>(threshold - rest), scratch.found);
    count = keep_allowed(segment.allowed, window, scratch.found, count);
    stats.candidates += count;
    for (; next < active.size() && count > 0; ++next) {
      stats.postings_scored += cursors[active[next].cursor].look_up(window, {scratch.found, count}, scratch.sums);
      rest -= active[next].bound;
      const auto least = static_cast<std::uint32_t>(threshold - rest);
      std::uint32_t kept = 0;
      for (std::uint32_t i = 0; i < count; ++i) {
        const auto offset = scratch.found[i];
        scratch.found[kept] = offset;
        kept += scratch.sums[offset] >= least ? 1U : 0U;
      }
      count = kept;
    }
    const auto* ids = segment.field->ids().data() + std::size_t{window} * kWindowPassages;
    for (std::uint32_t i = 0; i < count; ++i) top.push(ids[scratch.found[i]], scratch.sums[scratch.found[i]]);
  }
};

}  // namespace

std::unique_ptr<QueryAlgorithm> make_block_max_score() { return std::make_unique<BlockMaxScore>(); }

}  // namespace tamis::index
