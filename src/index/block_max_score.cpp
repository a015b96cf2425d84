#include <algorithm>
#include <utility>

#include "algorithms.h"
#include "window_cursor.h"

namespace tamis::index {
namespace {

/// MaxScore over windows of 4096 passages with a bound a block.
///
/// The query's lists are ordered by the most that they can add. In each window they are added to the accumulators in
/// that order until the rest together cannot lift a passage to the threshold; of the rest, what costs next to nothing
/// to add (columns of frequent words, small blocks) is added too. Passages that the remaining lists could still lift
/// are candidates; those lists are looked up for them alone, dropping candidates on the way. Windows whose bounds sum
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
    auto cursors = make_cursors<Level>(segment, query, stats);
    stats.windows_total += parts.num_windows();
    if (top.k() == 0 || cursors.empty()) return;
    // A filter may take the passages away that a seed counts on.
    if (segment.allowed == nullptr) seed(cursors, top);
    std::sort(cursors.begin(), cursors.end(), [](const auto& x, const auto& y) { return x.bound() > y.bound(); });
    WindowScratch scratch;
    std::vector<std::uint32_t> bounds(cursors.size());  // of each list in the window
    for (std::uint32_t window = 0; window < parts.num_windows(); ++window) {
      std::uint64_t total = 0;
      for (std::size_t c = 0; c < cursors.size(); ++c) total += bounds[c] = cursors[c].enter(window);
      if (total < top.threshold() || !any_allowed(segment.allowed, window)) continue;
      ++stats.windows_scored;
      score_window<Level>(segment, window, cursors, bounds, total, scratch, top, stats);
    }
  }

  /// @param bounds  [cursors] what each list can add in the window; set to 0 when it has been added
  /// @param rest    their sum
  template <class Level>
  static void score_window(const SegmentView& segment, std::uint32_t window,
                           const std::vector<WindowCursor<Level>>& cursors, std::vector<std::uint32_t>& bounds,
                           std::uint64_t rest, WindowScratch& scratch, TopK& top, SearchStats& stats) {
    const std::uint64_t threshold = top.threshold();
    std::fill_n(scratch.sums, kWindowPassages, 0U);
    bool essential = true;
    for (std::size_t c = 0; c < cursors.size(); ++c) {
      if (bounds[c] == 0) continue;
      essential = essential && rest >= threshold;
      if (!essential && !cursors[c].cheap()) continue;
      stats.postings_scored += cursors[c].accumulate(window, scratch.sums);
      rest -= std::exchange(bounds[c], 0U);
    }
    auto count = scan_window(scratch.sums, static_cast<std::uint32_t>(threshold - rest), scratch.found);
    count = keep_allowed(segment.allowed, window, scratch.found, count);
    stats.candidates += count;
    for (std::size_t c = 0; c < cursors.size() && rest > 0 && count > 0; ++c) {
      if (bounds[c] == 0) continue;
      stats.postings_scored += cursors[c].look_up(window, {scratch.found, count}, scratch.sums);
      rest -= bounds[c];
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
