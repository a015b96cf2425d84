#pragma once

#include <tamis/sparse/vector.h>
#include <tamis/tensor/head.h>

#include <cstddef>

namespace tamis::encode {

/// Tokens [begin, end) of a text.
struct Window {
  std::size_t begin = 0, end = 0;
  [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
};

/// The fewest windows of at most `room` tokens. @pre room > 0
[[nodiscard]] std::size_t num_windows(std::size_t tokens, std::size_t room) noexcept;
/// The i-th of `count` windows, in order and without gaps; their sizes differ by one at most.
[[nodiscard]] Window nth_window(std::size_t tokens, std::size_t count, std::size_t i) noexcept;

/// into[t] = max(into[t], more[t]) for each term t; what a vector lacks is 0.
void merge_max(sparse::SparseVector& into, const tensor::PassageTerms& more);
/// Keeps the n heaviest terms, of equal weights those of lower term; 0 = all.
void keep_top(sparse::SparseVector& vector, std::size_t n);

}  // namespace tamis::encode
