#pragma once

#include <tamis/base/file.h>
#include <tamis/base/result.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tamis {

/// Four letters that say what a section file holds, e.g. {'S','P','F','1'}.
using FileKind = std::array<char, 4>;

/// Writes a section file: named byte ranges, each 64-byte aligned and checksummed (XXH64 over name and bytes), a table
/// and a footer at the end. Sections are streamed one after the other. The file appears under `path` only when finish()
/// has returned: it is written beside it, synced and renamed; a writer destroyed before leaves nothing.
class SectionWriter {
 public:
  /// @param version  of the content's format; readers state which they take
  [[nodiscard]] static Result<SectionWriter> create(const std::filesystem::path& path, FileKind kind,
                                                    std::uint32_t version);
  SectionWriter(SectionWriter&&) noexcept;
  SectionWriter& operator=(SectionWriter&&) noexcept;
  ~SectionWriter();

  /// Starts a section; ends the one before. Names are 1–31 characters, each once.
  Status begin(std::string_view name);
  Status append(std::span<const std::byte> bytes);
  template <class T>
  requires std::is_trivially_copyable_v<T> Status append_array(std::span<const T> values) {
    return append(std::as_bytes(values));
  }
  /// begin + append_array.
  template <class T>
  Status add(std::string_view name, std::span<const T> values) {
    TAMIS_TRY_OK(begin(name));
    return append_array(values);
  }
  /// Bytes written so far in the current section.
  [[nodiscard]] std::uint64_t section_bytes() const noexcept;
  /// Writes table and footer, syncs the file, renames it into place, syncs the folder.
  [[nodiscard]] Status finish();

 private:
  struct Impl;
  explicit SectionWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// A section file, mapped. open() checks header, footer, table checksum, sizes and alignment of every section (cost
/// independent of size); verify() recomputes all checksums. Immutable; safe from any thread.
class SectionFile {
 public:
  /// @param oldest, newest  content versions that the caller can read; another gives kUnsupported naming all three
  [[nodiscard]] static Result<SectionFile> open(const std::filesystem::path& path, FileKind kind, std::uint32_t oldest,
                                                std::uint32_t newest);
  [[nodiscard]] std::uint32_t version() const noexcept;
  [[nodiscard]] bool has(std::string_view name) const noexcept;
  /// The bytes of a section; kCorrupt when it is missing.
  [[nodiscard]] Result<std::span<const std::byte>> bytes(std::string_view name) const;
  /// A section as an array; kCorrupt when missing or when its size is no multiple of sizeof(T).
  template <class T>
  requires std::is_trivially_copyable_v<T>
  [[nodiscard]] Result<std::span<const T>> array(std::string_view name) const {
    TAMIS_TRY(const auto raw, bytes(name));
    if (raw.size() % sizeof(T) != 0) return wrong_size(name, raw.size(), sizeof(T));
    return std::span<const T>(reinterpret_cast<const T*>(raw.data()), raw.size() / sizeof(T));
  }
  /// Recomputes every checksum, the padding included; kCorrupt names the file and the section.
  [[nodiscard]] Status verify() const;
  /// Checks the checksums of the named sections only: for the small ones that are trusted as soon as the file is open.
  [[nodiscard]] Status verify(std::span<const std::string_view> names) const;
  [[nodiscard]] const std::filesystem::path& path() const noexcept;
  [[nodiscard]] std::uint64_t size_bytes() const noexcept;
  struct SectionInfo {
    std::string name;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  [[nodiscard]] std::vector<SectionInfo> sections() const;

 private:
  struct Impl;
  explicit SectionFile(std::shared_ptr<const Impl> impl);
  [[nodiscard]] Error wrong_size(std::string_view name, std::size_t size, std::size_t item) const;
  std::shared_ptr<const Impl> impl_;
};

/// XXH3, 64 bits: for fingerprints and change detection, not for security.
[[nodiscard]] std::uint64_t hash_bytes(std::span<const std::byte> bytes, std::uint64_t seed = 0) noexcept;
[[nodiscard]] std::uint64_t hash_text(std::string_view text, std::uint64_t seed = 0) noexcept;

/// hash_bytes() of bytes that come piece by piece. Throws std::bad_alloc, as a vector does.
class Hasher {
 public:
  explicit Hasher(std::uint64_t seed = 0);
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  ~Hasher();
  void add(std::span<const std::byte> bytes) noexcept;
  [[nodiscard]] std::uint64_t value() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tamis
