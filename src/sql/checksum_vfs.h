#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tamis::sql {

/// Bytes at the end of every page that SQLite leaves to us ("reserved bytes" of the file header).
inline constexpr std::size_t kChecksumBytes = 8;

/// XXH3 of a page without its last 8 bytes, seeded with the page's number (1-based): a page that is damaged, or that
/// stands in another's place, does not match.
[[nodiscard]] std::uint64_t page_checksum(std::span<const std::byte> page, std::uint64_t number) noexcept;

/// The name of a SQLite VFS that seals every page of a database file with page_checksum() when it is written and checks
/// it whenever it is read. A page that does not match reads as SQLITE_IOERR_DATA. SQLite itself has checksums in its
/// write-ahead log only; without this a flipped bit in a row would be a changed answer.
///
/// Registered with SQLite at the first call; nullptr when that fails. Thread-safe.
[[nodiscard]] const char* checksum_vfs() noexcept;

}  // namespace tamis::sql
