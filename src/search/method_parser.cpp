#include "method_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

namespace tamis::search {
namespace {

constexpr double kMaxFieldWeight = 1e6;

bool is_name_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-' || byte >= 0x80;
}

std::string names_of(std::span<const PartInfo> parts, bool of_fields = false) {
  std::string out;
  for (const auto& part : parts) {
    if (of_fields && !part.of_field) continue;
    out += (out.empty() ? "" : ", ") + std::string(part.name) + (part.name.ends_with(':') ? "NAME" : "");
  }
  return out;
}

std::string names_of(std::span<const ParameterInfo> parameters) {
  std::string out;
  for (const auto& one : parameters) out += (out.empty() ? "" : ", ") + std::string(one.name);
  return out.empty() ? "none" : out;
}

bool parse_number(std::string_view text, double& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(out);
}

}  // namespace

Error MethodParser::wrong(std::string_view why) const {
  return Error{Code::kInvalidArgument, fmt::format("method \"{}\": {} (wanted fields joined by +, such as "
                                                   "splade-tiny+bm25, then :fusion, then >steps)",
                                                   text_.substr(0, 200), why)};
}

void MethodParser::skip_blanks() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
}

bool MethodParser::take(char sign) {
  skip_blanks();
  if (at_ == text_.size() || text_[at_] != sign) return false;
  ++at_;
  return true;
}

std::string_view MethodParser::word() {
  skip_blanks();
  const auto begin = at_;
  while (at_ < text_.size() && is_name_byte(text_[at_])) ++at_;
  return text_.substr(begin, at_ - begin);
}

std::string MethodParser::seen() const {
  return at_ >= text_.size() ? "the end" : fmt::format("\"{}\"", text_.substr(at_, 20));
}

Result<std::string> MethodParser::field_name() {
  std::string name(word());
  if (name.empty()) return wrong(fmt::format("a field without a name, at {}", seen()));
  return name;
}

Result<Method> MethodParser::parse() {
  if (text_.size() > kMaxMethodBytes) {
    return wrong(fmt::format("{} bytes (wanted at most {})", text_.size(), kMaxMethodBytes));
  }
  Method method;
  method.fields.clear();
  do {
    TAMIS_TRY(auto one, field());
    method.fields.push_back(std::move(one));
  } while (take('+'));
  if (take(':')) {
    TAMIS_TRY(method.fusion, fusion());
  }
  while (take('>')) {
    TAMIS_TRY(auto one, step(false));
    method.steps.push_back(std::move(one));
  }
  skip_blanks();
  if (at_ < text_.size()) return wrong(fmt::format("{} makes no sense there", seen()));
  TAMIS_TRY_OK(check(method));
  auto& first = method.fields.front();
  if (method.fields.size() == 1) {  // there is nothing to fuse: its steps are the method's
    first.weight = 1;
    method.fusion = Method().fusion;
    method.steps.insert(method.steps.begin(), first.steps.begin(), first.steps.end());
    first.steps.clear();
  }
  return method;
}

Status MethodParser::check(const Method& method) const {
  const auto& fields = method.fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto same = [&](const Method::Field& one) { return one.name == fields[i].name; };
    if (std::any_of(fields.begin() + static_cast<std::ptrdiff_t>(i) + 1, fields.end(), same)) {
      return wrong(fields[i].name + " is named twice");
    }
  }
  if (std::all_of(fields.begin(), fields.end(), [](const auto& one) { return one.weight == 0; })) {
    return wrong("all weights are 0");
  }
  for (const auto& step : method.steps) {
    if (!step.name.starts_with(kOnlyPrefix)) continue;
    const auto name = std::string_view(step.name).substr(kOnlyPrefix.size());
    if (std::none_of(fields.begin(), fields.end(), [&](const auto& one) { return one.name == name; })) {
      return wrong(fmt::format("{}: the method has no field of that name", step.name));
    }
  }
  return ok();
}

