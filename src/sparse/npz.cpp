// The CSR matrix of scipy.sparse.save_npz: a zip file of the NumPy arrays format, shape, indptr, indices and data.
#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "npy.h"
#include "row_ids.h"
#include "vector_file_formats.h"

namespace tamis::sparse {
namespace {

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
struct CloseMember {
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};

Error zip_failure(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  Error out{code == ZIP_ER_COMPNOTSUPP || code == ZIP_ER_ENCRNOTSUPP || code == ZIP_ER_NOPASSWD ? Code::kUnsupported
                                                                                                : Code::kCorrupt,
            fmt::format("zip file: {}", zip_error_strerror(&error))};
  zip_error_fini(&error);
  return out;
}

/// One array of the file, read in order; nothing is believed of its length but what comes out.
class Member {
 public:
  [[nodiscard]] static Result<Member> open(zip_t* archive, std::string_view name) {
    Member member;
    member.name_ = name;
    const std::string file_name = fmt::format("{}.npy", name);
    member.file_.reset(zip_fopen(archive, file_name.c_str(), ZIP_FL_ENC_RAW));
    if (!member.file_) {
      const int code = zip_error_code_zip(zip_get_error(archive));
      if (code != ZIP_ER_NOENT) return within(file_name, zip_failure(code));
      return Error{Code::kUnsupported,
                   fmt::format("no array {} (wanted a CSR matrix of scipy.sparse.save_npz)", file_name)};
    }
    auto header = member.read_header();
    if (!header) return within(file_name, std::move(header).error());
    member.header_ = std::move(*header);
    return member;
  }
  [[nodiscard]] const NpyHeader& header() const { return header_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// The array's length, which must have one dimension.
  [[nodiscard]] Result<std::uint64_t> length() const {
    if (header_.shape.size() == 1) return header_.shape[0];
    return Error{Code::kCorrupt, fmt::format("{}: {} dimensions (wanted 1)", name_, header_.shape.size())};
  }
  /// The next `size` bytes.
  [[nodiscard]] Status bytes(char* out, std::size_t size) {
    while (size > 0) {
      const zip_int64_t got = zip_fread(file_.get(), out, size);
      if (got < 0) return within(name_, zip_failure(zip_error_code_zip(zip_file_get_error(file_.get()))));
      if (got == 0) return Error{Code::kCorrupt, fmt::format("{}: cut off ({} more bytes wanted)", name_, size)};
      out += got;
      size -= static_cast<std::size_t>(got);
    }
    return ok();
  }
  /// Reading the end is what checks the member's checksum.
  [[nodiscard]] Status expect_end() {
    char more = 0;
    const zip_int64_t got = zip_fread(file_.get(), &more, 1);
    if (got == 0) return ok();
    if (got < 0) return within(name_, zip_failure(zip_error_code_zip(zip_file_get_error(file_.get()))));
    return Error{Code::kCorrupt, fmt::format("{}: more bytes than its shape says", name_)};
  }

 private:
  [[nodiscard]] Result<NpyHeader> read_header() {
    std::string prefix(npy_prefix_bytes(1), '\0');
    TAMIS_TRY_OK(bytes(prefix.data(), prefix.size()));
    const std::size_t wanted = npy_prefix_bytes(prefix[6]);
    const std::size_t held = prefix.size();
    prefix.resize(wanted);
    TAMIS_TRY_OK(bytes(prefix.data() + held, wanted - held));
    TAMIS_TRY(const std::size_t size, npy_header_size(prefix));
    std::string text(size, '\0');
    TAMIS_TRY_OK(bytes(text.data(), size));
    return parse_npy_header(text);
  }
  std::unique_ptr<zip_file_t, CloseMember> file_;
  std::string name_;
  NpyHeader header_;
};

/// Numbers of a member, of whatever type they are stored as, handed out as `Number`.
template <class Number>
class Numbers {
 public:
  [[nodiscard]] static Result<Numbers> open(Member member) {
    const auto& header = member.header();
    Numbers out;
    const bool wide = header.item_bytes > 1;
    if (header.byte_order != '<' && wide) return wrong_type(member);
    for (const auto& [type, convert] : kTypes) {
      if (type == std::string{header.kind} + std::to_string(header.item_bytes)) out.convert_ = convert;
    }
    if (out.convert_ == nullptr) return wrong_type(member);
    out.member_ = std::move(member);
    return out;
  }
  [[nodiscard]] Result<std::uint64_t> length() const { return member_.length(); }
  /// Appends `count` numbers, in steps, so that memory grows with what is there and not with what is claimed.
  [[nodiscard]] Status take(std::uint64_t count, std::vector<Number>& out) {
    const std::size_t item = member_.header().item_bytes;
    while (count > 0) {
      const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(count, kStep));
      bytes_.resize(step * item);
      TAMIS_TRY_OK(member_.bytes(bytes_.data(), bytes_.size()));
      for (std::size_t i = 0; i < step; ++i) out.push_back(convert_(bytes_.data() + i * item));
      count -= step;
    }
    return ok();
  }
  [[nodiscard]] Status expect_end() { return member_.expect_end(); }

