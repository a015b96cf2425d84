#pragma once

#include <tamis/base/result.h>
#include <tamis/sparse/vector_files.h>

#include <string>
#include <vector>

namespace tamis::cli {

/// One question of a file: words, or a sparse vector.
struct Question {
  std::string id;
  std::string text;
  sparse::NamedVector vector;
};

/// Reads questions: JSON lines {"_id" or "id" or "qid", "text" or "query" or "question"}, or lines "id TAB text", or
/// one question a line (numbered from 1). "-" is standard input; .gz and .zst are unpacked.
/// @par Errors  kCorrupt names file and line
[[nodiscard]] Result<std::vector<Question>> read_questions(const std::string& path);
/// Reads query vectors (docs/formats/vector-files.md).
[[nodiscard]] Result<std::vector<Question>> read_question_vectors(const std::string& path, sparse::VectorFormat format);

}  // namespace tamis::cli
