#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/result.h>
#include <tamis/index/bitmap.h>
#include <tamis/index/sparse_field.h>
#include <tamis/search/query.h>
#include <tamis/text/language.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::search {

/// A segment's fields and its deleted passages (nullptr = none). All fields number the passages alike.
struct CollectionSegment {
  const index::SparseField* field = nullptr;  ///< of words
  const index::Bitmap* deleted = nullptr;
  std::vector<const index::SparseField*> vectors = {};  ///< of encoders, as Collection::vector_fields() names them
};

/// What the pipeline needs from a snapshot; the engine implements it. Const calls are safe from one thread at a time.
class Collection {
 public:
  virtual ~Collection() = default;
  [[nodiscard]] virtual std::span<const CollectionSegment> segments() const = 0;
  [[nodiscard]] virtual std::uint64_t num_passages() const = 0;  ///< live ones
  /// The encoders that all passages have vectors of.
  [[nodiscard]] virtual const std::vector<std::string>& vector_fields() const = 0;
  /// Global id of a vocabulary key (sparse::title_key for title terms).
  [[nodiscard]] virtual std::optional<TermId> find_term(std::string_view key) const = 0;
  /// The key of a term, "" for a number that none has. Valid as long as the collection.
  [[nodiscard]] virtual std::string_view term(TermId id) const = 0;
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
};

}  // namespace tamis::search
