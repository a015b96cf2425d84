#include "algorithms.h"
#include "window_cursor.h"

namespace tamis::index {
namespace {

/// Adds up every posting of the query, window by window, with no bound: what skipping is measured against.
class WindowExhaustive final : public QueryAlgorithm {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "window-exhaustive"; }
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
  static void run(const SegmentView& segment, const PreparedQuery& query, TopK& top, SearchStats& stats) {
    const auto& parts = segment.field->parts();
    auto cursors = make_cursors<Level>(segment, query, stats);
    stats.windows_total += parts.num_windows();
    if (top.k() == 0) return;
    WindowScratch scratch;
    for (std::uint32_t window = 0; window < parts.num_windows(); ++window) {
      std::fill_n(scratch.sums, kWindowPassages, 0U);
      for (auto& cursor : cursors) {
        if (cursor.enter(window) > 0) stats.postings_scored += cursor.accumulate(window, scratch.sums);
      }
      ++stats.windows_scored;
      auto count = scan_window(scratch.sums, top.threshold(), scratch.found);
      count = keep_allowed(segment.allowed, window, scratch.found, count);
      stats.candidates += count;
      for (std::uint32_t i = 0; i < count; ++i) {
        top.push(parts.ids[window * kWindowPassages + scratch.found[i]], scratch.sums[scratch.found[i]]);
      }
    }
  }
};

}  // namespace

std::unique_ptr<QueryAlgorithm> make_window_exhaustive() { return std::make_unique<WindowExhaustive>(); }

}  // namespace tamis::index
