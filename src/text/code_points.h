#pragma once

#include <cstdint>

namespace tamis::text {

// Classes of characters as the package `tokenizers` sees them. It is made of libraries that follow different versions
// of Unicode: each function says which one, and characters given out later are treated as unassigned, whatever ICU
// knows.

/// White_Space.
[[nodiscard]] bool is_space(std::uint32_t point) noexcept;
/// General category P of Unicode 8, or one of the ASCII signs and symbols.
[[nodiscard]] bool is_punctuation(std::uint32_t point) noexcept;
/// General categories Cc, Cf and Co of Unicode 8.
[[nodiscard]] bool is_other(std::uint32_t point) noexcept;
/// General category Mn of Unicode 8.
[[nodiscard]] bool is_nonspacing_mark(std::uint32_t point) noexcept;
/// General category M of Unicode 9.
[[nodiscard]] bool is_mark(std::uint32_t point) noexcept;
/// One of the blocks that BERT calls Chinese characters.
[[nodiscard]] bool is_chinese(std::uint32_t point) noexcept;
/// General category L of Unicode 16.
[[nodiscard]] bool is_letter(std::uint32_t point) noexcept;
/// General category N of Unicode 16.
[[nodiscard]] bool is_number(std::uint32_t point) noexcept;
/// General category N of Unicode 17.
[[nodiscard]] bool is_numeric(std::uint32_t point) noexcept;
/// `\w` of UTS #18, Unicode 16.
[[nodiscard]] bool is_word(std::uint32_t point) noexcept;
/// Simple lower case of Unicode 17. (İ, the only letter with two, is the caller's.)
[[nodiscard]] std::uint32_t lower(std::uint32_t point) noexcept;

}  // namespace tamis::text
