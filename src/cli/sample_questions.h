#pragma once

#include <tamis/base/result.h>
#include <tamis/engine/engine.h>
#include <tamis/search/query.h>
#include <tamis/sparse/vector.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "command.h"

namespace tamis::cli {

/// Questions to fit and to measure with, of words or of vectors.
struct SampleQuestions {
  std::vector<search::ParsedQuery> words;
  std::vector<sparse::SparseVector> vectors;
  [[nodiscard]] std::size_t size() const { return words.size() + vectors.size(); }
};

/// Where a command has its questions from, and what they are asked with.
struct SampleSource {
  std::string queries, query_vectors, query_vectors_format = "auto", method, query_encoder;
  std::uint32_t sample = 256;
};
void add_sample_options(Command& command, SampleSource& source);
/// kInvalidArgument when both kinds of files are named.
[[nodiscard]] Status check_source(const SampleSource& source);

/// Of a file: words, or vectors in the terms of the index; those that nothing of the index can answer are left out.
/// Without a file out of the collection itself: of texts the first sentence of some passages, a dozen words; of vectors
/// the heaviest terms of some. The same for the same index.
[[nodiscard]] Result<SampleQuestions> sample_questions(const Snapshot& snapshot, const SampleSource& source);

/// Whether a collection is of vectors that other programs made, without words.
[[nodiscard]] bool holds_vectors(const search::Collection& collection);

/// A file's vector in the terms of a collection; terms that no passage has are left out.
[[nodiscard]] Result<sparse::SparseVector> in_terms_of(const search::Collection& collection,
                                                       const sparse::NamedVector& vector);

}  // namespace tamis::cli
