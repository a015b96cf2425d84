#pragma once

#include <tamis/base/result.h>
#include <tamis/eval/ids.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tamis::eval {

/// What a human said of a document: > 0 relevant, the higher the more; 0 not relevant; < 0 in the pool, not judged.
using Grade = std::int32_t;

struct Judgement {
  std::uint32_t document = 0;  ///< number in Ids::documents
  Grade grade = 0;
};
struct Hit {
  std::uint32_t document = 0;  ///< number in Ids::documents
  double score = 0;            ///< finite
};
/// One line of a file, before lines are gathered by query.
template <class Item>
struct QueryLine {
  std::uint32_t query = 0;  ///< number in Ids::queries
  std::uint32_t line = 0;   ///< from 1, for messages
  Item item;
};

/// Judgements or hits by query: queries in the order of their first lines, items in the order of their lines.
/// Immutable; safe from several threads.
template <class Item>
class PerQuery {
 public:
  /// @par Errors  kCorrupt: a document that a query has twice, with both lines
  [[nodiscard]] static Result<PerQuery> gather(std::vector<QueryLine<Item>> lines, const Ids& ids);
  [[nodiscard]] std::size_t size() const noexcept { return queries_.size(); }
  /// The number in Ids::queries of the i-th query.
  [[nodiscard]] std::uint32_t query(std::size_t i) const { return queries_[i]; }
  [[nodiscard]] std::span<const Item> items(std::size_t i) const {
    return std::span<const Item>(items_).subspan(starts_[i], starts_[i + 1] - starts_[i]);
  }
  /// The place of a query, by its number in Ids::queries.
  [[nodiscard]] std::optional<std::size_t> find(std::uint32_t query) const {
    if (query >= places_.size() || places_[query] == kAbsent) return std::nullopt;
    return places_[query];
  }
  [[nodiscard]] std::size_t num_items() const noexcept { return items_.size(); }

 private:
  static constexpr std::uint32_t kAbsent = 0xFFFFFFFF;
  std::vector<std::uint32_t> queries_;
  std::vector<std::size_t> starts_ = {0};  // [size + 1] into items_
  std::vector<Item> items_;
  std::vector<std::uint32_t> places_;  // by query number
};

extern template class PerQuery<Judgement>;
extern template class PerQuery<Hit>;

using Qrels = PerQuery<Judgement>;
using Run = PerQuery<Hit>;

}  // namespace tamis::eval
