#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace tamis::models {

/// SHA-256 of a file, 64 hexadecimal digits.
[[nodiscard]] Result<std::string> file_sha256(const std::filesystem::path& path);
/// What git calls a file's content: SHA-1 over "blob <size>", a zero byte and the bytes; 40 hexadecimal digits.
[[nodiscard]] Result<std::string> file_git_id(const std::filesystem::path& path);

}  // namespace tamis::models
