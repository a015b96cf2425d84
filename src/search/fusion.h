#pragma once

#include <tamis/base/result.h>

#include <span>

#include "ranker.h"

namespace tamis::search {

/// One query that ranks by the sum of all fields' scores, each times the field's weight and divided by its largest for
/// the question. What a field adds to a passage is whole numbers on one grid for all (index::prepare_sum), so one pass
/// over the lists of all fields, with the bounds of all, gives the exact ranking.
/// @par Cost  finding the best passage of each field, then of the ranking: that of a query with the terms of all
[[nodiscard]] Result<FieldQuery> sum_of(const Ranker& ranker, std::span<const FieldQuery> fields, Work& work);

}  // namespace tamis::search
