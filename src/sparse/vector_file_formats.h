#pragma once

#include <tamis/sparse/vector_files.h>

#include <cstdint>
#include <filesystem>
#include <functional>

#include "input_file.h"

namespace tamis::sparse {

using VectorSink = std::function<Status(NamedVector&&)>;

/// One line of JSON; longer ones are refused.
inline constexpr std::size_t kMaxJsonLineBytes = 64 << 20;
/// Entries of one row of a compressed file, where the file's size bounds nothing.
inline constexpr std::uint64_t kMaxRowEntries = 1 << 24;

// One function a format. Messages name the line, row or byte; read_vector_file puts the path in front.
[[nodiscard]] Status read_json_lines(const InputFile& file, const VectorSink& sink);
/// @param ids  FILE.ids, which need not exist
[[nodiscard]] Status read_csr(const InputFile& file, const std::filesystem::path& ids, const VectorSink& sink);
[[nodiscard]] Status read_ciff(const InputFile& file, const VectorSink& sink);
/// @param ids  as for read_csr
[[nodiscard]] Status read_seismic(const InputFile& file, const std::filesystem::path& ids, const VectorSink& sink);
/// @param path  the file itself; the zip library opens it
/// @param ids   as for read_csr
[[nodiscard]] Status read_npz(const std::filesystem::path& path, const std::filesystem::path& ids,
                              const VectorSink& sink);
/// Whether the first vectors are lawful, and all of them when they are few: how Seismic's layout is recognised.
[[nodiscard]] bool looks_like_seismic(const InputFile& file);
/// Whether the header's counts give exactly this file's size: how CSR is recognised.
[[nodiscard]] bool looks_like_csr(const InputFile& file);

}  // namespace tamis::sparse