Result<Method::Field> MethodParser::field() {
  Method::Field out;
  const bool grouped = take('(');
  TAMIS_TRY(out.name, field_name());
  while (grouped && take('>')) {
    TAMIS_TRY(auto one, step(true));
    out.steps.push_back(std::move(one));
  }
  if (grouped && !take(')')) return wrong(fmt::format("{} where a ) is wanted", seen()));
  if (!take('*')) return out;
  const auto weight = word();
  if (!parse_number(weight, out.weight) || out.weight < 0 || out.weight > kMaxFieldWeight || std::signbit(out.weight)) {
    return wrong(fmt::format("the weight of {} is \"{}\" (wanted a number from 0 to {:.0f})", out.name, weight,
                             kMaxFieldWeight));
  }
  return out;
}

Result<MethodPart> MethodParser::fusion() {
  MethodPart out{std::string(word())};
  const auto* info = find_fusion(out.name);
  if (info == nullptr) {
    return wrong(fmt::format("fusion \"{}\" is not known; {} are", out.name, names_of(known_fusions())));
  }
  TAMIS_TRY_OK(parameters(*info, out));
  return out;
}

Result<MethodPart> MethodParser::step(bool of_field) {
  MethodPart out{std::string(word())};
  if (take(':')) out.name += ":" + std::string(word());
  const auto* info = find_step(out.name);
  if (info == nullptr) {
    return wrong(fmt::format("step \"{}\" is not known; {} are", out.name, names_of(known_steps())));
  }
  if (of_field && !info->of_field) {
    return wrong(fmt::format("step {} is of all fields; those that one field may have for itself are {}", out.name,
                             names_of(known_steps(), true)));
  }
  TAMIS_TRY_OK(parameters(*info, out));
  return out;
}

Status MethodParser::parameters(const PartInfo& info, MethodPart& out) {
  if (!take('(')) return ok();
  do {
    const auto name = word();
    const auto known = std::find_if(info.parameters.begin(), info.parameters.end(),
                                    [&](const ParameterInfo& one) { return one.name == name; });
    if (known == info.parameters.end()) {
      return wrong(fmt::format("{} has no parameter \"{}\"; it has {}", out.name, name, names_of(info.parameters)));
    }
    if (out.find(name) != nullptr) return wrong(fmt::format("{}: {} is said twice", out.name, name));
    if (!take('=')) return wrong(fmt::format("{}: {} where {}= is wanted", out.name, seen(), name));
    TAMIS_TRY(auto one, parameter(*known, out.name));
    out.parameters.push_back(std::move(one));
  } while (take(','));
  if (!take(')')) return wrong(fmt::format("{}: {} where a , or a ) is wanted", out.name, seen()));
  const auto place = [&](const MethodPart::Parameter& one) {
    return std::find_if(info.parameters.begin(), info.parameters.end(),
                        [&](const ParameterInfo& known) { return known.name == one.name; });
  };
  std::sort(out.parameters.begin(), out.parameters.end(),
            [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return ok();
}

Result<MethodPart::Parameter> MethodParser::parameter(const ParameterInfo& info, std::string_view part) {
  MethodPart::Parameter out{std::string(info.name)};
  const auto value = word();
  if (info.kind == ParameterInfo::Kind::kName) {
    if (value.empty()) return wrong(fmt::format("{}: {} where a name is wanted for {}", part, seen(), info.name));
    out.text = value;
    return out;
  }
  const bool whole = info.kind == ParameterInfo::Kind::kWhole;
  const bool fits = parse_number(value, out.value) && out.value >= info.least && out.value <= info.most &&
                    !std::signbit(out.value) && (!whole || out.value == std::floor(out.value));
  if (!fits) {
    return wrong(fmt::format("{}: {} is \"{}\" (wanted a {}number from {} to {})", part, info.name, value,
                             whole ? "whole " : "", info.least, info.most));
  }
  return out;
}

}  // namespace tamis::search
