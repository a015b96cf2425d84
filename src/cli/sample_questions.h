#pragma once

#include <tamis/base/result.h>
#include <tamis/engine/engine.h>
#include <tamis/search/query.h>
#include <tamis/sparse/vector.h>

#include <cstddef>
#include <string>
#include <vector>

namespace tamis::cli {

/// Questions to fit and to measure with, of words or of vectors.
struct SampleQuestions {
  std::vector<search::ParsedQuery> words;
  std::vector<sparse::SparseVector> vectors;
  [[nodiscard]] std::size_t size() const { return words.size() + vectors.size(); }
};

/// Questions of a file: words, or vectors in the terms of the index. Those that nothing of the index can answer are
/// left out.
[[nodiscard]] Result<SampleQuestions> questions_of_file(const Snapshot& snapshot, const std::string& queries,
                                                        const std::string& query_vectors,
                                                        const std::string& vectors_format);
/// Questions out of the collection itself: of texts the first sentence of some passages, a dozen words; of vectors the
/// heaviest terms of some. The same for the same index.
[[nodiscard]] Result<SampleQuestions> questions_of_collection(const Snapshot& snapshot, std::size_t count);

/// A file's vector in the terms of a collection; terms that no passage has are left out.
[[nodiscard]] Result<sparse::SparseVector> in_terms_of(const search::Collection& collection,
                                                       const sparse::NamedVector& vector);

}  // namespace tamis::cli
