#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/result.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::index {

/// The term strings of a collection: term ids are numbers in order of first sight, global and for ever. A vocabulary is
/// a chain of immutable files, each holding the terms [first, first + n) that its generation added, with a hash table.
/// Opening maps them; finding costs one probe sequence a file. Immutable; safe from any thread.
class Vocabulary {
 public:
  Vocabulary() = default;
  /// @param paths  in order; each must continue where the one before ended (kCorrupt otherwise)
  [[nodiscard]] static Result<Vocabulary> open(std::span<const std::filesystem::path> paths);
  [[nodiscard]] std::uint32_t size() const noexcept;
  [[nodiscard]] std::optional<TermId> find(std::string_view key) const noexcept;
  /// Valid while the vocabulary lives. @pre id < size()
  [[nodiscard]] std::string_view term(TermId id) const noexcept;
  [[nodiscard]] Status verify() const;

 private:
  struct File;
  std::vector<std::shared_ptr<const File>> files_;
};

/// Adds terms to a vocabulary. Not thread-safe.
class VocabularyWriter {
 public:
  explicit VocabularyWriter(Vocabulary base);
  ~VocabularyWriter();
  VocabularyWriter(VocabularyWriter&&) noexcept;
  VocabularyWriter& operator=(VocabularyWriter&&) noexcept;
  /// The id of a key, given a new one at first sight. kExhausted after 2^32 - 2 terms. Keys up to 65,535 bytes.
  [[nodiscard]] Result<TermId> intern(std::string_view key);
  [[nodiscard]] std::uint32_t size() const noexcept;
  [[nodiscard]] std::uint32_t num_new() const noexcept;
  /// Writes the new terms as the next file of the chain. Nothing to write is fine: no file, returns false.
  [[nodiscard]] Result<bool> write_new(const std::filesystem::path& path) const;
  /// Writes all terms, old and new, as one file: a chain of one.
  [[nodiscard]] Status write_all(const std::filesystem::path& path) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tamis::index
