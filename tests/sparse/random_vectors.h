#pragma once

#include <tamis/sparse/vector.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>

namespace tamis::sparse {

/// A vector of up to `max_size` terms below `columns`, with weights from a coarse grid so that sums are exact.
inline SparseVector random_vector(std::mt19937& rng, std::uint32_t columns, std::uint32_t max_size) {
  std::set<TermId> terms;
  const std::uint32_t size = std::min(columns, static_cast<std::uint32_t>(rng() % (max_size + 1)));
  while (terms.size() < size) terms.insert(static_cast<TermId>(rng() % columns));
  SparseVector out;
  for (const TermId term : terms) {
    out.terms.push_back(term);
    out.weights.push_back(static_cast<float>(rng() % 1000 + 1) / 8.0F);
  }
  return out;
}

}  // namespace tamis::sparse
