#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/result.h>
#include <tamis/index/bitmap.h>
#include <tamis/index/sparse_field.h>
#include <tamis/search/query.h>
#include <tamis/sieve/block_index.h>
#include <tamis/text/language.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::search {

/// An index of blocks of several fields in one: the term t of the i-th of n fields is t * n + i, passages are the
/// segment's local numbers.
struct SegmentBlocks {
  const sieve::BlockIndex* index = nullptr;
  std::vector<const index::SparseField*> fields = {};
};

/// A segment's fields and its deleted passages (nullptr = none). All fields number the passages alike.
struct CollectionSegment {
  const index::SparseField* field = nullptr;  ///< of words
  const index::Bitmap* deleted = nullptr;
  std::vector<const index::SparseField*> vectors = {};  ///< of encoders, as Collection::vector_fields() names them
  SegmentBlocks blocks = {};                            ///< without an index where the segment has none
};

/// What the pipeline needs from a snapshot; the engine implements it. Const calls are safe from one thread at a time.
class Collection {
 public:
  virtual ~Collection() = default;
  [[nodiscard]] virtual std::span<const CollectionSegment> segments() const = 0;
  [[nodiscard]] virtual std::uint64_t num_passages() const = 0;  ///< live ones
  /// The share of the best that searches find unless told otherwise.
  [[nodiscard]] virtual double recall() const { return 1; }
  /// Whether effort_for() was measured for a method's k best.
  [[nodiscard]] virtual bool has_curve([[maybe_unused]] std::string_view method, [[maybe_unused]] std::size_t k) const {
    return false;
  }
  /// The effort in blocks that finds this share of the k best of a method's questions; exact where it is not known.
  /// @param method  as to_string(Method) writes it
  [[nodiscard]] virtual sieve::Effort effort_for([[maybe_unused]] std::string_view method,
                                                 [[maybe_unused]] std::size_t k, [[maybe_unused]] double recall) const {
    return {};
  }
  /// The encoders that all passages have vectors of.
  [[nodiscard]] virtual const std::vector<std::string>& vector_fields() const = 0;
  /// Global id of a vocabulary key (sparse::title_key for title terms).
  [[nodiscard]] virtual std::optional<TermId> find_term(std::string_view key) const = 0;
  /// The key of a term, "" for a number that none has. Valid as long as the collection.
  [[nodiscard]] virtual std::string_view term(TermId id) const = 0;
  /// Terms have the numbers below it, those of titles too; 0 = they are not words.
  [[nodiscard]] virtual TermId num_terms() const { return 0; }
  /// Languages of passages, most frequent first: a query is analysed for each.
  [[nodiscard]] virtual std::span<const text::Language> languages() const = 0;
  [[nodiscard]] virtual float title_weight() const = 0;
  /// Names that `field:` may use.
  [[nodiscard]] virtual const std::vector<std::string>& field_names() const = 0;
  /// The passages that pass a kField clause, one bitmap a segment, in the order of segments(). `need` is not looked at.
  [[nodiscard]] virtual Result<std::vector<index::Bitmap>> matching(const Clause& clause) const = 0;
  /// What phrases are checked on: heading path / title, a newline, then the passage's text.
  [[nodiscard]] virtual Result<std::string> passage_text(PassageId id) const = 0;
  [[nodiscard]] virtual Result<text::Language> passage_language(PassageId id) const = 0;
  /// Which document a passage is of: for one hit a document. Without documents each passage is its own.
  [[nodiscard]] virtual Result<DocumentId> document_of(PassageId id) const { return DocumentId{id}; }
  /// When a passage's document was written, in days since 1970; nullopt = not known.
  [[nodiscard]] virtual Result<std::optional<double>> document_day([[maybe_unused]] PassageId id) const {
    return std::optional<double>();
  }
};

}  // namespace tamis::search
