#include <tamis/index/top_k.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace tamis::index {
namespace {

constexpr Units kNothingEnters = std::numeric_limits<Units>::max();

bool better(const Candidate& a, const Candidate& b) { return a.units != b.units ? a.units > b.units : a.id < b.id; }

}  // namespace

TopK::TopK(std::size_t k) : k_(k), limit_(k + std::max<std::size_t>(16, std::min<std::size_t>(k, 1U << 16))) {
  if (k == 0) threshold_ = kNothingEnters;
  kept_.reserve(std::min<std::size_t>(limit_, 1U << 12));
}

void TopK::shrink() {
  if (kept_.size() <= k_ || k_ == 0) {
    if (k_ == 0) kept_.clear();
    return;
  }
  const auto last = kept_.begin() + static_cast<std::ptrdiff_t>(k_) - 1;
  std::nth_element(kept_.begin(), last, kept_.end(), better);
  threshold_ = std::max(threshold_, last->units);
  kept_.resize(k_);
}

std::vector<Candidate> TopK::take_sorted() {
  shrink();
  std::sort(kept_.begin(), kept_.end(), better);
  threshold_ = k_ == 0 ? kNothingEnters : 1;
  return std::exchange(kept_, {});
}

}  // namespace tamis::index
