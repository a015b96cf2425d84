#pragma once

#include <tamis/docs/reader.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>

#include "readers.h"

namespace tamis::docs {

/// A prefix, then one byte over and over: a file of any size that needs no memory.
class GeneratedStream final : public ByteStream {
 public:
  GeneratedStream(std::string prefix, char filler, std::uint64_t size)
      : prefix_(std::move(prefix)), filler_(filler), size_(size) {}
  Result<std::size_t> read(char* data, std::size_t size) override {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size, size_ - given_));
    std::memset(data, filler_, count);
    if (given_ < prefix_.size()) {
      const auto at = static_cast<std::size_t>(given_);
      std::memcpy(data, prefix_.data() + at, std::min(count, prefix_.size() - at));
    }
    given_ += count;
    return count;
  }
  [[nodiscard]] std::uint64_t num_given() const { return given_; }

 private:
  std::string prefix_;
  char filler_;
  std::uint64_t size_, given_ = 0;
};

/// One reader without the choice of a reader in front of it.
inline Status jsonl_documents(ByteStream& stream, const ReadOptions& options, const DocumentSink& sink) {
  return jsonl_reader().read("x.jsonl", stream, options, sink);
}
inline Status csv_documents(std::string_view name, ByteStream& stream, const ReadOptions& options,
                            const DocumentSink& sink) {
  return csv_reader().read(std::filesystem::path(name), stream, options, sink);
}

}  // namespace tamis::docs
