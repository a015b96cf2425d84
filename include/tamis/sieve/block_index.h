#pragma once

#include <tamis/base/progress.h>
#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>
#include <tamis/index/bitmap.h>
#include <tamis/index/query.h>
#include <tamis/index/top_k.h>
#include <tamis/sparse/quantize.h>
#include <tamis/sparse/vector.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace tamis::sieve {

class RowSource;

/// How thoroughly to search. The default is exact.
struct Effort {
  /// Blocks are read while bound * bound_share reaches the k-th best estimate; 1 = safe, less reads fewer blocks.
  float bound_share = 1.0F;
  /// What the slowest queries may cost: of a query of 24 lists at most this share of the blocks is read, those of the
  /// largest bounds; of one with twice as many lists half of it.
  float block_share = 1.0F;
  /// Candidates are found by the heaviest terms that hold this share of the query; all terms count for their scores.
  float query_share = 1.0F;
  /// At most so many candidates get their exact scores, k at least; 0 = as many as it takes.
  std::uint32_t rerank = 0;
  [[nodiscard]] bool exact() const noexcept {
    return bound_share >= 1 && block_share >= 1 && query_share >= 1 && rerank == 0;
  }
  /// kInvalidArgument for shares that are not in (0, 1].
  [[nodiscard]] Status validate() const;
  bool operator==(const Effort&) const = default;
};

/// Which passages a search is to find; normally any.
struct Wanted {
  /// By passage id; ids from its size on are not wanted. Costs a search next to nothing, whatever it holds: blocks
  /// without any are not read where few are wanted, else candidates are asked for. nullptr = all passages.
  const index::Bitmap* allowed = nullptr;
  /// Passages that score less are of no use, for others are known; what reaches it is found as ever. Saves reading.
  index::Units least = 0;
};

/// Counted work of a query.
struct SearchWork {
  std::uint64_t blocks = 0;         ///< of the index
  std::uint64_t blocks_scored = 0;  ///< whose postings were read, at least in part
  std::uint64_t runs = 0;           ///< pieces of lists that were read
  std::uint64_t candidates = 0;     ///< passages that stood above the threshold at some time
  std::uint64_t reranked = 0;       ///< whose exact scores were computed
  std::uint64_t look_ups = 0;       ///< weights that were looked up for that
  std::uint64_t bound_sums = 0;     ///< bounds that were added up
  std::uint64_t exhaustive = 0;     ///< fewer than k passages could be told from the rest: all postings were read
  void add(const SearchWork& more) noexcept;
};

/// Memory that searches work in, reused from one to the next. One a thread.
class SearchScratch {
 public:
  SearchScratch();
  SearchScratch(SearchScratch&&) noexcept;
  SearchScratch& operator=(SearchScratch&&) noexcept;
  ~SearchScratch();
  struct Impl;
  [[nodiscard]] Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// What lists are made for. Goes with scales of 16 bits and of 8, which take a byte less a posting and lose a little
/// recall against the weights that were given.
enum class Preset {
  kFast,   ///< bounds and runs for every list that stands in a sixteenth of the blocks
  kSmall,  ///< only where they take less memory than single postings: a third of the blocks
};

/// Where an opened index is.
enum class Residence {
  kLoaded,  ///< read into memory (huge pages), all of it checked
  kMapped,  ///< left in the file: opens at once, memory is what queries touch; lists are checked when first used
};

/// An index of sparse vectors: passages that are alike stand together in blocks of 64, every list knows its
/// largest weight in each block, and a query reads only blocks whose sum of largest weights can matter.
///
/// Block-max pruning (arXiv:2405.01117) with an order of passages by balanced bisection, lists that are cut at block
/// borders, and scores in whole numbers. Weights are kept in 16 bits: 8 bits find the candidates, all 16 score them; or
/// in 8 bits, which do both. Immutable; searches from any number of threads.
class BlockIndex {
 public:
  BlockIndex(BlockIndex&&) noexcept;
  BlockIndex& operator=(BlockIndex&&) noexcept;
  ~BlockIndex();

  /// Writes one file, which appears complete or not at all.
  [[nodiscard]] Status save(const std::filesystem::path& path) const;
  /// Loaded: reads a file and checks all of it, checksums, order, every offset and bound. Mapped: checks the
  /// directories (ids, terms, where lists lie), which takes milliseconds; check_lists() has to come before a search
  /// then, and the file may not be cut while it is open.
  /// @par Errors  kCorrupt, kUnsupported (another version or byte order), kNotFound, kIo; all name the file
  [[nodiscard]] static Result<BlockIndex> open(const std::filesystem::path& path,
                                               Residence residence = Residence::kLoaded);
  /// Checks the lists of a query that have not been used yet, each once while the file is open: checksum, structure,
  /// bounds; so that a damaged list is an error and never an answer. Nothing to do where all is loaded.
  /// @par Errors  kCorrupt, naming file and term
  [[nodiscard]] Status check_lists(const index::PreparedQuery& query) const;
  /// Everything: checksums, order, every bound against its postings. Reads all of the index.
  [[nodiscard]] Status verify() const;

