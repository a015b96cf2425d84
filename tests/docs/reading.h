#pragma once

#include <gtest/gtest.h>
#include <tamis/docs/reader.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

// What the tests of this room share: bytes as a stream, documents read from them, damaged copies of them.
namespace tamis::docs {

/// Bytes in memory as a stream; hands out at most `step` at a time.
class MemoryStream final : public ByteStream {
 public:
  explicit MemoryStream(std::string_view bytes, std::size_t step = 1U << 20U) : bytes_(bytes), step_(step) {}
  Result<std::size_t> read(char* data, std::size_t size) override {
    const std::size_t count = std::min({size, step_, bytes_.size()});
    std::memcpy(data, bytes_.data(), count);
    bytes_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view bytes_;
  std::size_t step_;
};

inline Result<std::vector<ExtractedDocument>> read_bytes(std::string_view name, std::string_view bytes,
                                                         const ReadOptions& options = {}) {
  MemoryStream stream(bytes);
  std::vector<ExtractedDocument> documents;
  TAMIS_TRY_OK(read_document_stream(std::filesystem::path(name), stream, options, [&](ExtractedDocument&& document) {
    documents.push_back(std::move(document));
    return ok();
  }));
  return documents;
}

/// The one document of these bytes; a failed expectation and an empty one if there is none.
inline ExtractedDocument read_one(std::string_view name, std::string_view bytes, const ReadOptions& options = {}) {
  auto documents = read_bytes(name, bytes, options);
  EXPECT_TRUE(documents.has_value()) << name << ": " << documents.error().message;
  if (!documents || documents->size() != 1) return {};
  return std::move(documents->front());
}

/// Blocks as text, one a line: "H1 Title", "P text", "L2 item", "T table", "C code", "Q quote"; newlines shown as "|".
inline std::string outline(const ExtractedDocument& document) {
  std::string out;
  for (const auto& block : document.blocks) {
    out += "PHLTCQ"[static_cast<int>(block.kind)];
    if (block.level > 0) out += std::to_string(block.level);
    std::string body = document.text.substr(block.begin, block.end - block.begin);
    std::replace(body.begin(), body.end(), '\n', '|');
    out += ' ' + body + '\n';
  }
  return out;
}

/// The line of the file at which a word of it stands, counted from 1.
inline std::uint32_t line_of(std::string_view file, std::string_view word) {
  const std::size_t at = file.find(word);
  return at == std::string_view::npos
             ? 0
             : static_cast<std::uint32_t>(
                   std::count(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1);
}

/// Expects that every word "w<number>x" of the text is said to come from the line where the file has it.
inline void expect_right_lines(std::string_view file, const ExtractedDocument& document, std::string_view seed) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = document.text.find('w', at)) != std::string::npos; ++at) {
    const std::size_t end = document.text.find_first_not_of("0123456789", at + 1);
    if (end == std::string::npos || end == at + 1 || document.text[end] != 'x') continue;
    ++found;
    const std::string word = document.text.substr(at, end + 1 - at);
    ASSERT_EQ(origin_of(document, static_cast<std::uint32_t>(at)), line_of(file, word)) << word << " " << seed << "\n"
                                                                                        << file;
  }
  EXPECT_GT(found, 0U) << seed << "\n" << file;
}

/// A damaged copy: bytes flipped, cut, doubled, moved, or replaced by pieces that parsers stumble over.
inline std::string mutated(std::string_view seed, std::mt19937& rng, const std::vector<std::string_view>& pieces) {
  std::string bytes(seed);
  const auto below = [&](std::size_t n) { return n == 0 ? 0 : std::size_t{rng()} % n; };
  for (std::size_t edits = 1 + below(8); edits > 0; --edits) {
    const std::size_t at = below(bytes.size() + 1);
    const std::size_t length = std::min(below(64), bytes.size() - at);
    switch (below(7)) {
      case 0:
        if (at < bytes.size()) bytes[at] = static_cast<char>(rng());
        break;
      case 1:
        bytes.erase(at, length);
        break;
      case 2:
        bytes.insert(at, bytes.substr(below(bytes.size()), below(200)));
        break;
      case 3:
        bytes.insert(at, 1 + below(40), at < bytes.size() ? bytes[at] : ' ');
        break;
      case 4:
        bytes.resize(at);
        break;
      case 5:
        bytes.insert(at, 1, static_cast<char>(below(40)));
        break;
      default:
        for (std::size_t n = 1 + below(3); n > 0 && !pieces.empty(); --n)
          bytes.insert(at, pieces[below(pieces.size())]);
    }
    if (bytes.size() > 20000) bytes.resize(20000);
  }
  return bytes;
}

/// 10,000 damaged copies of the seeds through one reader: a checked document or an error, never anything else.
inline void expect_survives_mutation(std::string_view reader, const std::vector<std::string>& seeds,
                                     const std::vector<std::string_view>& pieces) {
  ReadOptions options;
  options.reader = reader;
  for (std::uint32_t seed = 0; seed < 10000; ++seed) {
    std::mt19937 rng(seed);
    const std::string bytes = mutated(seeds[seed % seeds.size()], rng, pieces);
    const auto documents = read_bytes("damaged", bytes, options);
    if (documents) continue;
    // The guard behind every reader calls a broken document corrupt: that is a bug of the reader.
    ASSERT_EQ(documents.error().message.find("extracted document"), std::string::npos)
        << "seed " << seed << ": " << documents.error().message << "\n"
        << bytes;
    ASSERT_FALSE(documents.error().message.empty());
  }
}

/// Processor time of this thread: other programs do not count.
inline double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// One reader over half a megabyte of each pattern, repeated: an answer or an error in a time that only linear work
/// keeps.
inline void expect_no_blow_up(std::string_view reader, const std::vector<std::string_view>& patterns) {
  ReadOptions options;
  options.reader = reader;
  for (const auto pattern : patterns) {
    std::string bytes;
    while (bytes.size() < (1U << 19U)) bytes += pattern;
    const double begin = cpu_seconds();
    const auto documents = read_bytes("pattern", bytes, options);
    const double seconds = cpu_seconds() - begin;
    EXPECT_LT(seconds, 10.0) << pattern;
    if (!documents) {
      EXPECT_EQ(documents.error().code, Code::kExhausted) << pattern << ": " << documents.error().message;
    }
  }
}

}  // namespace tamis::docs
