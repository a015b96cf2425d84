#include <tamis/base/check.h>
#include <tamis/search/method.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

// Any bytes are a method or an error, and a method is the same again when it is written and read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tamis::search;
  const auto method = parse_method({reinterpret_cast<const char*>(data), size});
  TAMIS_CHECK(method.has_value() || method.error().code == tamis::Code::kInvalidArgument, "nonsense is an argument");
  if (!method) return 0;
  const auto again = parse_method(to_string(*method));
  TAMIS_CHECK(again.has_value() && *again == *method, "reads back");
  return 0;
}
