#include <fmt/format.h>
#include <tamis/search/method.h>

#include <algorithm>
#include <array>

namespace tamis::search {
namespace {

constexpr std::array<std::string_view, 1> kFusions = {"minmax"};

Error wrong(std::string_view text, std::string_view why) {
  return Error{Code::kInvalidArgument,
               fmt::format("method \"{}\": {} (wanted fields joined by +, such as splade-tiny+bm25)", text, why)};
}

}  // namespace

std::span<const std::string_view> fusion_names() noexcept { return kFusions; }

Result<Method> parse_method(std::string_view text) {
  Method method;
  method.fields.clear();
  const auto colon = text.find(':');
  auto rest = text.substr(0, colon);
  for (bool more = true; more;) {
    const auto plus = rest.find('+');
    more = plus != std::string_view::npos;
    std::string field(rest.substr(0, plus));
    rest.remove_prefix(more ? plus + 1 : rest.size());
    if (field.empty()) return wrong(text, "a field without a name");
    const auto& known = method.fields;
    if (std::find(known.begin(), known.end(), field) != known.end()) return wrong(text, field + " is named twice");
    method.fields.push_back(std::move(field));
  }
  if (colon == std::string_view::npos) return method;
  method.fusion = text.substr(colon + 1);
  if (std::find(kFusions.begin(), kFusions.end(), method.fusion) != kFusions.end()) return method;
  return wrong(text, fmt::format("fusion \"{}\" is not known, {} is", method.fusion, fmt::join(kFusions, ", ")));
}

std::string to_string(const Method& method) {
  std::string out = fmt::format("{}", fmt::join(method.fields, "+"));
  return method.fields.size() > 1 ? out + ":" + method.fusion : out;
}

}  // namespace tamis::search
