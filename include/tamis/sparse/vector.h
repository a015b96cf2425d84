#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/result.h>

#include <cstdint>
#include <span>
#include <vector>

namespace tamis::sparse {

/// A sparse vector: terms strictly ascending, weights finite and > 0, same length.
struct SparseVector {
  std::vector<TermId> terms;
  std::vector<float> weights;
  [[nodiscard]] std::size_t size() const noexcept { return terms.size(); }
};
struct SparseView {
  std::span<const TermId> terms;
  std::span<const float> weights;
  SparseView() = default;
  SparseView(std::span<const TermId> t, std::span<const float> w) : terms(t), weights(w) {}
  SparseView(const SparseVector& v) : terms(v.terms), weights(v.weights) {}  // NOLINT(*-explicit-*)
};

/// Makes a vector of unordered (term, weight) pairs: sorts, drops zeros. kInvalidArgument for NaN, infinity, a negative
/// weight or a term named twice; the message says which.
[[nodiscard]] Result<SparseVector> make_vector(std::span<const TermId> terms, std::span<const float> weights);
/// Sum over common terms in ascending term id, in float: the definition that indexes are tested against.
[[nodiscard]] float dot(SparseView a, SparseView b) noexcept;

}  // namespace tamis::sparse
