#pragma once

#include <tamis/base/buffer.h>
#include <tamis/sieve/row_source.h>

#include <span>
#include <vector>

namespace tamis::sieve {

/// Rows that are kept in memory: 4 bytes a posting where all terms of a row are below 2^16, else 6, in pieces that
/// never move. Reading is safe from any thread once all rows are there.
class RowStore final : public RowSource {
 public:
  void add(PassageId id, std::span<const TermId> terms, std::span<const std::uint16_t> levels);
  [[nodiscard]] std::uint64_t size() const override { return ids_.size(); }
  [[nodiscard]] PassageId id(std::uint64_t row) const override { return ids_[row]; }
  [[nodiscard]] Status read(std::uint64_t row, std::vector<TermId>& terms,
                            std::vector<std::uint16_t>& levels) const override;

 private:
  static constexpr std::size_t kPieceBytes = 8U << 20;
  static constexpr std::uint32_t kWide = 1U << 31;

  std::vector<PassageId> ids_;
  std::vector<std::byte*> begins_;  ///< u32 postings, top bit: terms in 4 bytes; terms; levels
  std::vector<AlignedBuffer<std::byte>> pieces_;
  std::size_t used_ = 0;  ///< of the last piece
};

}  // namespace tamis::sieve
