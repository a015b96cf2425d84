#pragma once

#include <cstdint>
#include <string_view>

namespace tamis::engine {

/// Whether a file may hold more documents than one: by its reader, or because its ending says nothing.
[[nodiscard]] bool may_hold_many(std::string_view path, std::string_view forced_reader);
/// Whether it is read on a thread of its own while the workers analyse: a file that may hold many documents and is
/// long, or may be once it is decompressed.
[[nodiscard]] bool is_streamed(std::string_view path, std::uint64_t size_bytes, std::string_view forced_reader);

}  // namespace tamis::engine
