#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace tamis::store {

/// Writes the extracted texts of a segment: one long stream of bytes, cut into blocks of 32 KiB that are compressed
/// with zstd (docs/formats/text-file.md). The file appears when finish() returns. Not thread-safe.
class TextWriter {
 public:
  [[nodiscard]] static Result<TextWriter> create(const std::filesystem::path& path);
  TextWriter(TextWriter&&) noexcept;
  TextWriter& operator=(TextWriter&&) noexcept;
  ~TextWriter();
  /// Appends a text; returns its offset in the stream.
  [[nodiscard]] Result<std::uint64_t> append(std::string_view text);
  [[nodiscard]] Status finish();

 private:
  struct Impl;
  explicit TextWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Reads ranges of such a stream; decompresses only the blocks touched. Immutable; safe from any thread.
class TextFile {
 public:
  [[nodiscard]] static Result<TextFile> open(const std::filesystem::path& path);
  [[nodiscard]] std::uint64_t num_bytes() const noexcept;
  /// kInvalidArgument outside the stream, kCorrupt when a block does not decompress or its checksum differs.
  [[nodiscard]] Result<std::string> read(std::uint64_t offset, std::uint64_t bytes) const;
  [[nodiscard]] Status verify() const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace tamis::store
