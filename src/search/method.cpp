#include <fmt/format.h>
#include <tamis/base/check.h>
#include <tamis/search/method.h>

#include <algorithm>

#include "method_parser.h"

namespace tamis::search {
namespace {

const ParameterInfo* find_parameter(const PartInfo& part, std::string_view name) {
  const auto found = std::find_if(part.parameters.begin(), part.parameters.end(),
                                  [&](const ParameterInfo& one) { return one.name == name; });
  return found == part.parameters.end() ? nullptr : &*found;
}

}  // namespace

const PartInfo* find_fusion(std::string_view name) {
  for (const auto& one : known_fusions()) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

const PartInfo* find_step(std::string_view name) {
  for (const auto& one : known_steps()) {
    const bool with_name = one.name.ends_with(':');
    if (with_name ? name.size() > one.name.size() && name.starts_with(one.name) : name == one.name) return &one;
  }
  return nullptr;
}

const MethodPart::Parameter* MethodPart::find(std::string_view parameter) const {
  for (const auto& one : parameters) {
    if (one.name == parameter) return &one;
  }
  return nullptr;
}

double MethodPart::number(std::string_view parameter) const {
  if (const auto* said = find(parameter)) return said->value;
  const auto* part = find_fusion(name);
  if (part == nullptr) part = find_step(name);
  const auto* info = part == nullptr ? nullptr : find_parameter(*part, parameter);
  TAMIS_CHECK(info != nullptr, "a parameter of a known part");
  return info->standard;
}

Result<Method> parse_method(std::string_view text) { return MethodParser(text).parse(); }

std::string to_string(const MethodPart& part) {
  std::string out;
  for (const auto& [name, value, text] : part.parameters) {
    out += fmt::format("{}{}={}", out.empty() ? "" : ",", name, text.empty() ? fmt::format("{}", value) : text);
  }
  return out.empty() ? part.name : fmt::format("{}({})", part.name, out);
}

std::string to_string(const Method& method) {
  const bool fused = method.fields.size() > 1;
  std::string out;
  for (const auto& field : method.fields) {
    std::string one = field.name;
    for (const auto& step : field.steps) one += ">" + to_string(step);
    // Of a single field its steps are the method's.
    if (fused && !field.steps.empty()) one = "(" + one + ")";
    if (fused && field.weight != 1) one += fmt::format("*{}", field.weight);
    out += (out.empty() ? "" : "+") + one;
  }
  if (fused) out += ":" + to_string(method.fusion);
  for (const auto& step : method.steps) out += ">" + to_string(step);
  return out;
}

Method without_steps(const Method& method) {
  Method out = method;
  out.steps.clear();
  for (auto& field : out.fields) field.steps.clear();
  return out;
}

}  // namespace tamis::search
