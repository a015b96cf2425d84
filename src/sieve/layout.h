#pragma once

#include <tamis/base/buffer.h>
#include <tamis/base/section_file.h>
#include <tamis/sieve/block_index.h>

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace tamis::sieve {

/// Passages a block: one bit each in a word, one byte each in a vector register.
inline constexpr std::uint32_t kBlock = 64;
/// A list that stands in at least one block of so many has a row: a bound and a run for every block. Small: about where
/// a row takes less than single postings.
[[nodiscard]] constexpr std::uint32_t row_share_of(Preset preset) { return preset == Preset::kSmall ? 3 : 16; }
/// Rows of bounds and arrays of estimates are filled up to so many blocks.
inline constexpr std::uint32_t kRowAlign = 64;

/// Weights in two bytes: level = code * step + rest - 128. The code alone, 0 … 255, is what estimates are made of.
struct Weight {
  std::uint8_t code = 0, rest = 0;
};
inline constexpr std::uint8_t kNoRest = 128;
/// The step of a list whose largest level is `largest`: 1 … 256.
[[nodiscard]] inline std::uint32_t step_of(std::uint32_t largest) { return (largest + 254) / 255; }
/// The nearest code, which is 0 for levels below half a step, and what is left. level_of() gives the level back.
/// @pre level <= 255 * step, step <= 256: the rest is at least -128, at most 127
[[nodiscard]] inline Weight split_level(std::uint32_t level, std::uint32_t step) {
  const std::uint32_t code = (2 * level + step) / (2 * step);
  return {static_cast<std::uint8_t>(code), static_cast<std::uint8_t>(level + 128 - code * step)};
}
[[nodiscard]] inline std::uint32_t level_of(Weight weight, std::uint32_t step) {
  return weight.code * step + weight.rest - 128;
}
/// How far a level can be from code * step.
[[nodiscard]] inline std::uint32_t largest_rest(std::uint32_t step) { return step / 2; }

/// The postings of a list in one block, a run: up to kFew are passages (6 bits in a byte each), codes, rests; more are
/// a mask of passages, codes, rests. Scales of 8 bits have codes alone: width is what a weight takes, 1 or 2. The size
/// tells which: (1 + width) n, else 8 + width n, which is more.
inline constexpr std::uint32_t kFew = 8;
struct RunShape {
  std::uint32_t width = 2;
  [[nodiscard]] constexpr std::uint32_t bytes(std::uint32_t n) const {
    return n <= kFew ? (1 + width) * n : 8 + width * n;
  }
  [[nodiscard]] constexpr bool few(std::uint32_t bytes) const { return bytes <= (1 + width) * kFew; }
  [[nodiscard]] constexpr std::uint32_t length(std::uint32_t bytes) const {
    if (width == 1) return few(bytes) ? bytes / 2 : bytes - 8;
    return few(bytes) ? bytes / 3 : (bytes - 8) / 2;
  }
  /// Weight i of a run of `length` whose codes begin there.
  [[nodiscard]] constexpr Weight weight(const std::uint8_t* codes, std::uint32_t length, std::uint32_t i) const {
    return {codes[i], width == 1 ? kNoRest : codes[length + i]};
  }
};

/// Where the runs of 29 blocks are: run i from base + at[i] to base + at[i + 1] of the list's data.
struct alignas(64) RunLine {
  std::uint32_t base = 0;
  std::uint16_t at[30] = {};
};
static_assert(sizeof(RunLine) == 64);
inline constexpr std::uint32_t kLineBlocks = 29;
/// The run of a block, of a list whose lines and data begin there; 0 bytes = the list is not in the block.
[[nodiscard]] inline std::span<const std::uint8_t> run_at(const RunLine* lines, const std::uint8_t* data,
                                                          std::uint32_t block) {
  const RunLine& line = lines[block / kLineBlocks];
  const std::uint32_t at = block % kLineBlocks;
  return {data + line.base + line.at[at], static_cast<std::size_t>(line.at[at + 1] - line.at[at])};
}

/// A list. Passages are numbered in the order of blocks.
struct List {
  std::uint32_t count = 0;   ///< postings
  std::uint16_t step = 0;    ///< of its levels
  std::uint16_t is_row = 0;  ///< 1: `first` is the number of its row; 0: its first posting in the flat arrays
  std::uint64_t first = 0;
  std::uint64_t data = 0;      ///< rows: where their runs begin
  std::uint64_t checksum = 0;  ///< of bounds, lines and runs, or of the postings: checked when the list is first used
};
static_assert(sizeof(List) == 32);

/// Numbers that do not change: in memory of their own, or in a mapped file.
template <class T>
class Array {
 public:
  Array() = default;
  Array(AlignedBuffer<T> own) : own_(std::move(own)), view_(own_.data(), own_.size()) {}  // NOLINT(*-explicit-*)
  explicit Array(std::span<const T> mapped) : view_(mapped) {}
  [[nodiscard]] const T* data() const noexcept { return view_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return view_.size(); }
  [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return view_[i]; }

 private:
  AlignedBuffer<T> own_;
  std::span<const T> view_;
};

/// Passage ids by place: 4 bytes each where they are near the first one.
struct PassageIds {
  std::uint64_t first = 0;
  Array<std::uint32_t> near;  ///< less `first`
  Array<PassageId> far;
  [[nodiscard]] std::size_t size() const noexcept { return near.size() + far.size(); }
  [[nodiscard]] PassageId operator[](std::size_t place) const noexcept {
    return near.size() != 0 ? first + near[place] : far[place];
  }
};

/// The arrays of an index. See docs/formats/block-index.md.
struct BlockIndex::Parts {
  sparse::WeightScale scale;
  std::uint64_t num_postings = 0;
  std::uint32_t num_passages = 0;
  std::uint32_t num_rows = 0;
  std::uint32_t row_share = row_share_of(Preset::kFast);
  RunShape shape;
  PassageIds ids;                      ///< [num_passages] by place in the blocks
  Array<TermId> terms;                 ///< [num_lists] ascending
  Array<List> lists;                   ///< [num_lists]
  Array<std::uint8_t> bounds;          ///< [num_rows][row_blocks()] largest code, 0 = none or all below half a step
  Array<RunLine> lines;                ///< [num_rows][row_lines()]
  Array<std::uint8_t> data;            ///< runs, and kDataPadding bytes
  Array<std::uint32_t> flat_passages;  ///< of lists without rows, ascending in a list; packed: place * 256 + code
  Array<std::uint8_t> flat_weights;    ///< [shape.width] a posting: code, rest; packed: none
  std::vector<std::uint32_t> numbers;  ///< list of a term, kNoList for none; empty where terms go too far
  std::uint32_t flat_shift = 0;        ///< 8: flat_passages hold codes too
  std::optional<SectionFile> file;     ///< where the arrays lie, if it is mapped
  std::unique_ptr<std::atomic<bool>[]> checked;  ///< [num_lists] has been checked; nullptr: all have been

  static constexpr std::uint32_t kNoList = static_cast<std::uint32_t>(-1);
  static constexpr std::uint32_t kNoPlace = static_cast<std::uint32_t>(-1);
  static constexpr std::size_t kDataPadding = 64;  // kernels load whole registers

  /// A place and a code fit 4 bytes.
  [[nodiscard]] bool can_pack() const noexcept { return scale.bits == 8 && num_passages <= 1U << 24U; }
  [[nodiscard]] std::uint32_t flat_place(std::uint64_t i) const noexcept { return flat_passages[i] >> flat_shift; }
  [[nodiscard]] std::uint8_t flat_code(std::uint64_t i) const noexcept {
    return flat_shift != 0 ? static_cast<std::uint8_t>(flat_passages[i]) : flat_weights[i * shape.width];
  }
  [[nodiscard]] Weight flat_weight(std::uint64_t i) const noexcept {
    return {flat_code(i), shape.width == 1 ? kNoRest : flat_weights[i * 2 + 1]};
  }
  [[nodiscard]] std::uint32_t num_blocks() const noexcept { return (num_passages + kBlock - 1) / kBlock; }
  [[nodiscard]] std::uint32_t row_blocks() const noexcept {
    return (num_blocks() + kRowAlign - 1) / kRowAlign * kRowAlign;
  }
  [[nodiscard]] std::uint32_t row_lines() const noexcept { return (num_blocks() + kLineBlocks - 1) / kLineBlocks; }
  [[nodiscard]] const std::uint8_t* bound_row(const List& list) const noexcept {
    return bounds.data() + list.first * row_blocks();
  }
  [[nodiscard]] const RunLine* line_row(const List& list) const noexcept {
    return lines.data() + list.first * row_lines();
  }
  /// Where the postings of a list with a row lie in a block; 0 bytes = it is not there.
  [[nodiscard]] std::span<const std::uint8_t> run_of(const List& list, std::uint32_t block) const noexcept {
    return run_at(line_row(list), data.data() + list.data, block);
  }
  /// [largest id + 1] the place of a passage, kNoPlace for none; empty where ids go too far. Made when first asked for.
  [[nodiscard]] const std::vector<std::uint32_t>& place_of() const;
  /// Makes `numbers`.
  void number_terms();
  /// The list of a term, kNoList for none.
  [[nodiscard]] std::uint32_t number_of(TermId term) const noexcept;
  [[nodiscard]] const List* find(TermId term) const noexcept {
    const std::uint32_t number = number_of(term);
    return number == kNoList ? nullptr : &lists[number];
  }
  /// Terms ascend, lists lie inside the arrays.
  [[nodiscard]] Status check_directories() const;
  /// Structure, bounds and checksum of one list. @pre check_directories()
  [[nodiscard]] Status check_list(std::size_t number) const;
  /// check_list() once a list and open file.
  [[nodiscard]] Status check_list_once(std::size_t number) const;
  [[nodiscard]] Status check_all() const;
  /// Hash of a list's bytes. @pre they lie inside the arrays
  [[nodiscard]] std::uint64_t list_checksum(const List& list) const noexcept;
  [[nodiscard]] Error corrupt(std::string_view what) const;

 private:
  mutable std::once_flag places_once_;
  mutable std::vector<std::uint32_t> places_;
};

}  // namespace tamis::sieve
