#pragma once

#include <tamis/base/section_file.h>

#include <cstdint>
#include <string_view>

namespace tamis::store {

// The parts of a text file (docs/formats/text-file.md).
inline constexpr FileKind kTextFileKind = {'T', 'E', 'X', 'T'};
inline constexpr std::uint32_t kTextFileVersion = 1;
inline constexpr std::uint32_t kTextBlockBytes = 32768;

inline constexpr std::string_view kBlocksSection = "blocks";  ///< zstd frames, one behind the other
inline constexpr std::string_view kOffsetsSection =
    "offsets";                                                ///< u64 [blocks + 1], where each frame begins in "blocks"
inline constexpr std::string_view kHashesSection = "hashes";  ///< u64 [blocks], XXH3 of each block's text
inline constexpr std::string_view kMetaSection = "meta";      ///< one TextMeta

struct TextMeta {
  std::uint64_t num_bytes = 0;    ///< length of the stream
  std::uint32_t block_bytes = 0;  ///< of every block but the last
  std::uint32_t num_blocks = 0;
};

}  // namespace tamis::store
