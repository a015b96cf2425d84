#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "layout.h"
#include "row_reader.h"

namespace tamis::sieve {

/// Makes the lists of an index from its rows in the order of places: counts first what each list takes, then writes
/// each posting where it stays. Rows are read twice, tile by tile: some blocks that one thread turns from rows to
/// lists.
class ListMaker {
 public:
  /// @param order  [passages] row by place
  /// @param parts  with `terms` and their numbers; gets the arrays of lists
  ListMaker(const RowSource& rows, std::span<const std::uint32_t> order, BlockIndex::Parts& parts, ThreadPool& pool,
            const CancelToken& cancel);
  [[nodiscard]] Status make(ProgressSink& progress);

 private:
  /// A tile's lines are its own.
  static constexpr std::uint32_t kTileBlocks = 2 * kLineBlocks;
  static constexpr std::uint32_t kTilePassages = kTileBlocks * kBlock;

  /// What a list takes.
  struct Totals {
    std::uint64_t bytes = 0;  ///< of its runs
    std::uint32_t count = 0, runs = 0, largest = 0;
  };
  /// A posting of a tile.
  struct Posting {
    std::uint16_t place = 0, level = 0;
  };
  struct NumberedPosting {
    std::uint32_t list = 0;
    Posting posting;
  };
  /// Memory of one worker.
  struct Workplace {
    explicit Workplace(RowReader row_reader) : reader(std::move(row_reader)) {}
    RowReader reader;
    std::vector<Totals> totals;         // [lists]
    std::vector<std::uint32_t> counts;  // [lists] of the block or tile at hand, else 0
    std::vector<std::uint32_t> touched;
    std::vector<NumberedPosting> by_place;
    std::vector<Posting> by_list;
  };
  /// The postings of some blocks by list, as they will stand there.
  struct Tile {
    std::uint32_t number = 0;
    std::vector<std::uint32_t> lists;  ///< ascending
    std::vector<std::uint32_t> sizes;  ///< bytes of data, or postings of lists without rows
    std::vector<std::uint8_t> data;
    std::vector<std::uint32_t> flat_passages;
    std::vector<std::uint8_t> flat_weights;
  };

  [[nodiscard]] std::uint32_t num_tiles() const { return (parts_.num_blocks() + kTileBlocks - 1) / kTileBlocks; }
  [[nodiscard]] Status read_row(std::uint32_t place, RowReader& reader) const { return reader.read(order_[place]); }
  /// The list of a term, or an error if it was not there at the first reading.
  [[nodiscard]] Result<std::uint32_t> list_of(TermId term) const;
  [[nodiscard]] Status count_tile(std::uint32_t tile, Workplace& work) const;
  [[nodiscard]] Status count_all(ProgressSink& progress);
  /// Gives each list its place.
  [[nodiscard]] Status lay_out();
  [[nodiscard]] Status fill_tile(Tile& tile, Workplace& work);
  void fill_row(const List& list, std::span<const Posting> postings, Tile& tile);
  void fill_flat(const List& list, std::span<const Posting> postings, Tile& tile);
  /// Returns the largest code.
  std::uint8_t add_run(std::span<const Posting> run, std::uint32_t step, std::vector<std::uint8_t>& data) const;
  /// Puts a tile behind those before it.
  [[nodiscard]] Status append(const Tile& tile);
  [[nodiscard]] Status write_all(ProgressSink& progress);
  [[nodiscard]] Status hand_over();

  const RowSource& rows_;
  std::span<const std::uint32_t> order_;
  BlockIndex::Parts& parts_;
  ThreadPool& pool_;
  const CancelToken& cancel_;
  std::vector<Workplace> workers_;
  std::vector<Totals> totals_;            // [lists]
  std::vector<std::uint64_t> ends_;       // [lists] of what stands there by now: bytes, or postings
  std::vector<std::uint32_t> row_lists_;  // [rows] number of the list
  AlignedBuffer<List> lists_;
  AlignedBuffer<std::uint8_t> bounds_;
  AlignedBuffer<RunLine> lines_;
  AlignedBuffer<std::uint8_t> data_;
  AlignedBuffer<std::uint32_t> flat_passages_;
  AlignedBuffer<std::uint8_t> flat_weights_;
  std::size_t flat_width_ = 0;  ///< of flat_weights_, bytes a posting
};

}  // namespace tamis::sieve
