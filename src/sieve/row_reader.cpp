#include "row_reader.h"

#include <fmt/format.h>

namespace tamis::sieve {

Status check_vector(PassageId id, std::span<const TermId> terms, std::span<const std::uint16_t> levels,
                    const sparse::WeightScale& scale) {
  if (terms.size() != levels.size()) {
    return Error{Code::kInvalidArgument,
                 fmt::format("passage {}: {} terms but {} levels", id, terms.size(), levels.size())};
  }
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (i > 0 && terms[i] <= terms[i - 1]) {
      return Error{Code::kInvalidArgument,
                   fmt::format("passage {}: term {} after {} (wanted ascending)", id, terms[i], terms[i - 1])};
    }
    if (levels[i] == 0 || levels[i] > scale.levels()) {
      return Error{Code::kInvalidArgument, fmt::format("passage {}: level {} of term {} (wanted 1 to {})", id,
                                                       levels[i], terms[i], scale.levels())};
    }
  }
  return ok();
}

}  // namespace tamis::sieve
