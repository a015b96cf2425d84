#pragma once

#include <tamis/base/result.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::sparse {

/// What stands before the bytes of a NumPy array (.npy, format versions 1 to 3).
struct NpyHeader {
  char byte_order = '|';         ///< '<' little, '>' big, '|' does not matter
  char kind = 'f';               ///< 'f' floats, 'i' and 'u' whole numbers, 'b' truth values, 'S' bytes
  std::uint32_t item_bytes = 0;  ///< of one item
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;  ///< () = one item
  /// "<f4", as NumPy writes it.
  [[nodiscard]] std::string type_name() const;
  /// Items of all dimensions. kCorrupt when they are more than 2^62.
  [[nodiscard]] Result<std::uint64_t> num_items() const;
};

/// Length of what stands before the header's text: magic, version, length of the text.
/// @param version_major  byte 6 of the file
[[nodiscard]] constexpr std::size_t npy_prefix_bytes(char version_major) { return version_major == 1 ? 10 : 12; }

/// Bytes of a header's text at most; NumPy itself reads no more than 10,000 without being asked.
inline constexpr std::size_t kMaxNpyHeaderBytes = 1 << 16;

/// The length of the header's text.
/// @param prefix  npy_prefix_bytes() bytes
/// @par Errors  kCorrupt: no .npy file; kUnsupported: a version this build does not know; kExhausted: too long
[[nodiscard]] Result<std::size_t> npy_header_size(std::string_view prefix);
/// Reads the text, a Python dictionary with the keys descr, fortran_order and shape.
/// @par Errors  kCorrupt; kUnsupported for types that are no plain items (records, objects)
[[nodiscard]] Result<NpyHeader> parse_npy_header(std::string_view text);

}  // namespace tamis::sparse
