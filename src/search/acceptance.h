#pragma once

#include <tamis/base/result.h>
#include <tamis/search/collection.h>
#include <tamis/search/pipeline.h>

#include <cstddef>
#include <functional>
#include <unordered_set>
#include <vector>

#include "phrases.h"

namespace tamis::search {

/// What is decided on ranked passages one by one: phrases, and one hit a document if that is asked for.
class Acceptance {
 public:
  Acceptance(const Collection& collection, PhraseCheck& phrases, bool group_documents)
      : collection_(collection), phrases_(phrases), group_documents_(group_documents) {}
  [[nodiscard]] Result<bool> accepts(PassageId id);
  /// Forgets the documents that have had a hit.
  void restart() { documents_.clear(); }

 private:
  const Collection& collection_;
  PhraseCheck& phrases_;
  bool group_documents_;
  std::unordered_set<DocumentId> documents_;
};

/// A ranking to some depth, best first.
struct Ranking {
  std::function<Result<std::vector<ScoredPassage>>(std::size_t depth)> best;
  /// A deeper look may give other scores: what was taken is taken anew.
  bool changes_with_depth = false;
};

/// The first `k` accepted passages of a ranking. A deeper ranking begins like a less deep one, or, if not all of the
/// best are asked for, nearly so; unless it says otherwise.
[[nodiscard]] Result<std::vector<ScoredPassage>> take_accepted(const Ranking& ranking, Acceptance& acceptance,
                                                               std::size_t k);

}  // namespace tamis::search
