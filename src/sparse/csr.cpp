#include <fmt/format.h>
#include <tamis/base/file.h>

#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "row_ids.h"
#include "vector_file_formats.h"

namespace tamis::sparse {
namespace {

constexpr std::uint64_t kHeaderBytes = 3 * sizeof(std::int64_t);

struct CsrHeader {
  std::uint64_t rows = 0, columns = 0, non_zeros = 0;
  [[nodiscard]] std::uint64_t pointers_begin() const { return kHeaderBytes; }
  [[nodiscard]] std::uint64_t columns_begin() const { return pointers_begin() + (rows + 1) * sizeof(std::int64_t); }
  [[nodiscard]] std::uint64_t values_begin() const { return columns_begin() + non_zeros * sizeof(std::int32_t); }
  [[nodiscard]] std::uint64_t end() const { return values_begin() + non_zeros * sizeof(float); }
};

/// Reads the three counts and checks them against the file's size, before anything is sized by them.
Result<CsrHeader> read_header(const InputFile& file) {
  std::array<std::int64_t, 3> counts{};
  Cursor cursor(file);
  TAMIS_TRY_OK(cursor.bytes({reinterpret_cast<char*>(counts.data()), sizeof counts}));
  const auto [rows, columns, non_zeros] = counts;
  const auto room = static_cast<std::int64_t>(file.size() / sizeof(std::int32_t));
  const bool sane = rows >= 0 && rows <= room && columns >= 0 && columns <= (std::int64_t{1} << 31) && non_zeros >= 0 &&
                    non_zeros <= room;
  const CsrHeader header{static_cast<std::uint64_t>(rows), static_cast<std::uint64_t>(columns),
                         static_cast<std::uint64_t>(non_zeros)};
  if (!sane || header.end() != file.size()) {
    return Error{Code::kCorrupt,
                 fmt::format("CSR header says {} rows, {} columns, {} non-zeros, which does not make the "
                             "file's {} bytes",
                             rows, columns, non_zeros, file.size())};
  }
  return header;
}

/// The arrays of a CSR file, read side by side.
class RowReader {
 public:
  RowReader(const InputFile& file, const CsrHeader& header)
      : header_(header),
        pointers_(file, header.pointers_begin()),
        columns_(file, header.columns_begin()),
        values_(file, header.values_begin()) {}

  [[nodiscard]] Status start() {
    TAMIS_TRY(begin_, pointer());
    if (begin_ != 0) return Error{Code::kCorrupt, fmt::format("row 0 begins at {} (wanted 0)", begin_)};
    return ok();
  }
  [[nodiscard]] Result<SparseVector> next() {
    TAMIS_TRY(const std::int64_t end, pointer());
    if (end < begin_ || static_cast<std::uint64_t>(end) > header_.non_zeros ||
        static_cast<std::uint64_t>(end - begin_) > header_.columns) {
      return Error{Code::kCorrupt,
                   fmt::format("row pointers {} to {} (wanted ascending, at most {} columns, {} in all)", begin_, end,
                               header_.columns, header_.non_zeros)};
    }
    const auto size = static_cast<std::size_t>(end - begin_);
    terms_.resize(size);
    weights_.resize(size);
    TAMIS_TRY_OK(columns_.bytes({reinterpret_cast<char*>(terms_.data()), size * sizeof(TermId)}));
    TAMIS_TRY_OK(values_.bytes({reinterpret_cast<char*>(weights_.data()), size * sizeof(float)}));
    for (const TermId term : terms_) {  // a negative column is a huge one here
      if (term >= header_.columns) {
        return Error{Code::kCorrupt,
                     fmt::format("column {} (wanted 0 to {})", static_cast<std::int32_t>(term), header_.columns)};
      }
    }
    begin_ = end;
    auto vector = make_vector(terms_, weights_);
    if (!vector) return Error{Code::kCorrupt, std::move(vector).error().message};
    return vector;
  }
  [[nodiscard]] Status expect_end() const {
    if (static_cast<std::uint64_t>(begin_) == header_.non_zeros) return ok();
    return Error{Code::kCorrupt, fmt::format("the last row ends at {} (wanted {})", begin_, header_.non_zeros)};
  }

 private:
  [[nodiscard]] Result<std::int64_t> pointer() {
    std::int64_t value = 0;
    TAMIS_TRY_OK(pointers_.bytes({reinterpret_cast<char*>(&value), sizeof value}));
    return value;
  }
  CsrHeader header_;
  Cursor pointers_, columns_, values_;
  std::int64_t begin_ = 0;
  std::vector<TermId> terms_;
  std::vector<float> weights_;
};

template <class T>
void append(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

Status check_row(const SparseVector& row, std::uint64_t columns) {
  TAMIS_TRY(const SparseVector sorted, make_vector(row.terms, row.weights));
  if (sorted.terms != row.terms || (!row.terms.empty() && row.terms.back() >= columns)) {
    return Error{Code::kInvalidArgument, fmt::format("terms not ascending below {}, or a weight of 0", columns)};
  }
  return ok();
}

}  // namespace

bool looks_like_csr(const InputFile& file) { return read_header(file).has_value(); }

Status read_csr(const InputFile& file, const std::filesystem::path& ids_path, const VectorSink& sink) {
  TAMIS_TRY(const CsrHeader header, read_header(file));
  TAMIS_TRY(RowIds ids, RowIds::open(ids_path));
  RowReader rows(file, header);
  TAMIS_TRY_OK(rows.start());
  for (std::uint64_t row = 0; row < header.rows; ++row) {
    NamedVector out;
    auto vector = rows.next();
    if (!vector) return within(fmt::format("row {}", row), std::move(vector).error());
    out.vector = std::move(*vector);
    TAMIS_TRY(out.id, ids.next(row));
    TAMIS_TRY_OK(sink(std::move(out)));
  }
  TAMIS_TRY_OK(rows.expect_end());
  return ids.expect_end(header.rows);
}

Status write_csr(const std::filesystem::path& path, std::uint64_t columns, const std::vector<SparseVector>& rows) {
  if (columns > (1ULL << 31)) {
    return Error{Code::kInvalidArgument, fmt::format("CSR: {} columns (wanted at most 2^31)", columns)};
  }
  std::uint64_t non_zeros = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (auto status = check_row(rows[i], columns); !status) {
      return within(fmt::format("CSR: row {}", i), std::move(status).error());
    }
    non_zeros += rows[i].size();
  }
  std::string image;
  const CsrHeader header{rows.size(), columns, non_zeros};
  image.reserve(header.end());
  for (const std::uint64_t count : {header.rows, header.columns, header.non_zeros, std::uint64_t{0}}) {
    append(image, count);  // the last is where row 0 begins
  }
  std::uint64_t end = 0;
  for (const auto& row : rows) append(image, end += row.size());
  for (const auto& row : rows) image.append(reinterpret_cast<const char*>(row.terms.data()), row.size() * 4);
  for (const auto& row : rows) image.append(reinterpret_cast<const char*>(row.weights.data()), row.size() * 4);
  return write_file_atomic(path, image);
}

}  // namespace tamis::sparse
