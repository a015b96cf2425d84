#pragma once

#include <tamis/search/collection.h>
#include <tamis/search/pipeline.h>
#include <tamis/search/query.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "filters.h"
#include "ranker.h"

namespace tamis::search {

/// The blocks of all segments, nullptr where one has none.
[[nodiscard]] std::vector<const SegmentBlocks*> blocks_of(const Collection& collection);

/// Asks the fields of a method: those that rank, then those that it reranks by.
class Questions {
 public:
  Questions(const Collection& collection, const ParsedQuery& query, const SearchOptions& options)
      : collection_(collection), query_(query), options_(options) {}

  /// @param words  the vector that the field of words is asked with
  [[nodiscard]] Status ask(const Filters& filters, sparse::SparseView words);
  [[nodiscard]] const std::vector<FieldQuery>& fields() const { return fields_; }
  [[nodiscard]] std::vector<FieldQuery> take() { return std::move(fields_); }
  [[nodiscard]] std::size_t num_terms() const;
  [[nodiscard]] double encode_seconds() const { return encode_seconds_; }

 private:
  [[nodiscard]] Status add(std::string_view name, std::vector<index::SegmentView> views, sparse::SparseView vector);
  [[nodiscard]] Status ask_vectors(const std::string& name, const Filters& filters);

  const Collection& collection_;
  const ParsedQuery& query_;
  const SearchOptions& options_;
  std::vector<FieldQuery> fields_;
  double encode_seconds_ = 0;
};

}  // namespace tamis::search
