#include "windows.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace tamis::encode {

std::size_t num_windows(std::size_t tokens, std::size_t room) noexcept { return tokens / room + (tokens % room != 0); }

Window nth_window(std::size_t tokens, std::size_t count, std::size_t i) noexcept {
  return {tokens * i / count, tokens * (i + 1) / count};
}

void merge_max(sparse::SparseVector& into, const tensor::PassageTerms& more) {
  sparse::SparseVector merged;
  merged.terms.reserve(into.size() + more.terms.size());
  merged.weights.reserve(into.size() + more.terms.size());
  const auto put = [&](TermId term, float weight) {
    merged.terms.push_back(term);
    merged.weights.push_back(weight);
  };
  std::size_t a = 0, b = 0;
  while (a < into.size() || b < more.terms.size()) {
    const bool take_a = b == more.terms.size() || (a < into.size() && into.terms[a] <= more.terms[b]);
    const bool take_b = a == into.size() || (b < more.terms.size() && more.terms[b] <= into.terms[a]);
    if (take_a && take_b) {
      put(into.terms[a], std::max(into.weights[a], more.weights[b]));
    } else {
      put(take_a ? into.terms[a] : more.terms[b], take_a ? into.weights[a] : more.weights[b]);
    }
    a += static_cast<std::size_t>(take_a);
    b += static_cast<std::size_t>(take_b);
  }
  into = std::move(merged);
}

void keep_top(sparse::SparseVector& vector, std::size_t n) {
  if (n == 0 || vector.size() <= n) return;
  std::vector<std::size_t> order(vector.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n), order.end(),
                   [&](std::size_t a, std::size_t b) {
                     if (vector.weights[a] != vector.weights[b]) return vector.weights[a] > vector.weights[b];
                     return a < b;
                   });
  order.resize(n);
  std::sort(order.begin(), order.end());
  for (std::size_t i = 0; i < n; ++i) {
    vector.terms[i] = vector.terms[order[i]];
    vector.weights[i] = vector.weights[order[i]];
  }
  vector.terms.resize(n);
  vector.weights.resize(n);
}

}  // namespace tamis::encode
