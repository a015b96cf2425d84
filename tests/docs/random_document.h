#pragma once

#include <tamis/docs/document.h>

#include <random>
#include <string>

namespace tamis::docs {

inline std::string random_words(std::mt19937& rng, std::size_t count) {
  static const char* const kWords[] = {
      "the",  "log",   "rotates", "weekly.",          "If",
      "not,", "see",   "p. 3:",   "na\xC3\xAFve",     "\xE4\xB8\xAD\xE6\x96\x87\xE5\xAD\x97",
      "--",   "x_y.z", "End!",    "\xF0\x9F\x98\x80", "1,000",
      "so:"};
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += rng() % 9 == 0 ? "\n" : rng() % 40 == 0 ? "   " : " ";
    if (rng() % 60 == 0) {
      text += std::string(1 + rng() % 400, 'w');
    } else {
      text += kWords[rng() % std::size(kWords)];
    }
  }
  return text;
}

/// Any mixture of blocks that keeps the laws of ExtractedDocument, with line or page marks.
inline ExtractedDocument random_document(std::mt19937& rng) {
  ExtractedDocument document;
  const std::size_t num_blocks = rng() % 30;
  const std::size_t longest = rng() % 4 == 0 ? 300 : 30;
  document.text = std::string(rng() % 3, '\n');
  for (std::size_t i = 0; i < num_blocks; ++i) {
    TextBlock block;
    block.kind = static_cast<BlockKind>(rng() % 6);
    const bool heading = block.kind == BlockKind::kHeading;
    block.level = static_cast<std::uint8_t>(heading ? 1 + rng() % 4 : rng() % 4);
    block.begin = static_cast<std::uint32_t>(document.text.size());
    document.text += random_words(rng, 1 + rng() % (heading ? 8 : longest));
    if (block.kind == BlockKind::kCode && rng() % 2 == 0) document.text.insert(block.begin, "    ");
    block.end = static_cast<std::uint32_t>(document.text.size());
    document.blocks.push_back(block);
    document.text += rng() % 4 == 0 ? "\n" : "\n\n";
    if (rng() % 50 == 0) document.text += std::string(rng() % 3000, ' ');
  }
  document.origin_kind = rng() % 2 == 0 ? OriginKind::kLine : OriginKind::kPage;
  std::uint32_t number = 1;
  for (std::uint32_t offset = 0; offset <= document.text.size();
       offset += static_cast<std::uint32_t>(1 + rng() % 500)) {
    document.origins.push_back({offset, number});
    number += static_cast<std::uint32_t>(rng() % 60);
  }
  if (rng() % 10 == 0) document.title = "the log";
  return document;
}

}  // namespace tamis::docs
