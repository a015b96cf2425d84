#pragma once

#include <tamis/base/result.h>
#include <tamis/base/section_file.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace tamis::search {

/// Dense vectors of texts in one file, 8 bits a value, found by the text itself: by its hash and length, so that
/// nothing in it can belong to another state of an index, and what is missing or too many does no harm.
/// docs/formats/dense.md.
class DenseStore {
 public:
  /// What a vector is found by. Two texts of one key would have to have the same 64-bit hash and length.
  struct Key {
    std::uint64_t hash = 0;
    std::uint64_t bytes = 0;
    auto operator<=>(const Key&) const = default;
  };
  [[nodiscard]] static Key key_of(std::string_view text) { return {hash_text(text), text.size()}; }
  struct Vector {
    float scale = 0;                      ///< times a value
    std::span<const std::int8_t> values;  ///< [dimension]
  };

  /// Checks keys and sizes; vectors when they are asked for. Cost: 24 bytes a vector.
  /// @param fingerprint  of the encoder that made them: kUnsupported when it was another one; nullopt = any
  /// @par Errors  kNotFound, kCorrupt, kUnsupported, naming the file
  [[nodiscard]] static Result<DenseStore> open(const std::filesystem::path& path,
                                               std::optional<std::string_view> fingerprint);
  /// Checks every vector. kCorrupt, naming the file.
  [[nodiscard]] Status verify() const;
  [[nodiscard]] std::size_t size() const noexcept { return keys_.size(); }
  [[nodiscard]] std::size_t dimension() const noexcept { return dimension_; }
  [[nodiscard]] bool contains(const Key& key) const noexcept;
  /// nullopt = it has none. kCorrupt when the vector is damaged.
  [[nodiscard]] Result<std::optional<Vector>> find(const Key& key) const;

 private:
  friend class DenseStoreWriter;
  DenseStore(SectionFile file, std::size_t dimension) : file_(std::move(file)), dimension_(dimension) {}
  [[nodiscard]] std::optional<std::size_t> place(const Key& key) const noexcept;
  SectionFile file_;
  std::size_t dimension_ = 0;
  std::span<const Key> keys_;              // ascending
  std::span<const float> scales_;          // [keys]
  std::span<const std::uint32_t> checks_;  // [keys], of scale and values
  std::span<const std::int8_t> values_;    // [keys][dimension]
};

/// Gathers vectors in memory and writes them as one file.
class DenseStoreWriter {
 public:
  explicit DenseStoreWriter(std::size_t dimension) : dimension_(dimension) {}
  /// Rounded to 8 bits, the largest of the vector is 127. A text that is there already stays.
  /// @pre vector.size() is the dimension, values finite
  void add(const DenseStore::Key& key, std::span<const float> vector);
  /// As it is stored. kCorrupt, kInvalidArgument for another dimension.
  [[nodiscard]] Status copy(const DenseStore& from, const DenseStore::Key& key);
  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
  /// The file appears complete or not at all.
  [[nodiscard]] Status finish(const std::filesystem::path& path, std::string_view fingerprint) const;

 private:
  std::size_t dimension_;
  std::map<DenseStore::Key, std::size_t> places_;
  std::vector<float> scales_;
  std::vector<std::int8_t> values_;
};

}  // namespace tamis::search
