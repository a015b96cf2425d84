#pragma once

#include <tamis/base/result.h>
#include <tamis/sparse/encoder.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::cli {

/// Writes vectors as lines of JSON, terms by their spelling (docs/formats/vector-files.md). Safe from any thread.
class VectorLines {
 public:
  explicit VectorLines(const sparse::TextEncoder& encoder);
  /// {"_id":"7","vector":{"token":1.25}} and a newline.
  /// @param origins  [vector.size()], or empty; then "from" says which piece of `text` gave each term
  void append(std::string_view id, const sparse::SparseVector& vector, std::string_view text,
              std::span<const sparse::TermOrigin> origins, std::string& out) const;

 private:
  std::vector<std::string> names_;  // of each term, as JSON
};

/// Gathers vectors for a CSR file and the ids beside it.
class VectorTable {
 public:
  void add(std::string_view id, sparse::SparseVector&& vector);
  /// PATH and PATH.ids.
  [[nodiscard]] Status write(const std::string& path, std::uint64_t columns) const;

 private:
  std::vector<sparse::SparseVector> rows_;
  std::string ids_;
};

}  // namespace tamis::cli
