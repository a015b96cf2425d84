#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "row_reader.h"

namespace tamis::sieve {

/// The heaviest terms of each row, as a vector of length 1: what an order is made of.
class ShortRows {
 public:
  /// Terms of a row that count: what makes bounds large.
  static constexpr std::size_t kHeaviest = 48;
  /// Terms beyond are folded: an order needs to be good, not exact.
  static constexpr std::size_t kMostDimensions = 1U << 17;
  /// Rows are read in pieces of so many, each by one thread.
  static constexpr std::size_t kPieceRows = 4096;

  explicit ShortRows(std::size_t size) : size_(size), pieces_((size + kPieceRows - 1) / kPieceRows) {}
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t num_pieces() const noexcept { return pieces_.size(); }
  /// Adds the next row of a piece.
  /// @param places  memory to work in
  void add_row(std::size_t piece, const RowReader& row, std::vector<std::uint32_t>& places);
  /// After the last row of a piece.
  void end_piece(std::size_t piece);
  /// 1 + the largest folded term.
  [[nodiscard]] std::size_t dimensions() const noexcept;

  [[nodiscard]] float dot(std::uint32_t row, const std::vector<float>& x) const {
    const auto& [starts, terms, weights, dimensions] = pieces_[row / kPieceRows];
    float sums[4] = {0, 0, 0, 0};
    std::size_t j = starts[row % kPieceRows];
    const std::size_t end = starts[row % kPieceRows + 1];
    for (; j + 4 <= end; j += 4) {
      for (std::size_t i = 0; i < 4; ++i) sums[i] += weights[j + i] * x[terms[j + i]];
    }
    for (; j < end; ++j) sums[0] += weights[j] * x[terms[j]];
    return sums[0] + sums[1] + (sums[2] + sums[3]);
  }
  /// Calls visit(term, weight) for each.
  template <class Visit>
  void for_each(std::uint32_t row, Visit&& visit) const {
    const auto& piece = pieces_[row / kPieceRows];
    const std::size_t end = piece.starts[row % kPieceRows + 1];
    for (std::size_t j = piece.starts[row % kPieceRows]; j < end; ++j) visit(piece.terms[j], piece.weights[j]);
  }

 private:
  struct Piece {
    std::vector<std::uint32_t> starts{0};
    std::vector<std::uint32_t> terms;
    std::vector<float> weights;
    std::size_t dimensions = 0;
  };
  std::size_t size_;
  std::vector<Piece> pieces_;
};

}  // namespace tamis::sieve