 private:
  using Convert = Number (*)(const char*);
  static constexpr std::size_t kStep = 1 << 14;
  template <class Stored>
  static Number convert(const char* bytes) {
    Stored stored{};
    std::memcpy(&stored, bytes, sizeof stored);
    return static_cast<Number>(stored);
  }
  static Error wrong_type(const Member& member) {
    return {Code::kUnsupported,
            fmt::format("{}: items of type {} (wanted little-endian {})", member.name(), member.header().type_name(),
                        std::is_integral_v<Number> ? "i4 or i8" : "f4, f8 or whole numbers")};
  }
  struct Type {
    std::string_view name;
    Convert convert;
  };
  static constexpr auto types() {
    if constexpr (std::is_integral_v<Number>) {
      return std::array<Type, 2>{{{"i4", convert<std::int32_t>}, {"i8", convert<std::int64_t>}}};
    } else {
      return std::array<Type, 11>{{{"f4", convert<float>},
                                   {"f8", convert<double>},
                                   {"i1", convert<std::int8_t>},
                                   {"i2", convert<std::int16_t>},
                                   {"i4", convert<std::int32_t>},
                                   {"i8", convert<std::int64_t>},
                                   {"u1", convert<std::uint8_t>},
                                   {"u2", convert<std::uint16_t>},
                                   {"u4", convert<std::uint32_t>},
                                   {"u8", convert<std::uint64_t>},
                                   {"b1", convert<std::uint8_t>}}};
    }
  }
  static constexpr auto kTypes = types();
  Member member_;
  Convert convert_ = nullptr;
  std::string bytes_;
};

Status check_format(zip_t* archive) {
  TAMIS_TRY(Member member, Member::open(archive, "format"));
  const auto& header = member.header();
  constexpr std::uint32_t kLongestName = 16;
  std::string name;
  if (header.kind == 'S' && header.shape.empty() && header.item_bytes <= kLongestName) {
    name.resize(header.item_bytes);
    TAMIS_TRY_OK(member.bytes(name.data(), name.size()));
    name.resize(std::min(name.size(), name.find('\0')));
  }
  if (name == "csr") return ok();
  return Error{Code::kUnsupported, fmt::format("a matrix in the format \"{}\" (wanted csr: matrix.tocsr())", name)};
}

/// The arrays of a CSR matrix, read side by side.
class Matrix {
 public:
  [[nodiscard]] static Result<Matrix> open(zip_t* archive) {
    TAMIS_TRY_OK(check_format(archive));
    Matrix out;
    TAMIS_TRY_OK(out.read_shape(archive));
    TAMIS_TRY(Member pointers, Member::open(archive, "indptr"));
    TAMIS_TRY(Member columns, Member::open(archive, "indices"));
    TAMIS_TRY(Member weights, Member::open(archive, "data"));
    TAMIS_TRY(out.pointers_, Numbers<std::int64_t>::open(std::move(pointers)));
    TAMIS_TRY(out.indices_, Numbers<std::int64_t>::open(std::move(columns)));
    TAMIS_TRY(out.weights_, Numbers<double>::open(std::move(weights)));
    TAMIS_TRY(const std::uint64_t num_pointers, out.pointers_.length());
    TAMIS_TRY(out.non_zeros_, out.indices_.length());
    TAMIS_TRY(const std::uint64_t num_weights, out.weights_.length());
    if (num_pointers != out.rows_ + 1 || out.non_zeros_ != num_weights) {
      return Error{Code::kCorrupt,
                   fmt::format("{} row pointers, {} columns and {} weights (wanted {} pointers, as many columns as "
                               "weights)",
                               num_pointers, out.non_zeros_, num_weights, out.rows_ + 1)};
    }
    TAMIS_TRY(out.begin_, out.pointer());
    if (out.begin_ != 0) return Error{Code::kCorrupt, fmt::format("row 0 begins at {} (wanted 0)", out.begin_)};
    return out;
  }
  [[nodiscard]] std::uint64_t rows() const { return rows_; }

