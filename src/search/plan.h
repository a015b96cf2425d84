#pragma once

#include <tamis/base/result.h>
#include <tamis/search/collection.h>
#include <tamis/search/query.h>
#include <tamis/text/analyzer.h>

#include <vector>

#include "analysis.h"
#include "filters.h"
#include "phrases.h"

namespace tamis::search {

/// A query made ready: words to rank by, sets to rank in, phrases to check.
struct Plan {
  Filters filters;
  PhraseCheck phrases;
  std::vector<QueryWord> words = {};
  UnknownWords unknown = {};
  bool has_words = false;  // known or not
  bool has_filter = false;
};

/// @par Errors  kInvalidArgument: nothing in the query is a word or a filter, unless `may_be_empty`; those of filters
[[nodiscard]] Result<Plan> make_plan(const Collection& collection, text::Analyzer& analyzer, const ParsedQuery& query,
                                     bool with_titles, bool may_be_empty);

}  // namespace tamis::search
