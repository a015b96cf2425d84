#pragma once

#include <tamis/base/file.h>
#include <tamis/base/result.h>
#include <tamis/sieve/row_source.h>
#include <tamis/sparse/quantize.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace tamis::bench {

/// Vectors where they lie in a mapped CSR file of ascending columns.
class MappedCsr final : public sieve::RowSource {
 public:
  [[nodiscard]] static Result<MappedCsr> open(const std::string& path, const sparse::WeightScale& scale) {
    TAMIS_TRY(auto file, MappedFile::open(path));
    return MappedCsr(std::move(file), scale);
  }
  [[nodiscard]] std::uint64_t size() const override { return rows_; }
  [[nodiscard]] PassageId id(std::uint64_t row) const override { return row; }
  [[nodiscard]] Status read(std::uint64_t row, std::vector<TermId>& terms,
                            std::vector<std::uint16_t>& levels) const override {
    const auto begin = number<std::uint64_t>(24 + 8 * row);
    const auto count = static_cast<std::size_t>(number<std::uint64_t>(32 + 8 * row) - begin);
    const auto* const columns = file_.bytes().data() + 24 + 8 * (rows_ + 1) + 4 * begin;
    terms.resize(count);
    levels.resize(count);
    if (count == 0) return ok();
    std::memcpy(terms.data(), columns, 4 * count);
    const auto* const weights = reinterpret_cast<const float*>(columns + 4 * postings_);
    sparse::quantize(scale_, {weights, count}, levels);
    return ok();
  }

 private:
  MappedCsr(MappedFile file, const sparse::WeightScale& scale) : file_(std::move(file)), scale_(scale) {
    rows_ = number<std::uint64_t>(0);
    postings_ = number<std::uint64_t>(16);
  }
  template <class T>
  [[nodiscard]] T number(std::uint64_t at) const {
    T value;
    std::memcpy(&value, file_.bytes().data() + at, sizeof value);
    return value;
  }
  MappedFile file_;
  sparse::WeightScale scale_;
  std::uint64_t rows_ = 0, postings_ = 0;
};

}  // namespace tamis::bench
