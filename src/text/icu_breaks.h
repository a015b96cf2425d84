#pragma once

#include <tamis/text/unicode.h>

#include <cstddef>
#include <string_view>
#include <vector>

namespace tamis::text {

/// Words by ICU, dictionaries for Chinese, Japanese, Thai, Lao, Khmer and Burmese included; `base` is added to offsets.
void icu_words(std::string_view text, std::size_t base, std::vector<Range>& out);
/// Sentences by ICU; ranges cover the text.
void icu_sentences(std::string_view text, std::size_t base, std::vector<Range>& out);

}  // namespace tamis::text
