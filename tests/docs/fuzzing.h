#pragma once

#include <tamis/docs/passages.h>
#include <tamis/docs/reader.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

// What the fuzzers of this room share: a law that is broken ends the program, which is what the fuzzer looks for.
namespace tamis::docs {

[[noreturn]] inline void broken_law(const char* what, std::string_view detail = "") {
  std::fprintf(stderr, "broken law: %s %.*s\n", what, static_cast<int>(detail.size()), detail.data());
  std::abort();
}

class FuzzStream final : public ByteStream {
 public:
  FuzzStream(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  Result<std::size_t> read(char* to, std::size_t size) override {
    const std::size_t count = std::min({size, left_, std::size_t{4000}});
    if (count > 0) std::memcpy(to, data_, count);
    data_ += count;
    left_ -= count;
    return count;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

/// Passages are in order, and what they leave out is white space.
inline void check_passages(const ExtractedDocument& document, const PassageConfig& config) {
  const auto blank = [&](std::size_t from, std::size_t to) {
    return std::all_of(document.text.begin() + static_cast<std::ptrdiff_t>(from),
                       document.text.begin() + static_cast<std::ptrdiff_t>(to),
                       [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
  };
  std::size_t at = 0;
  for (const auto& passage : split_passages(document, config)) {
    if (passage.begin < at || passage.end <= passage.begin || passage.end > document.text.size()) {
      broken_law("passages in order");
    }
    if (!blank(at, passage.begin)) broken_law("passages cover the text");
    if (heading_path(document, passage).size() > 200) broken_law("heading paths are short");
    at = passage.end;
  }
  if (!blank(at, document.text.size())) broken_law("passages cover the text to its end");
}

/// Any bytes through one reader: a document that keeps its laws, or an error.
inline void fuzz_reader(std::string_view reader, const std::uint8_t* data, std::size_t size) {
  FuzzStream stream(data, size);
  ReadOptions options;
  options.reader = reader;
  options.limits.file_bytes = 4U << 20U;
  options.limits.record_bytes = 1U << 20U;
  const auto outcome = read_document_stream("input", stream, options, [](ExtractedDocument&& document) {
    check_passages(document, {});
    return ok();
  });
  if (!outcome && outcome.error().message.find("extracted document") != std::string::npos) {
    broken_law("a reader gives sound documents", outcome.error().message);
  }
}

}  // namespace tamis::docs
