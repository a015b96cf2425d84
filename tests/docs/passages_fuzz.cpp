#include <tamis/text/unicode.h>

#include "docs/fuzzing.h"

/// Three bytes of configuration, then blocks as (kind, level, bytes, gap) and their text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tamis::docs;
  if (size < 3) return 0;
  PassageConfig config;
  config.max_words = 1U + data[0];
  config.target_words = 1U + data[1] % config.max_words;
  config.min_words = data[2] % (config.target_words + 1);
  ExtractedDocument document;
  for (std::size_t at = 3; at + 4 <= size;) {
    const std::size_t length = std::min<std::size_t>(data[at + 2], size - at - 4);
    auto text = tamis::text::repair_utf8({reinterpret_cast<const char*>(data) + at + 4, length});
    std::replace(text.begin(), text.end(), '\0', ' ');
    std::replace(text.begin(), text.end(), '\r', ' ');
    const auto begin = static_cast<std::uint32_t>(document.text.size());
    document.text += text;
    if (!text.empty()) {
      document.blocks.push_back({static_cast<BlockKind>(data[at] % 6), static_cast<std::uint8_t>(1 + data[at + 1] % 6),
                                 begin, static_cast<std::uint32_t>(document.text.size())});
    }
    document.text.append(data[at + 3] % 4, '\n');
    at += 4 + length;
  }
  document.origins = {{0, 1}};
  if (const auto status = check_document(document); !status) broken_law("this fuzzer", status.error().message);
  check_passages(document, config);
  config.whole_document = true;
  check_passages(document, config);
  return 0;
}
