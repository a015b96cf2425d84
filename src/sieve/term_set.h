#pragma once

#include <tamis/base/ids.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace tamis::sieve {

/// Which terms there are: a byte each for the small ones, a list for those beyond.
class TermSet {
 public:
  void add(TermId term) {
    if (term < kNear) {
      if (term >= near_.size()) near_.resize(std::max<std::size_t>(std::size_t{term} + 1, 2 * near_.size()));
      near_[term] = 1;
      return;
    }
    far_.push_back(term);
    if (far_.size() >= tidy_at_) tidy();
  }
  void add_all(const TermSet& other) {
    for (std::size_t term = 0; term < other.near_.size(); ++term) {
      if (other.near_[term] != 0) add(static_cast<TermId>(term));
    }
    for (const auto term : other.far_) add(term);
  }
  /// Ascending.
  [[nodiscard]] std::vector<TermId> take() {
    tidy();
    std::vector<TermId> all;
    for (std::size_t term = 0; term < near_.size(); ++term) {
      if (near_[term] != 0) all.push_back(static_cast<TermId>(term));
    }
    all.insert(all.end(), far_.begin(), far_.end());
    return all;
  }

 private:
  static constexpr TermId kNear = 1U << 22;
  void tidy() {
    std::sort(far_.begin(), far_.end());
    far_.erase(std::unique(far_.begin(), far_.end()), far_.end());
    tidy_at_ = std::max<std::size_t>(std::size_t{1} << 16, 2 * far_.size());
  }
  std::vector<unsigned char> near_;
  std::vector<TermId> far_;
  std::size_t tidy_at_ = std::size_t{1} << 16;
};

}  // namespace tamis::sieve
