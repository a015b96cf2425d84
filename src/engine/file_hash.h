#pragma once

#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>

#include <cstdint>
#include <filesystem>

namespace tamis::engine {

/// XXH3 of a file's bytes as they lie on disk. Read, not mapped: somebody may cut the file short meanwhile.
/// @par Errors  kNotFound, kIo, kUnsupported for what is not a regular file, kCancelled; without the path
[[nodiscard]] Result<std::uint64_t> hash_file(const std::filesystem::path& path, const CancelToken& cancel);

}  // namespace tamis::engine
