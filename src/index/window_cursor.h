#pragma once

#include <tamis/index/query_algorithm.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "field_parts.h"
#include "kernels.h"

namespace tamis::index {

/// Adding a block of this many postings costs about what finding its candidates again would.
inline constexpr std::uint32_t kCheapBlock = 256;

/// Walks one query term's list window by window, forwards. Level is the type of the field's stored weights.
template <class Level>
class WindowCursor {
 public:
  WindowCursor(const SparseField::Parts& parts, const List& list, std::uint32_t weight)
      : parts_(&parts), weight_(weight), list_(&list) {
    if (list.num_blocks != 0) {
      block_ = parts.blocks.data() + list.first;
      block_end_ = block_ + list.num_blocks;
    } else {
      doc_ = parts.short_docs.data() + list.first;
      doc_end_ = doc_ + list.count;
      level_ = reinterpret_cast<const Level*>(parts.short_levels.data()) + list.first;
    }
  }
  [[nodiscard]] const List& list() const noexcept { return *list_; }
  [[nodiscard]] std::uint32_t weight() const noexcept { return weight_; }

  /// Moves to a window; returns the most that a passage of it can get from this term, 0 if no passage holds it.
  std::uint32_t enter(std::uint32_t window) noexcept {
    if (block_ != nullptr) {
      while (block_ != block_end_ && block_->window < window) ++block_;
      return block_ != block_end_ && block_->window == window ? weight_ * block_->max_level : 0;
    }
    const LocalId begin = window * kWindowPassages;
    while (doc_ != doc_end_ && *doc_ < begin) ++doc_, ++level_;
    return doc_ != doc_end_ && *doc_ - begin < kWindowPassages ? weight_ * list_->seed_levels[0] : 0;
  }
  /// The most that any passage of the segment can get from this term.
  [[nodiscard]] std::uint32_t bound() const noexcept { return weight_ * list_->seed_levels[0]; }
  /// Whether adding the whole window costs next to nothing: a column, or few postings. @pre as accumulate()
  [[nodiscard]] bool cheap() const noexcept {
    return block_ == nullptr || block_->dense() || block_->count() <= kCheapBlock;
  }
  /// Adds the window's postings to its accumulators; returns how many. @pre enter(window) returned > 0
  std::uint32_t accumulate(std::uint32_t window, std::uint32_t* sums) const noexcept {
    if (block_ == nullptr) {
      const LocalId begin = window * kWindowPassages;
      std::uint32_t n = 0;
      for (; doc_ + n != doc_end_ && doc_[n] - begin < kWindowPassages; ++n)
        sums[doc_[n] - begin] += weight_ * level_[n];
      return n;
    }
    const auto* levels = reinterpret_cast<const Level*>(parts_->block_levels(*block_));
    if (block_->dense()) {
      accumulate_dense(levels, weight_, sums);
    } else {
      accumulate_sparse(parts_->block_offsets(*block_), levels, block_->count(), weight_, sums);
    }
    return block_->count();
  }
  /// Adds the postings of some passages of the window only; returns how many were looked up. @pre not cheap()
  std::uint32_t look_up(std::uint32_t window, std::span<const std::uint32_t> offsets,
                        std::uint32_t* sums) const noexcept {
    // Adding all of the block costs less than searching it for more than a few passages. Passages that are no
    // candidates any more get another sum by it: nobody looks at them again.
    if (offsets.size() * 16 > block_->count()) return accumulate(window, sums);
    const auto* levels = reinterpret_cast<const Level*>(parts_->block_levels(*block_));
    const auto* begin = parts_->block_offsets(*block_);
    const auto* end = begin + block_->count();
    const auto* from = begin;
    for (const auto offset : offsets) {
      from = std::lower_bound(from, end, offset);
      if (from == end) break;
      if (*from == offset) sums[offset] += weight_ * levels[from - begin];
    }
    return static_cast<std::uint32_t>(offsets.size());
  }

 private:
  const SparseField::Parts* parts_;
  std::uint32_t weight_;
  const List* list_;
  const Block* block_ = nullptr;
  const Block* block_end_ = nullptr;
  const LocalId* doc_ = nullptr;
  const LocalId* doc_end_ = nullptr;
  const Level* level_ = nullptr;
};

/// Adds the cursors of a query's terms that a field holds.
template <class Level>
void add_cursors(const SparseField& field, const PreparedQuery& query, SearchStats& stats,
                 std::vector<WindowCursor<Level>>& cursors) {
  for (const auto& term : query.terms) {
    const auto number = field.term_number(term.term);
    if (!number) continue;
    const List& list = field.parts().lists[*number];
    stats.postings_total += list.count;
    cursors.emplace_back(field.parts(), list, term.weight);
  }
}
/// Those of all fields of a segment.
template <class Level>
[[nodiscard]] std::vector<WindowCursor<Level>> make_cursors(const SegmentView& segment, const PreparedQuery& query,
                                                            SearchStats& stats) {
  std::vector<WindowCursor<Level>> cursors;
  add_cursors(*segment.field, query, stats, cursors);
  for (std::size_t i = 0; i < segment.more.size(); ++i) add_cursors(*segment.more[i], query.more[i], stats, cursors);
  return cursors;
}

/// A window's accumulators and the offsets found in them.
struct WindowScratch {
  alignas(64) std::uint32_t sums[kWindowPassages];
  std::uint32_t found[kWindowPassages + 16];
};

/// Removes the passages that may not be found. Offsets stay ascending.
inline std::uint32_t keep_allowed(const Bitmap* allowed, std::uint32_t window, std::uint32_t* found,
                                  std::uint32_t count) noexcept {
  if (allowed == nullptr) return count;
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (allowed->test(window * kWindowPassages + found[i])) found[kept++] = found[i];
  }
  return kept;
}
/// Whether a window has a passage that may be found.
inline bool any_allowed(const Bitmap* allowed, std::uint32_t window) noexcept {
  if (allowed == nullptr) return true;
  const auto& words = allowed->words();
  const std::size_t begin = std::size_t{window} * (kWindowPassages / 64);
  const std::size_t end = std::min(words.size(), begin + kWindowPassages / 64);
  return std::any_of(words.begin() + static_cast<std::ptrdiff_t>(begin),
                     words.begin() + static_cast<std::ptrdiff_t>(end), [](std::uint64_t word) { return word != 0; });
}

}  // namespace tamis::index
