#include <fmt/format.h>
#include <tamis/index/query.h>

#include <algorithm>
#include <cmath>

namespace tamis::index {

Result<PreparedQuery> prepare_query(sparse::SparseView query, const sparse::WeightScale& scale) {
  TAMIS_TRY_OK(scale.validate());
  if (query.terms.size() != query.weights.size()) {
    return Error{Code::kInvalidArgument,
                 fmt::format("query: {} terms but {} weights", query.terms.size(), query.weights.size())};
  }
  if (query.terms.size() > kMaxQueryTerms) {
    return Error{Code::kExhausted, fmt::format("query: {} terms (at most {})", query.terms.size(), kMaxQueryTerms)};
  }
  double sum = 0;
  for (std::size_t i = 0; i < query.terms.size(); ++i) {
    const float weight = query.weights[i];
    if (!std::isfinite(weight) || weight <= 0) {
      return Error{Code::kInvalidArgument,
                   fmt::format("query: weight {} of term {} (wanted finite and above 0)", weight, query.terms[i])};
    }
    if (i > 0 && query.terms[i] <= query.terms[i - 1]) {
      return Error{Code::kInvalidArgument,
                   fmt::format("query: term {} after {} (wanted ascending)", query.terms[i], query.terms[i - 1])};
    }
    sum += static_cast<double>(weight);
  }
  PreparedQuery prepared;
  if (query.terms.empty()) return prepared;
  // The largest grid on which no passage can overflow 32 bits: sum over terms of (weight / grid + 1) * levels < 2^32.
  const double levels = scale.levels();
  const double budget = (4294967295.0 / levels) - static_cast<double>(query.terms.size());
  const double grid = sum / budget;
  prepared.terms.reserve(query.terms.size());
  for (std::size_t i = 0; i < query.terms.size(); ++i) {
    const double whole = std::max(1.0, std::floor(static_cast<double>(query.weights[i]) / grid + 0.5));
    prepared.terms.push_back({query.terms[i], static_cast<std::uint32_t>(whole)});
  }
  prepared.unit = static_cast<float>(grid * static_cast<double>(scale.step()));
  return prepared;
}

}  // namespace tamis::index
