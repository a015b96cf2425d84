#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tamis::cli {

/// Writes one JSON object on one line, field by field. Text that is not UTF-8 is repaired, so that the line is always
/// valid JSON.
class JsonObject {
 public:
  JsonObject& text(std::string_view key, std::string_view value);
  JsonObject& number(std::string_view key, std::uint64_t value);
  /// The shortest digits that read back as the same float or double.
  JsonObject& number(std::string_view key, float value);
  JsonObject& number(std::string_view key, double value);
  JsonObject& boolean(std::string_view key, bool value);
  JsonObject& null(std::string_view key);
  /// A value that is JSON already.
  JsonObject& raw(std::string_view key, std::string_view json);
  /// {"a":1}, without a newline.
  [[nodiscard]] std::string finish() &&;

 private:
  void key(std::string_view name);
  std::string out_ = "{";
};

/// "…" with everything escaped that JSON wants escaped.
[[nodiscard]] std::string json_text(std::string_view text);

}  // namespace tamis::cli
