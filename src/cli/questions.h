#pragma once

#include <tamis/base/result.h>
#include <tamis/search/query.h>
#include <tamis/sparse/vector_files.h>

#include <string>
#include <string_view>
#include <vector>

namespace tamis::cli {

/// One question of a file: words, or a sparse vector.
struct Question {
  std::string id;
  std::string text;
  std::string filter;  ///< what may answer it, as parse_question() reads it; "" = everything
  sparse::NamedVector vector;
};

/// Reads questions: JSON lines {"_id" or "id" or "qid", "text" or "query" or "question"} and, if wanted, "filter"; or
/// lines "id TAB text", or one question a line (numbered from 1). "-" is standard input; .gz and .zst are unpacked.
/// @par Errors  kCorrupt names file and line
[[nodiscard]] Result<std::vector<Question>> read_questions(const std::string& path);
/// A question, and the filters that what answers it has to pass.
/// @param filter  field:value, field:>=value, path:glob, -field:value …; "" = none
/// @param fields  the names that the collection has
/// @par Errors  kInvalidArgument: words or phrases in the filter; and those of search::parse_query()
[[nodiscard]] Result<search::ParsedQuery> parse_question(std::string_view text, std::string_view filter, bool syntax,
                                                         const std::vector<std::string>& fields);
/// Reads query vectors (docs/formats/vector-files.md).
[[nodiscard]] Result<std::vector<Question>> read_question_vectors(const std::string& path, sparse::VectorFormat format);

}  // namespace tamis::cli
