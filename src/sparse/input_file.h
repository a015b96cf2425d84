#pragma once

#include <tamis/base/result.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tamis::sparse {

/// A file that is read by position, not mapped: a file that shrinks while it is read gives an error, not a signal.
class InputFile {
 public:
  [[nodiscard]] static Result<InputFile> open(const std::filesystem::path& path);
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) noexcept;
  ~InputFile();
  /// When it was opened.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// A plain file has a size and positions; a pipe has only a next byte.
  [[nodiscard]] bool is_regular() const noexcept { return regular_; }
  /// Up to out.size() bytes from `offset` on (from the next byte of a pipe); 0 = end.
  [[nodiscard]] Result<std::size_t> read_some(std::uint64_t offset, std::span<char> out) const;

 private:
  InputFile(int descriptor, std::uint64_t size, bool regular)
      : descriptor_(descriptor), size_(size), regular_(regular) {}
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  bool regular_ = false;
};

/// Reads a range of a file in order through a buffer of its own; several may read one file at once. The file outlives
/// it.
class Cursor {
 public:
  explicit Cursor(const InputFile& file, std::uint64_t begin = 0) : file_(&file), next_(begin) {}
  /// Position of the next byte that is handed out.
  [[nodiscard]] std::uint64_t offset() const noexcept { return next_ - (end_ - begin_); }
  /// The next byte; nullopt = end of file.
  [[nodiscard]] Result<std::optional<char>> byte();
  /// Exactly out.size() bytes; kCorrupt ("cut off") when the file ends before.
  [[nodiscard]] Status bytes(std::span<char> out);
  /// The next line without its end (\n or \r\n); false = no more. kExhausted when longer than `limit_bytes`.
  [[nodiscard]] Result<bool> line(std::string& out, std::size_t limit_bytes);

 private:
  [[nodiscard]] Result<bool> fill();
  static constexpr std::size_t kBufferBytes = 1 << 18;
  const InputFile* file_;
  std::uint64_t next_ = 0;  // position after the buffer
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace tamis::sparse
