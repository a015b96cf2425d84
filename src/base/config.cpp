#include <tamis/base/config.h>

#include <charconv>
#include <cmath>
#include <system_error>

namespace tamis::detail {
namespace {

Error bad_value(std::string_view name, std::string_view text, std::string_view wanted) {
  return Error{Code::kInvalidArgument,
               std::string(name) + ": '" + std::string(text.substr(0, 64)) + "' is not " + std::string(wanted)};
}

/// The shortest text that reads back as the same number.
template <class T>
std::string number_to_text(T value) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return {buffer, end};
}

template <class T>
Status text_to_number(std::string_view name, std::string_view text, T& value, std::string_view wanted) {
  T parsed = {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc() || end != text.data() + text.size()) return bad_value(name, text, wanted);
  if constexpr (std::is_floating_point_v<T>) {
    if (!std::isfinite(parsed)) return bad_value(name, text, wanted);
  }
  value = parsed;
  return ok();
}

constexpr std::string_view kWhole32 = "a whole number from 0 to 4294967295";
constexpr std::string_view kWhole64 = "a whole number from 0 to 18446744073709551615";

}  // namespace

std::string field_to_text(bool value) { return value ? "true" : "false"; }
std::string field_to_text(std::uint32_t value) { return number_to_text(value); }
std::string field_to_text(std::uint64_t value) { return number_to_text(value); }
std::string field_to_text(float value) { return number_to_text(value); }
std::string field_to_text(double value) { return number_to_text(value); }
std::string field_to_text(const std::string& value) { return value; }

Status text_to_field(std::string_view name, std::string_view text, bool& value) {
  if (text != "true" && text != "false") return bad_value(name, text, "true or false");
  value = text == "true";
  return ok();
}
Status text_to_field(std::string_view name, std::string_view text, std::uint32_t& value) {
  return text_to_number(name, text, value, kWhole32);
}
Status text_to_field(std::string_view name, std::string_view text, std::uint64_t& value) {
  return text_to_number(name, text, value, kWhole64);
}
Status text_to_field(std::string_view name, std::string_view text, float& value) {
  return text_to_number(name, text, value, "a number");
}
Status text_to_field(std::string_view name, std::string_view text, double& value) {
  return text_to_number(name, text, value, "a number");
}
Status text_to_field(std::string_view, std::string_view text, std::string& value) {
  value = text;
  return ok();
}

Error unknown_field(std::string_view name, std::span<const std::string> known) {
  std::string list;
  for (const auto& other : known) list += (list.empty() ? "" : ", ") + other;
  return Error{Code::kInvalidArgument, "unknown setting '" + std::string(name.substr(0, 64)) + "': there are " +
                                           (list.empty() ? "none" : list)};
}

}  // namespace tamis::detail
