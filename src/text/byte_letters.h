#pragma once

#include <array>
#include <cstdint>

namespace tamis::text {

/// GPT-2's letters for bytes: printable characters of Latin-1 stand for themselves, the others take the letters from
/// U+0100 on, in order.
inline constexpr std::array<std::uint32_t, 256> kByteLetters = [] {
  std::array<std::uint32_t, 256> letters{};
  std::uint32_t next = 0x100;
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    const bool itself = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    letters[byte] = itself ? byte : next++;
  }
  return letters;
}();

}  // namespace tamis::text
