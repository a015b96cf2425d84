#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tamis {

// A configuration is a plain struct with defaults, `Status validate() const`, and one function
//   template <class Config, class Visitor> requires std::same_as<std::remove_const_t<Config>, Bm25Config>
//   void visit_fields(Config& c, Visitor&& field) { field("k1", c.k1, "term frequency saturation, [0, 10]"); … }
// from which JSON, command-line flags (k1 → --k1, avg_length → --avg-length) and the manual's table are made.
// Field types: bool, std::uint32_t, std::uint64_t, float, double, std::string.

/// One field as text: name, type ("number", "flag", "text"), current value, help.
struct FieldText {
  std::string name, type, value, help;
};

namespace detail {
[[nodiscard]] std::string field_to_text(bool value);
[[nodiscard]] std::string field_to_text(std::uint32_t value);
[[nodiscard]] std::string field_to_text(std::uint64_t value);
[[nodiscard]] std::string field_to_text(float value);
[[nodiscard]] std::string field_to_text(double value);
[[nodiscard]] std::string field_to_text(const std::string& value);
[[nodiscard]] Status text_to_field(std::string_view name, std::string_view text, bool& value);
[[nodiscard]] Status text_to_field(std::string_view name, std::string_view text, std::uint32_t& value);
[[nodiscard]] Status text_to_field(std::string_view name, std::string_view text, std::uint64_t& value);
[[nodiscard]] Status text_to_field(std::string_view name, std::string_view text, float& value);
[[nodiscard]] Status text_to_field(std::string_view name, std::string_view text, double& value);
[[nodiscard]] Status text_to_field(std::string_view name, std::string_view text, std::string& value);
[[nodiscard]] Error unknown_field(std::string_view name, std::span<const std::string> known);
struct NameValue {
  std::string name, value;
};
/// Parses one flat JSON object into names and values as text.
[[nodiscard]] Result<std::vector<NameValue>> parse_flat_json(std::string_view json);
[[nodiscard]] std::string to_flat_json(std::span<const FieldText> fields);
}  // namespace detail

/// The fields of a configuration, in order, as text.
template <class Config>
[[nodiscard]] std::vector<FieldText> describe_fields(const Config& config) {
  std::vector<FieldText> fields;
  visit_fields(config, [&](std::string_view name, const auto& value, std::string_view help) {
    using T = std::remove_cvref_t<decltype(value)>;
    const char* type = std::is_same_v<T, bool> ? "flag" : std::is_same_v<T, std::string> ? "text" : "number";
    fields.push_back({std::string(name), type, detail::field_to_text(value), std::string(help)});
  });
  return fields;
}

/// Sets one field from text. kInvalidArgument for an unknown name (the message lists the known ones) or a bad value.
template <class Config>
[[nodiscard]] Status set_field(Config& config, std::string_view wanted, std::string_view text) {
  Status status = ok();
  bool found = false;
  std::vector<std::string> known;
  visit_fields(config, [&](std::string_view name, auto& value, std::string_view) {
    known.emplace_back(name);
    if (name == wanted) {
      found = true;
      status = detail::text_to_field(name, text, value);
    }
  });
  if (!found) return detail::unknown_field(wanted, known);
  return status;
}

/// {"k1":0.9,"b":0.4}
template <class Config>
[[nodiscard]] std::string to_json(const Config& config) {
  const auto fields = describe_fields(config);
  return detail::to_flat_json(fields);
}

/// Reads a flat JSON object over the defaults, then validates. Unknown keys are errors.
template <class Config>
[[nodiscard]] Result<Config> from_json(std::string_view json) {
  Config config;
  TAMIS_TRY(const auto pairs, detail::parse_flat_json(json));
  for (const auto& [name, value] : pairs) TAMIS_TRY_OK(set_field(config, name, value));
  TAMIS_TRY_OK(config.validate());
  return config;
}

}  // namespace tamis
