#pragma once

#include <tamis/base/result.h>
#include <tamis/index/query.h>
#include <tamis/sieve/block_index.h>
#include <tamis/sparse/vector_files.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace tamis::bench {

/// The first `most` rows of a CSR file as queries of an index.
[[nodiscard]] inline Result<std::vector<index::PreparedQuery>> read_queries(const std::string& path,
                                                                            const sieve::BlockIndex& index,
                                                                            std::size_t most) {
  std::vector<index::PreparedQuery> queries;
  TAMIS_TRY_OK(sparse::read_vector_file(path, sparse::VectorFormat::kCsr, [&](sparse::NamedVector&& row) -> Status {
    if (queries.size() == most) return ok();
    TAMIS_TRY(auto query, index::prepare_query(row.vector, index.scale()));
    queries.push_back(std::move(query));
    return ok();
  }));
  return queries;
}

}  // namespace tamis::bench
