#pragma once

// The layout of a section file, byte for byte; docs/formats/section-file.md explains it.

#include <tamis/base/section_file.h>

#define XXH_STATIC_LINKING_ONLY  // for the size of XXH64_state_t
#include <xxhash.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tamis::detail {

static_assert(std::endian::native == std::endian::little, "files are mapped as they are: little-endian machines only");

inline constexpr std::uint32_t kSectionMagic = 0x534D4154;         // "TAMS"
inline constexpr std::uint32_t kSectionMagicSwapped = 0x54414D53;  // as a machine of the other byte order writes it
inline constexpr std::uint32_t kContainerVersion = 1;
inline constexpr std::uint64_t kSectionAlignment = 64;
inline constexpr std::size_t kMaxNameChars = 31;
inline constexpr std::uint64_t kMaxSections = 65'536;

using SectionName = std::array<char, kMaxNameChars + 1>;  ///< padded with zeros, at least one

struct FileHeader {
  std::uint32_t magic = kSectionMagic;
  std::uint32_t container_version = kContainerVersion;
  FileKind kind = {};
  std::uint32_t content_version = 0;
  std::array<std::uint64_t, 5> reserved = {};  ///< zero
  std::uint64_t checksum = 0;                  ///< XXH64 of the 56 bytes before
};

struct TableEntry {
  SectionName name = {};
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t checksum = 0;  ///< XXH64 of the 32 bytes of the name, then the section's bytes
  std::uint64_t reserved = 0;  ///< zero
};

struct FileFooter {
  std::uint64_t table_offset = 0;
  std::uint64_t num_sections = 0;
  std::uint64_t table_checksum = 0;  ///< XXH64 of the table's bytes
  std::uint64_t file_bytes = 0;
  std::uint64_t header_checksum = 0;           ///< the header's: both ends belong to one file
  std::uint64_t checksum = 0;                  ///< XXH64 of the 40 bytes before
  std::array<std::uint32_t, 3> reserved = {};  ///< zero
  std::uint32_t magic_complement = ~kSectionMagic;
};

static_assert(sizeof(FileHeader) == 64 && sizeof(TableEntry) == 64 && sizeof(FileFooter) == 64);

[[nodiscard]] constexpr std::uint64_t align_section(std::uint64_t offset) noexcept {
  return (offset + kSectionAlignment - 1) / kSectionAlignment * kSectionAlignment;
}

/// XXH64, a piece at a time.
class Checksum {
 public:
  Checksum() noexcept { XXH64_reset(&state_, 0); }
  void add(std::span<const std::byte> bytes) noexcept {
    if (!bytes.empty()) XXH64_update(&state_, bytes.data(), bytes.size());
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return XXH64_digest(&state_); }

 private:
  XXH64_state_t state_;
};

[[nodiscard]] std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept;
[[nodiscard]] std::uint64_t header_checksum(const FileHeader& header) noexcept;
[[nodiscard]] std::uint64_t footer_checksum(const FileFooter& footer) noexcept;

}  // namespace tamis::detail
