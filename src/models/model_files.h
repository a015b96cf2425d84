#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::models {

/// Whether a file of a published model is one that an encoder, its tokenizer or a reader of licences wants:
/// configurations, vocabularies, safetensors, licence. Other formats of the same weights and training logs are not.
/// @param path  relative, with slashes
[[nodiscard]] bool is_model_file(std::string_view path) noexcept;
/// Whether a relative path of a listing stays inside the folder that it is written to.
[[nodiscard]] bool is_inside(std::string_view path) noexcept;
/// Copies the model files of a folder (at most two levels down; links are followed), synced. kExhausted above
/// `max_bytes`.
[[nodiscard]] Status copy_model_files(const std::filesystem::path& from, const std::filesystem::path& to,
                                      std::uint64_t max_bytes);
/// Syncs a file that something else has written.
[[nodiscard]] Status sync_file(const std::filesystem::path& path);
/// Bytes of all files below a folder.
[[nodiscard]] std::uint64_t folder_bytes(const std::filesystem::path& folder);

}  // namespace tamis::models
