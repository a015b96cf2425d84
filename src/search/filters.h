#pragma once

#include <tamis/base/result.h>
#include <tamis/index/bitmap.h>
#include <tamis/index/query_algorithm.h>
#include <tamis/search/collection.h>

#include <optional>
#include <vector>

#include "analysis.h"

namespace tamis::search {

/// The passages of a segment that hold all words of one of the readings.
[[nodiscard]] Result<index::Bitmap> passages_holding(const index::SparseField& field,
                                                     const std::vector<Reading>& readings);

/// What may be found, one set a segment. Begins with everything that is not deleted; a segment that nothing was taken
/// from has no set at all, which is what query algorithms are fastest with.
class Filters {
 public:
  explicit Filters(const Collection& collection);
  /// Keeps the passages that hold all words of a reading, or takes them away.
  [[nodiscard]] Status keep(const std::vector<Reading>& readings);
  [[nodiscard]] Status remove(const std::vector<Reading>& readings);
  /// Keeps what a kField clause says, or takes it away if the clause is kNot.
  [[nodiscard]] Status apply(const Collection& collection, const Clause& field);
  /// Borrows from this object.
  [[nodiscard]] std::vector<index::SegmentView> views() const;
  /// The first `count` passages by id.
  [[nodiscard]] std::vector<PassageId> first(std::size_t count) const;

 private:
  struct Segment {
    const index::SparseField* field = nullptr;
    std::optional<index::Bitmap> allowed;
    index::Bitmap& set();
  };
  std::vector<Segment> segments_;
};

}  // namespace tamis::search
