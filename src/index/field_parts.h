#pragma once

#include <tamis/base/section_file.h>
#include <tamis/index/sparse_field.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <vector>

namespace tamis::index {

inline constexpr FileKind kFieldKind = {'S', 'P', 'F', '1'};
inline constexpr std::uint32_t kFieldVersion = 2;
/// A block with this many postings stores a level for every passage of the window: more bytes below a third, but adding
/// it to the accumulators costs a tenth and looking a passage up costs one load.
inline constexpr std::uint32_t kDenseCount = kWindowPassages / 4;
/// Forward records begin at multiples of this many bytes.
inline constexpr std::uint32_t kRecordAlign = 16;

/// The mapped arrays of a field file, for the query algorithms. See docs/formats/sparse-field.md.
struct SparseField::Parts {
  explicit Parts(SectionFile section_file) : file(std::move(section_file)) {}

  SectionFile file;
  FieldConfig config;
  std::uint64_t num_postings = 0;
  std::uint32_t level_bytes = 1;   ///< 1 or 2
  bool wide_terms = false;         ///< forward records hold u32 term numbers instead of u16
  std::span<const PassageId> ids;  ///< [num_passages] ascending
  std::span<const TermId> terms;   ///< [num_terms] ascending global ids
  std::span<const List> lists;     ///< [num_terms]
  std::span<const Block> blocks;
  std::span<const LocalId> short_docs;
  std::span<const std::byte> short_levels;  ///< level_bytes a posting
  std::span<const std::byte> payload;
  std::span<const std::uint32_t> forward_offsets;  ///< [num_passages + 1] in units of kRecordAlign
  std::span<const std::byte> forward;
  std::unique_ptr<std::atomic<bool>[]> checked;  ///< [num_terms] list has been compared with its checksum

  [[nodiscard]] std::uint32_t num_passages() const noexcept { return static_cast<std::uint32_t>(ids.size()); }
  [[nodiscard]] std::uint32_t num_windows() const noexcept {
    return (num_passages() + kWindowPassages - 1) / kWindowPassages;
  }
  [[nodiscard]] const std::uint16_t* block_offsets(const Block& block) const noexcept {
    return reinterpret_cast<const std::uint16_t*>(payload.data() + block.offset);
  }
  [[nodiscard]] const std::byte* block_levels(const Block& block) const noexcept {
    return payload.data() + block.offset + (block.dense() ? 0U : 2U * block.count());
  }
  [[nodiscard]] std::uint64_t block_bytes(const Block& block) const noexcept {
    return block.dense() ? std::uint64_t{kWindowPassages} * level_bytes
                         : std::uint64_t{block.count()} * (2U + level_bytes);
  }
  [[nodiscard]] std::uint32_t level_at(const std::byte* levels, std::size_t i) const noexcept {
    if (level_bytes == 1) return static_cast<std::uint32_t>(levels[i]);
    std::uint16_t level = 0;
    std::memcpy(&level, levels + 2 * i, 2);
    return level;
  }

  /// One passage's record. @pre passage < num_passages()
  struct Record {
    std::uint32_t count = 0;
    const std::byte* terms = nullptr;
    const std::byte* levels = nullptr;
  };
  /// count is cut to what fits into the record, so that a damaged one cannot be read past its end.
  [[nodiscard]] Record record(LocalId passage) const noexcept {
    const std::uint64_t begin = std::uint64_t{forward_offsets[passage]} * kRecordAlign;
    const std::uint64_t end = std::uint64_t{forward_offsets[passage + 1]} * kRecordAlign;
    Record record;
    if (end - begin < 4) return record;
    const auto* data = forward.data() + begin;
    std::memcpy(&record.count, data, 4);
    const std::uint32_t term_bytes = wide_terms ? 4 : 2;
    const std::uint64_t most = (end - begin - 4) / (term_bytes + level_bytes);
    if (record.count > most) record.count = static_cast<std::uint32_t>(most);
    record.terms = data + 4;
    record.levels = data + 4 + std::uint64_t{record.count} * term_bytes;
    return record;
  }
  /// Number of the i-th term of a record, cut to num_terms - 1.
  [[nodiscard]] std::uint32_t record_term(const Record& record, std::uint32_t i) const noexcept {
    std::uint32_t number = 0;
    if (wide_terms) {
      std::memcpy(&number, record.terms + 4ULL * i, 4);
    } else {
      std::uint16_t narrow = 0;
      std::memcpy(&narrow, record.terms + 2ULL * i, 2);
      number = narrow;
    }
    return number < terms.size() ? number : static_cast<std::uint32_t>(terms.size() - 1);
  }

  /// Calls visit(passage, level) for a list's postings in order. @pre the list has been checked
  template <class Visit>
  void for_each_posting(const List& list, Visit&& visit) const {
    if (list.num_blocks == 0) {
      const auto* levels = short_levels.data() + list.first * level_bytes;
      for (std::uint32_t i = 0; i < list.count; ++i) visit(short_docs[list.first + i], level_at(levels, i));
      return;
    }
    for (std::uint32_t b = 0; b < list.num_blocks; ++b) {
      const Block& block = blocks[list.first + b];
      const LocalId base = block.window * kWindowPassages;
      const auto* levels = block_levels(block);
      if (block.dense()) {
        for (std::uint32_t i = 0; i < kWindowPassages; ++i) {
          if (const auto level = level_at(levels, i); level != 0) visit(base + i, level);
        }
      } else {
        const auto* offsets = block_offsets(block);
        for (std::uint32_t i = 0; i < block.count(); ++i) visit(base + offsets[i], level_at(levels, i));
      }
    }
  }

  /// Hash of a list's bytes. @pre its entries lie inside the arrays
  [[nodiscard]] std::uint64_t list_checksum(const List& list) const noexcept;
  /// Structure, bounds and checksum of one list.
  [[nodiscard]] Status check_list(std::uint32_t number) const;
  /// check_list() once a list and open file.
  [[nodiscard]] Status check_list_once(std::uint32_t number) const;
  [[nodiscard]] Error corrupt(std::string what) const;
};

/// The k-th largest of a list's levels, for kSeedRanks; 0 where the list is shorter. Reorders `levels`.
void seed_levels_of(std::vector<std::uint16_t>& levels, std::uint16_t (&seeds)[4]);

}  // namespace tamis::index