  [[nodiscard]] Result<SparseVector> next() {
    TAMIS_TRY(const std::int64_t end, pointer());
    if (end < begin_ || static_cast<std::uint64_t>(end) > non_zeros_) {
      return Error{Code::kCorrupt,
                   fmt::format("row pointers {} to {} (wanted ascending, at most {})", begin_, end, non_zeros_)};
    }
    const auto size = static_cast<std::uint64_t>(end - begin_);
    if (size > kMaxRowEntries) {
      return Error{Code::kExhausted, fmt::format("{} entries (at most {} are read)", size, kMaxRowEntries)};
    }
    raw_terms_.clear();
    raw_weights_.clear();
    TAMIS_TRY_OK(indices_.take(size, raw_terms_));
    TAMIS_TRY_OK(weights_.take(size, raw_weights_));
    begin_ = end;
    std::vector<TermId> terms;
    std::vector<float> weights;
    for (const std::int64_t column : raw_terms_) {
      if (column < 0 || static_cast<std::uint64_t>(column) >= columns_) {
        return Error{Code::kCorrupt, fmt::format("column {} (wanted 0 to {})", column, columns_)};
      }
      terms.push_back(static_cast<TermId>(column));
    }
    for (const double weight : raw_weights_) weights.push_back(static_cast<float>(weight));
    auto vector = make_vector(terms, weights);
    if (!vector) return Error{Code::kCorrupt, std::move(vector).error().message};
    return vector;
  }
  [[nodiscard]] Status expect_end() {
    if (static_cast<std::uint64_t>(begin_) != non_zeros_) {
      return Error{Code::kCorrupt, fmt::format("the last row ends at {} (wanted {})", begin_, non_zeros_)};
    }
    TAMIS_TRY_OK(pointers_.expect_end());
    TAMIS_TRY_OK(indices_.expect_end());
    return weights_.expect_end();
  }

 private:
  [[nodiscard]] Status read_shape(zip_t* archive) {
    TAMIS_TRY(Member member, Member::open(archive, "shape"));
    TAMIS_TRY(const std::uint64_t dimensions, member.length());
    TAMIS_TRY(auto numbers, Numbers<std::int64_t>::open(std::move(member)));
    std::vector<std::int64_t> shape;
    if (dimensions == 2) TAMIS_TRY_OK(numbers.take(2, shape));
    if (dimensions != 2 || shape[0] < 0 || shape[1] < 0 || shape[1] > (std::int64_t{1} << 31)) {
      return Error{Code::kCorrupt,
                   fmt::format("shape ({}) (wanted rows and columns, at most 2^31 columns)", fmt::join(shape, ", "))};
    }
    rows_ = static_cast<std::uint64_t>(shape[0]);
    columns_ = static_cast<std::uint64_t>(shape[1]);
    return ok();
  }
  [[nodiscard]] Result<std::int64_t> pointer() {
    raw_terms_.clear();
    TAMIS_TRY_OK(pointers_.take(1, raw_terms_));
    return raw_terms_[0];
  }
  std::uint64_t rows_ = 0, columns_ = 0, non_zeros_ = 0;
  Numbers<std::int64_t> pointers_, indices_;
  Numbers<double> weights_;
  std::int64_t begin_ = 0;
  std::vector<std::int64_t> raw_terms_;
  std::vector<double> raw_weights_;
};

}  // namespace

Status read_npz(const std::filesystem::path& path, const std::filesystem::path& ids_path, const VectorSink& sink) {
  int code = 0;
  const Archive archive(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!archive) return zip_failure(code);
  TAMIS_TRY(Matrix matrix, Matrix::open(archive.get()));
  TAMIS_TRY(RowIds ids, RowIds::open(ids_path));
  for (std::uint64_t row = 0; row < matrix.rows(); ++row) {
    NamedVector out;
    auto vector = matrix.next();
    if (!vector) return within(fmt::format("row {}", row), std::move(vector).error());
    out.vector = std::move(*vector);
    TAMIS_TRY(out.id, ids.next(row));
    TAMIS_TRY_OK(sink(std::move(out)));
  }
  TAMIS_TRY_OK(matrix.expect_end());
  return ids.expect_end(matrix.rows());
}

}  // namespace tamis::sparse
