#pragma once

#include <tamis/base/ids.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tamis::index {

/// A score in whole units: sum over terms of (whole query weight) x (whole stored weight). Exact, whatever the order.
using Units = std::uint32_t;

/// A passage and its score in units.
struct Candidate {
  PassageId id = 0;
  Units units = 0;
  bool operator==(const Candidate&) const = default;
};

/// The k best passages seen so far, in O(1) a push on average and O(k) memory. Higher score first, equal scores by
/// lower passage id: the result does not depend on the order of the pushes. Scores of 0 never enter. One a worker.
class TopK {
 public:
  explicit TopK(std::size_t k);
  [[nodiscard]] std::size_t k() const noexcept { return k_; }
  /// A passage below this cannot enter (one equal to it may, by its id). At least 1. Rises while passages come.
  [[nodiscard]] Units threshold() const noexcept { return threshold_; }
  /// Says that at least k passages with this score or more exist: raises the threshold before they are seen.
  void seed(Units known_lower_bound) noexcept {
    if (known_lower_bound > threshold_) threshold_ = known_lower_bound;
  }
  void push(PassageId id, Units units) {
    if (units < threshold_) return;
    kept_.push_back({id, units});
    if (kept_.size() == limit_) shrink();
  }
  /// Best first. Leaves the collector empty.
  [[nodiscard]] std::vector<Candidate> take_sorted();

 private:
  /// Keeps the k best of what has gathered: a selection now and then costs less than a heap at every push.
  void shrink();
  std::size_t k_;
  std::size_t limit_;
  Units threshold_ = 1;
  std::vector<Candidate> kept_;
};

}  // namespace tamis::index
