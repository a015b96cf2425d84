#include <fmt/format.h>
#include <tamis/index/query.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace tamis::index {
namespace {

/// Adds up the weights; what is wrong with the query otherwise.
Result<double> checked_sum(sparse::SparseView query) {
  if (query.terms.size() != query.weights.size()) {
    return Error{Code::kInvalidArgument,
                 fmt::format("query: {} terms but {} weights", query.terms.size(), query.weights.size())};
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
  return sum;
}

Status check_size(std::size_t terms) {
  if (terms <= kMaxQueryTerms) return ok();
  return Error{Code::kExhausted, fmt::format("query: {} terms (at most {})", terms, kMaxQueryTerms)};
}

/// The largest grid on which no passage can overflow 32 bits: sum over terms of (weight / grid + 1) * levels < 2^32.
double grid_of(double sum, std::size_t terms, const sparse::WeightScale& scale) {
  return sum / ((4294967295.0 / scale.levels()) - static_cast<double>(terms));
}

std::vector<PreparedQuery::Term> whole_weights(sparse::SparseView query, double factor, double grid) {
  std::vector<PreparedQuery::Term> terms;
  terms.reserve(query.terms.size());
  for (std::size_t i = 0; i < query.terms.size(); ++i) {
    const double whole = std::max(1.0, std::floor(static_cast<double>(query.weights[i]) * factor / grid + 0.5));
    terms.push_back({query.terms[i], static_cast<std::uint32_t>(whole)});
  }
  return terms;
}

}  // namespace

Result<PreparedQuery> prepare_query(sparse::SparseView query, const sparse::WeightScale& scale) {
  TAMIS_TRY_OK(scale.validate());
  TAMIS_TRY_OK(check_size(query.terms.size()));
  TAMIS_TRY(const double sum, checked_sum(query));
  PreparedQuery prepared;
  if (query.terms.empty()) return prepared;
  const double grid = grid_of(sum, query.terms.size(), scale);
  prepared.terms = whole_weights(query, 1.0, grid);
  prepared.unit = static_cast<float>(grid * static_cast<double>(scale.step()));
  return prepared;
}

Result<PreparedQuery> prepare_sum(std::span<const QueryPart> parts) {
  PreparedQuery prepared;
  double sum = 0;
  std::size_t terms = 0;
  for (const auto& [query, scale, factor] : parts) {
    TAMIS_TRY_OK(scale.validate());
    if (scale.bits != parts.front().scale.bits) {
      return Error{Code::kUnsupported, fmt::format("query: fields of {} and of {} bits cannot be added up",
                                                   parts.front().scale.bits, scale.bits)};
    }
    if (!std::isfinite(factor) || factor <= 0) {
      return Error{Code::kInvalidArgument, fmt::format("query: factor {} (wanted finite and above 0)", factor)};
    }
    TAMIS_TRY(const double weights, checked_sum(query));
    sum += weights * factor * static_cast<double>(scale.step());
    terms += query.terms.size();
  }
  TAMIS_TRY_OK(check_size(terms));
  if (terms == 0) {
    prepared.more.resize(parts.empty() ? 0 : parts.size() - 1);
    return prepared;
  }
  const double unit = grid_of(sum, terms, parts.front().scale);
  for (const auto& [query, scale, factor] : parts) {
    PreparedQuery one;
    one.terms = whole_weights(query, factor * static_cast<double>(scale.step()), unit);
    one.unit = static_cast<float>(unit);
    if (&query == &parts.front().query) {
      prepared = std::move(one);
    } else {
      prepared.more.push_back(std::move(one));
    }
  }
  return prepared;
}

}  // namespace tamis::index
