#pragma once

#include <tamis/sieve/row_source.h>

#include <span>
#include <vector>

namespace tamis::sieve {

/// kInvalidArgument for terms that do not ascend, levels out of the scale, not as many of one as of the other.
[[nodiscard]] Status check_vector(PassageId id, std::span<const TermId> terms, std::span<const std::uint16_t> levels,
                                  const sparse::WeightScale& scale);

/// Reads rows, one at a time, and trusts none. One a thread.
class RowReader {
 public:
  RowReader(const RowSource& rows, const sparse::WeightScale& scale) : rows_(rows), scale_(scale) {}
  [[nodiscard]] Status read(std::uint64_t row) {
    TAMIS_TRY_OK(rows_.read(row, terms_, levels_));
    return check_vector(rows_.id(row), terms_, levels_, scale_);
  }
  [[nodiscard]] std::span<const TermId> terms() const noexcept { return terms_; }
  [[nodiscard]] std::span<const std::uint16_t> levels() const noexcept { return levels_; }

 private:
  const RowSource& rows_;
  sparse::WeightScale scale_;
  std::vector<TermId> terms_;
  std::vector<std::uint16_t> levels_;
};

}  // namespace tamis::sieve
