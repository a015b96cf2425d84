#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tamis::models {

/// A JSON value, read from files that nobody vouches for: at most 64 levels deep, no key twice in an object.
class Json {
 public:
  enum class Type : std::uint8_t { kNull, kBool, kNumber, kText, kArray, kObject };
  using Field = std::pair<std::string, Json>;

  /// kCorrupt for what is no JSON. An empty text is none.
  [[nodiscard]] static Result<Json> parse(std::string_view text);
  /// The file's content; the error names the file.
  [[nodiscard]] static Result<Json> read(const std::filesystem::path& path, std::uint64_t limit_bytes);

  [[nodiscard]] Type type() const noexcept { return type_; }
  [[nodiscard]] bool is_object() const noexcept { return type_ == Type::kObject; }
  [[nodiscard]] bool is_array() const noexcept { return type_ == Type::kArray; }
  [[nodiscard]] bool is_null() const noexcept { return type_ == Type::kNull; }
  /// The value of a key; nullptr when there is none, when it is null, or when this is no object.
  [[nodiscard]] const Json* find(std::string_view key) const noexcept;
  [[nodiscard]] std::optional<bool> boolean() const noexcept;
  [[nodiscard]] std::optional<double> number() const noexcept;
  /// A number that is whole and not negative, also when written 1.0.
  [[nodiscard]] std::optional<std::uint64_t> whole() const noexcept;
  [[nodiscard]] std::optional<std::string_view> text() const noexcept;
  [[nodiscard]] const std::vector<Json>& items() const noexcept { return items_; }
  [[nodiscard]] const std::vector<Field>& fields() const noexcept { return fields_; }

 private:
  friend struct JsonReader;
  Type type_ = Type::kNull;
  bool is_whole_ = false;
  std::uint64_t whole_ = 0;
  double number_ = 0.0;
  std::string text_;
  std::vector<Json> items_;
  std::vector<Field> fields_;
};

/// Fields of an object with their limits. A field that is missing or null keeps the default.
class JsonFields {
 public:
  explicit JsonFields(const Json& object) : object_(object) {}
  [[nodiscard]] Status whole(std::string_view key, std::uint32_t& value, std::uint32_t least, std::uint32_t most) const;
  [[nodiscard]] Status number(std::string_view key, float& value, double least, double most) const;
  [[nodiscard]] Status boolean(std::string_view key, bool& value) const;
  [[nodiscard]] Status text(std::string_view key, std::string& value) const;

 private:
  const Json& object_;
};

}  // namespace tamis::models
