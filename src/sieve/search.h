#pragma once

#include <vector>

#include "search_scratch.h"

namespace tamis::sieve {

/// One query on its way through an index. See docs/sieve.md.
class Search {
 public:
  Search(const BlockIndex::Parts& parts, const index::PreparedQuery& query, std::size_t k, const Effort& effort,
         const Wanted& wanted, SearchScratch::Impl& scratch, SearchWork& work)
      : parts_(parts), query_(query), k_(k), effort_(effort), wanted_(wanted), scratch_(scratch), work_(work) {}

  /// Nothing if the estimates cannot tell k passages from the rest: then all postings have to be read.
  [[nodiscard]] bool run(std::vector<index::Candidate>& out);

 private:
  bool prepare_lists();
  /// Sets `places_` where few passages are wanted.
  void choose_places();
  /// Exact scores of all wanted passages, where they are very few.
  void score_wanted(std::vector<index::Candidate>& out);
  /// What the estimate of a passage must reach that Wanted::least asks for.
  void start_threshold();
  /// Of the passages of a block, those that are wanted.
  [[nodiscard]] std::uint64_t wanted_of(std::uint64_t mask, std::uint32_t block) const;
  void sum_all_bounds();
  /// Adds the bounds of a list without a row, and chains its runs to their blocks.
  void chain_flat_list(const QueryList& list);
  void score_seeds();
  void score_rest();
  /// About `most` blocks of the largest bounds, of those that are left, ascending. Returns how many there were.
  std::size_t score_best(std::size_t most);
  /// Estimates of some blocks, ascending, at most kBatch; passages that reach least_ are added to found.
  void score_batch(std::span<const std::uint32_t> blocks);
  void add_flat_runs(std::span<const std::uint32_t> blocks, std::uint16_t* left);
  /// Finds the runs of a list in the blocks at hand and asks for their memory.
  void gather_runs(const QueryList& list, std::span<const std::uint32_t> blocks, std::vector<Run>& runs);
  void add_gathered(const QueryList& list, const std::vector<Run>& runs, std::uint16_t* left);
  /// Forgets slots none of whose wanted passages can reach the threshold.
  void drop_hopeless(std::span<const std::uint32_t> blocks, const std::uint16_t* left);
  void take_found(std::span<const std::uint32_t> blocks);
  /// The k-th best estimate, if there is one, and what follows from it; keeps what can still matter.
  void raise();
  /// What a block's bound must reach.
  [[nodiscard]] std::uint32_t least_bound() const;
  /// The least bound that about so many blocks reach, `least` at least.
  [[nodiscard]] std::uint32_t bound_of_most(std::size_t wanted, std::uint32_t least) const;
  void rerank(std::vector<index::Candidate>& out);

  const BlockIndex::Parts& parts_;
  const index::PreparedQuery& query_;
  std::size_t k_;
  const Effort& effort_;
  const Wanted& wanted_;
  const std::uint64_t* places_ = nullptr;  ///< wanted passages, a word a block
  double spread_ = 1;                      ///< of Effort::block_share, where not all passages are wanted
  std::size_t seed_factor_ = 1;            ///< times as many blocks as usual set the threshold
  bool very_few_ = false;                  ///< of them, so that looking each up costs less than finding the best
  SearchScratch::Impl& scratch_;
  SearchWork& work_;
  std::size_t num_used_ = 0;   ///< lists that make estimates, the heaviest ones
  std::size_t num_rows_ = 0;   ///< of these, the ones with rows; they come first
  double grid_ = 0;            ///< estimates a unit
  std::uint32_t margin_ = 0;   ///< how far two estimates can be apart though the scores are equal
  std::uint32_t kth_ = 0;      ///< best estimates: the k-th, 0 = there are fewer
  std::uint32_t least_ = 1;    ///< that a passage must reach
  bool has_least_ = false;     ///< what is wanted sets it, so that fewer than k may be found
  std::size_t keep_ = 0;       ///< passages that are kept at least
  std::size_t raised_at_ = 0;  ///< how many had been found then
  std::uint8_t active_[kBatch] = {};
  std::size_t num_active_ = 0;
};

/// Exact scores of passages by their places.
/// @param lists   all of the query, `units` set
/// @param look_ups  memory to work in
void score_places(const BlockIndex::Parts& parts, std::span<const QueryList> lists,
                  std::span<const std::uint32_t> places, std::uint32_t* units, std::vector<Run>& look_ups);

/// What one posting weighs; 0 if the run does not have the passage.
[[nodiscard]] std::uint32_t level_in_run(const Run& run, std::uint32_t passage, std::uint32_t step, RunShape shape);

}  // namespace tamis::sieve