  [[nodiscard]] std::uint64_t num_passages() const noexcept;
  [[nodiscard]] std::uint64_t num_postings() const noexcept;
  [[nodiscard]] std::uint64_t num_blocks() const noexcept;
  /// What the index takes in memory.
  [[nodiscard]] std::uint64_t memory_bytes() const noexcept;
  [[nodiscard]] const sparse::WeightScale& scale() const noexcept;

  /// The k best passages, best first, equal scores by lower id. With an exact effort the same as exhaustive().
  /// @param query  prepare_query() with scale()
  [[nodiscard]] std::vector<index::Candidate> search(const index::PreparedQuery& query, std::size_t k,
                                                     const Effort& effort, SearchScratch& scratch,
                                                     SearchWork* work = nullptr, const Wanted& wanted = {}) const;
  /// Many queries at once, on all threads of a pool: answer i is what search() finds for query i, whatever the threads.
  /// Queries that read the same lists are asked one after the other, while these are in the caches.
  /// @pre  as search(): a mapped index has had check_lists() for each query
  /// @param work  of all queries together
  /// @par Errors  kExhausted: no memory
  [[nodiscard]] Result<std::vector<std::vector<index::Candidate>>> search_batch(
      std::span<const index::PreparedQuery> queries, std::size_t k, const Effort& effort, ThreadPool& pool,
      SearchWork* work = nullptr, const Wanted& wanted = {}) const;
  /// The definition: adds up all postings of the query.
  [[nodiscard]] std::vector<index::Candidate> exhaustive(const index::PreparedQuery& query, std::size_t k,
                                                         const Wanted& wanted = {}) const;

  /// [n] ascending.
  [[nodiscard]] std::span<const TermId> terms() const noexcept;
  /// The passages that hold a term and their levels, in the order of blocks.
  void postings(TermId term, std::vector<std::pair<PassageId, std::uint16_t>>& out) const;

  struct Parts;

 private:
  friend Result<BlockIndex> build_block_index(const RowSource&, const sparse::WeightScale&, ThreadPool&, ProgressSink&,
                                              const CancelToken&, Preset);
  explicit BlockIndex(std::unique_ptr<const Parts> parts);
  std::unique_ptr<const Parts> parts_;
};

class RowStore;

/// Gathers vectors and makes the index of them. Memory: 4 bytes a posting (6 where a passage's terms go beyond 65,535),
/// and what build_block_index() takes. The same index whatever the number of threads.
class BlockIndexBuilder {
 public:
  /// @param scale  16 or 8 bits; weights above its ceiling are clipped
  explicit BlockIndexBuilder(sparse::WeightScale scale, Preset preset = Preset::kFast);
  BlockIndexBuilder(BlockIndexBuilder&&) noexcept;
  BlockIndexBuilder& operator=(BlockIndexBuilder&&) noexcept;
  ~BlockIndexBuilder();
  /// Vectors in ascending passage id. An empty vector is a passage that nothing finds.
  /// @par Errors  kInvalidArgument: id not ascending, terms not ascending, weight not finite or not positive
  ///              kExhausted: more than 2^32 - 64 passages
  Status add(PassageId id, sparse::SparseView vector);
  /// The same with stored levels (1 … levels) of a field: nothing is rounded twice.
  Status add_levels(PassageId id, std::span<const TermId> terms, std::span<const std::uint16_t> levels);
  [[nodiscard]] std::uint64_t num_clipped() const noexcept { return num_clipped_; }
  /// Leaves the builder empty.
  /// @param cancel  heeded within a second: kCancelled
  [[nodiscard]] Result<BlockIndex> finish(ThreadPool& pool, ProgressSink& progress, const CancelToken& cancel = {});

 private:
  sparse::WeightScale scale_;
  Preset preset_;
  std::unique_ptr<RowStore> rows_;
  std::vector<std::uint16_t> scratch_;
  std::uint64_t num_clipped_ = 0;
};

/// Chooses the variants of all kernels now, so that kernel_choices() lists them.
void choose_kernels();

}  // namespace tamis::sieve
