// The layout of the files that Seismic (github.com/TusKANNy/seismic) calls documents.bin and queries.bin.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "row_ids.h"
#include "vector_file_formats.h"

namespace tamis::sparse {
namespace {

constexpr TermId kMostColumns = 1U << 31U;
constexpr std::uint64_t kEntryBytes = sizeof(TermId) + sizeof(float);

/// What a look at the content reads at most.
constexpr std::uint32_t kSniffedRows = 32;
constexpr std::uint64_t kSniffedBytes = 4 << 20;

/// The rows of a file, one after the other.
class RowReader {
 public:
  explicit RowReader(const InputFile& file) : file_size_(file.size()), cursor_(file) {}

  /// The number of rows, checked against the file's size: each takes at least its length.
  [[nodiscard]] Result<std::uint32_t> start() {
    TAMIS_TRY(const std::uint32_t rows, number());
    if (rows > left() / sizeof(std::uint32_t)) {
      return Error{Code::kCorrupt, fmt::format("{} vectors, too many for {} bytes", rows, file_size_)};
    }
    return rows;
  }
  [[nodiscard]] Result<SparseVector> next() {
    TAMIS_TRY(const std::uint32_t size, number());
    if (size > left() / kEntryBytes) {
      return Error{Code::kCorrupt,
                   fmt::format("{} entries, but the file ends after {} bytes (cut off?)", size, left())};
    }
    terms_.resize(size);
    weights_.resize(size);
    TAMIS_TRY_OK(cursor_.bytes({reinterpret_cast<char*>(terms_.data()), size * sizeof(TermId)}));
    TAMIS_TRY_OK(cursor_.bytes({reinterpret_cast<char*>(weights_.data()), size * sizeof(float)}));
    for (const TermId term : terms_) {
      if (term >= kMostColumns) return Error{Code::kCorrupt, fmt::format("term {} (wanted below 2^31)", term)};
    }
    auto vector = make_vector(terms_, weights_);
    if (!vector) return Error{Code::kCorrupt, std::move(vector).error().message};
    return vector;
  }
  [[nodiscard]] Status expect_end() const {
    if (left() == 0) return ok();
    return Error{Code::kCorrupt, fmt::format("{} bytes after the last vector", left())};
  }
  [[nodiscard]] std::uint64_t offset() const { return cursor_.offset(); }

 private:
  [[nodiscard]] Result<std::uint32_t> number() {
    std::uint32_t value = 0;
    TAMIS_TRY_OK(cursor_.bytes({reinterpret_cast<char*>(&value), sizeof value}));
    return value;
  }
  // A file that grew since it was opened is read to its old end.
  [[nodiscard]] std::uint64_t left() const { return file_size_ - std::min(file_size_, cursor_.offset()); }

  std::uint64_t file_size_;
  Cursor cursor_;
  std::vector<TermId> terms_;
  std::vector<float> weights_;
};

}  // namespace

bool looks_like_seismic(const InputFile& file) {
  RowReader rows(file);
  const auto count = rows.start();
  if (!count) return false;
  for (std::uint32_t row = 0; row < *count; ++row) {
    if (row == kSniffedRows || rows.offset() > kSniffedBytes) return true;
    if (!rows.next()) return false;
  }
  return rows.expect_end().has_value();
}

Status read_seismic(const InputFile& file, const std::filesystem::path& ids_path, const VectorSink& sink) {
  RowReader rows(file);
  TAMIS_TRY(const std::uint32_t count, rows.start());
  TAMIS_TRY(RowIds ids, RowIds::open(ids_path));
  for (std::uint32_t row = 0; row < count; ++row) {
    NamedVector out;
    auto vector = rows.next();
    if (!vector) return within(fmt::format("row {}", row), std::move(vector).error());
    out.vector = std::move(*vector);
    TAMIS_TRY(out.id, ids.next(row));
    TAMIS_TRY_OK(sink(std::move(out)));
  }
  TAMIS_TRY_OK(rows.expect_end());
  return ids.expect_end(count);
}

}  // namespace tamis::sparse
