#pragma once

#include <tamis/base/result.h>
#include <tamis/sparse/vector.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tamis::sparse {

/// One vector of a file. Terms are either numbers (CSR, Seismic, NPZ) or strings (JSON lines, CIFF).
struct NamedVector {
  std::string id;                                          ///< document or query id
  std::vector<std::pair<std::string, float>> named_terms;  ///< JSON lines, CIFF: {token: weight}
  SparseVector vector;                                     ///< the others: numbered terms
};
enum class VectorFormat { kAuto, kJsonLines, kCsr, kCiff, kSeismic, kNpz };

/// Streams the vectors of a file (also .gz for JSON lines when the caller passes an opened text): JSON lines
/// {"_id" or "id", "vector": {token: weight}}, CSR binary (int64 rows, columns, non-zeros; int64 row pointers; int32
/// columns; float32 values; ids in FILE.ids, one a line, else row numbers), CIFF (Common Index File Format, protobuf:
/// https://github.com/osirrc/ciff; postings are gathered into documents, tf as weight, terms by name), Seismic's binary
/// files (uint32 rows; a row is its uint32 length, uint32 terms, float32 weights; ids as CSR), NPZ (a CSR matrix as
/// scipy.sparse.save_npz writes it; ids as CSR).
/// Memory: CIFF holds all postings, the others one vector.
/// Errors name file and line or row: NaN, negative, duplicate terms, unsorted row pointers, cut files.
[[nodiscard]] Status read_vector_file(const std::filesystem::path& path, VectorFormat format,
                                      const std::function<Status(NamedVector&&)>& sink);
/// Writes the BigANN CSR layout, atomically.
[[nodiscard]] Status write_csr(const std::filesystem::path& path, std::uint64_t columns,
                               const std::vector<SparseVector>& rows);

}  // namespace tamis::sparse
