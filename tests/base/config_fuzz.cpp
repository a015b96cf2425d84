// Any text as a configuration: an error, or a value that survives being written and read again.

#include <tamis/base/config.h>

#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <type_traits>

namespace {

struct FuzzConfig {
  bool flag = false;
  std::uint32_t small = 1;
  std::uint64_t large = 2;
  float single = 3;
  double twice = 4;
  std::string text;
  bool operator==(const FuzzConfig&) const = default;
  [[nodiscard]] tamis::Status validate() const { return tamis::ok(); }
};
template <class Config, class Visitor>
requires std::same_as<std::remove_const_t<Config>, FuzzConfig>
void visit_fields(Config& config, Visitor&& field) {
  field("a", config.flag, "");
  field("b", config.small, "");
  field("c", config.large, "");
  field("d", config.single, "");
  field("e", config.twice, "");
  field("f", config.text, "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auto config = tamis::from_json<FuzzConfig>(json);
  if (!config) return 0;
  const auto again = tamis::from_json<FuzzConfig>(tamis::to_json(*config));
  if (!again || !(*again == *config)) std::abort();
  return 0;
}
