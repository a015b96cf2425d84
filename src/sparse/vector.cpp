#include <fmt/format.h>
#include <tamis/sparse/vector.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace tamis::sparse {

Result<SparseVector> make_vector(std::span<const TermId> terms, std::span<const float> weights) {
  if (terms.size() != weights.size()) {
    return Error{Code::kInvalidArgument, fmt::format("vector: {} terms but {} weights", terms.size(), weights.size())};
  }
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (!std::isfinite(weights[i]) || weights[i] < 0.0F) {
      return Error{Code::kInvalidArgument,
                   fmt::format("vector: term {} has weight {} (wanted finite, not negative)", terms[i], weights[i])};
    }
  }
  std::vector<std::size_t> order(terms.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (!std::is_sorted(terms.begin(), terms.end())) {
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return terms[a] < terms[b]; });
  }
  SparseVector out;
  out.terms.reserve(terms.size());
  out.weights.reserve(terms.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const TermId term = terms[order[i]];
    if (i > 0 && terms[order[i - 1]] == term) {
      return Error{Code::kInvalidArgument, fmt::format("vector: term {} is named twice", term)};
    }
    const float weight = weights[order[i]];
    if (weight == 0.0F) continue;
    out.terms.push_back(term);
    out.weights.push_back(weight);
  }
  return out;
}

float dot(SparseView a, SparseView b) noexcept {
  float sum = 0.0F;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.terms.size() && j < b.terms.size()) {
    if (a.terms[i] < b.terms[j]) {
      ++i;
    } else if (b.terms[j] < a.terms[i]) {
      ++j;
    } else {
      sum += a.weights[i++] * b.weights[j++];
    }
  }
  return sum;
}

}  // namespace tamis::sparse
