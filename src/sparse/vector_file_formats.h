#pragma once

#include <tamis/sparse/vector_files.h>

#include <filesystem>
#include <functional>

#include "input_file.h"

namespace tamis::sparse {

using VectorSink = std::function<Status(NamedVector&&)>;

/// One line of JSON; longer ones are refused.
inline constexpr std::size_t kMaxJsonLineBytes = 64 << 20;
/// One line of FILE.ids.
inline constexpr std::size_t kMaxIdBytes = 1 << 16;

// One function a format. Messages name the line, row or byte; read_vector_file puts the path in front.
[[nodiscard]] Status read_json_lines(const InputFile& file, const VectorSink& sink);
/// @param ids  FILE.ids, which need not exist
[[nodiscard]] Status read_csr(const InputFile& file, const std::filesystem::path& ids, const VectorSink& sink);
[[nodiscard]] Status read_ciff(const InputFile& file, const VectorSink& sink);
/// Whether the header's counts give exactly this file's size: how CSR is recognised.
[[nodiscard]] bool looks_like_csr(const InputFile& file);

}  // namespace tamis::sparse
