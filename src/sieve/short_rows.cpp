#include "short_rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tamis::sieve {

void ShortRows::add_row(std::size_t piece, const RowReader& row, std::vector<std::uint32_t>& places) {
  const auto levels = row.levels();
  places.resize(levels.size());
  std::iota(places.begin(), places.end(), 0U);
  if (places.size() > kHeaviest) {
    std::nth_element(places.begin(), places.begin() + kHeaviest, places.end(),
                     [&](auto a, auto b) { return levels[a] != levels[b] ? levels[a] > levels[b] : a < b; });
    places.resize(kHeaviest);
    std::sort(places.begin(), places.end());
  }
  double sum = 0;
  for (const auto place : places) sum += static_cast<double>(levels[place]) * levels[place];
  const float inverse = sum > 0 ? static_cast<float>(1 / std::sqrt(sum)) : 0.0F;
  Piece& out = pieces_[piece];
  for (const auto place : places) {
    const auto term = static_cast<std::uint32_t>(row.terms()[place] % kMostDimensions);
    out.terms.push_back(term);
    out.weights.push_back(static_cast<float>(levels[place]) * inverse);
    out.dimensions = std::max<std::size_t>(out.dimensions, std::size_t{term} + 1);
  }
  out.starts.push_back(static_cast<std::uint32_t>(out.terms.size()));
}

void ShortRows::end_piece(std::size_t piece) {
  pieces_[piece].terms.shrink_to_fit();
  pieces_[piece].weights.shrink_to_fit();
}

std::size_t ShortRows::dimensions() const noexcept {
  std::size_t most = 0;
  for (const auto& piece : pieces_) most = std::max(most, piece.dimensions);
  return most;
}

}  // namespace tamis::sieve
