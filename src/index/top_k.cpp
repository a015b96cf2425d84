#include <tamis/index/top_k.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace tamis::index {
namespace {

/// Heap order: the worst candidate on top.
bool better(const Candidate& a, const Candidate& b) { return a.units != b.units ? a.units > b.units : a.id < b.id; }

}  // namespace

TopK::TopK(std::size_t k) : k_(k) {
  if (k == 0) threshold_ = std::numeric_limits<Units>::max();
  heap_.reserve(std::min<std::size_t>(k, 1U << 16));
}

bool TopK::push(PassageId id, Units units) {
  if (k_ == 0 || units < threshold_) return false;
  const Candidate candidate{id, units};
  if (heap_.size() < k_) {
    heap_.push_back(candidate);
    std::push_heap(heap_.begin(), heap_.end(), better);
  } else {
    if (!better(candidate, heap_.front())) return false;
    std::pop_heap(heap_.begin(), heap_.end(), better);
    heap_.back() = candidate;
    std::push_heap(heap_.begin(), heap_.end(), better);
  }
  if (heap_.size() == k_) threshold_ = std::max(threshold_, heap_.front().units);
  return true;
}

std::vector<Candidate> TopK::take_sorted() {
  std::sort_heap(heap_.begin(), heap_.end(), better);
  threshold_ = k_ == 0 ? std::numeric_limits<Units>::max() : 1;
  return std::exchange(heap_, {});
}

}  // namespace tamis::index
