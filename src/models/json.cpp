#include "json.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <tamis/base/file.h>

#include <algorithm>
#include <cmath>

namespace tamis::models {
namespace {

namespace dom = simdjson::dom;
constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMostDigits = 19;  // of a whole number that surely fits 64 bits

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Python writes whole numbers of any length, and tokenizers have 10^30 for "no limit"; simdjson refuses what does not
/// fit 64 bits. Such numbers get an exponent here, which makes them floating-point.
std::string with_short_numbers(std::string_view text) {
  std::string out;
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) i += text[i] == '\\' ? 1 : 0;
      ++i;
    } else if (is_digit(text[i])) {
      const std::size_t begin = i;
      while (i < text.size() && is_digit(text[i])) ++i;
      const bool fraction = begin > 0 && (text[begin - 1] == '.' || text[begin - 1] == 'e' || text[begin - 1] == 'E');
      const bool whole = !fraction && (i == text.size() || (text[i] != '.' && text[i] != 'e' && text[i] != 'E'));
      if (!whole || i - begin <= kMostDigits) continue;
      out += text.substr(copied, i - copied);
      out += "e0";
      copied = i;
    } else {
      ++i;
    }
  }
  return out.append(text.substr(std::min(copied, text.size())));
}

}  // namespace

/// Copies simdjson's tape into values that live on their own. The depth is bounded by the parser.
struct JsonReader {
  static Result<Json> value(const dom::element& element) {
    Json out;
    switch (element.type()) {
      case dom::element_type::ARRAY:
        return array(element);
      case dom::element_type::OBJECT:
        return object(element);
      case dom::element_type::NULL_VALUE:
        break;
      case dom::element_type::BOOL:
        boolean(element, out);
        break;
      case dom::element_type::STRING:
        text(element, out);
        break;
      default:
        number(element, out);
    }
    return out;
  }

  static void boolean(const dom::element& element, Json& out) {
    bool seen = false;
    out.type_ = Json::Type::kBool;
    out.whole_ = element.get(seen) == simdjson::SUCCESS && seen ? 1 : 0;
  }

  static void text(const dom::element& element, Json& out) {
    std::string_view seen;
    out.type_ = Json::Type::kText;
    if (element.get(seen) == simdjson::SUCCESS) out.text_ = seen;
  }

  static void number(const dom::element& element, Json& out) {
    constexpr double kTwoTo64 = 18446744073709551616.0;
    out.type_ = Json::Type::kNumber;
    if (element.get(out.whole_) == simdjson::SUCCESS) {
      out.is_whole_ = true;
      out.number_ = static_cast<double>(out.whole_);
      return;
    }
    if (element.get(out.number_) != simdjson::SUCCESS) out.number_ = 0.0;
    out.is_whole_ = out.number_ >= 0.0 && out.number_ < kTwoTo64 && std::floor(out.number_) == out.number_;
    out.whole_ = out.is_whole_ ? static_cast<std::uint64_t>(out.number_) : 0;
  }

  static Result<Json> array(const dom::element& element) {
    Json out;
    out.type_ = Json::Type::kArray;
    dom::array items;
    if (element.get(items) != simdjson::SUCCESS) return Error{Code::kCorrupt, "no array"};
    for (const auto item : items) {
      TAMIS_TRY(auto made, value(item));
      out.items_.push_back(std::move(made));
    }
    return out;
  }

  static Result<Json> object(const dom::element& element) {
    Json out;
    out.type_ = Json::Type::kObject;
    dom::object fields;
    if (element.get(fields) != simdjson::SUCCESS) return Error{Code::kCorrupt, "no object"};
    for (const auto field : fields) {
      TAMIS_TRY(auto made, value(field.value));
      out.fields_.emplace_back(std::string(field.key), std::move(made));
    }
    std::vector<std::string_view> keys;
    for (const auto& field : out.fields_) keys.push_back(field.first);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) return Error{Code::kCorrupt, fmt::format("the key \"{}\" is there twice", *twice)};
    return out;
  }
};

Result<Json> Json::parse(std::string_view text) {
  try {
    const std::string readable = with_short_numbers(text);
    dom::parser parser;
    if (parser.allocate(std::max<std::size_t>(readable.size(), 32), kMaxDepth) != simdjson::SUCCESS) {
      return Error{Code::kExhausted, "not enough memory to read the JSON"};
    }
    dom::element root;
    if (const auto error = parser.parse(readable).get(root); error != simdjson::SUCCESS) {
      return Error{Code::kCorrupt, fmt::format("not JSON ({})", simdjson::error_message(error))};
    }
    return JsonReader::value(root);
  } catch (const std::bad_alloc&) {
    return Error{Code::kExhausted, "not enough memory to read the JSON"};
  }
}

Result<Json> Json::read(const std::filesystem::path& path, std::uint64_t limit_bytes) {
  TAMIS_TRY(const std::string content, read_file(path, limit_bytes));
  auto parsed = parse(content);
  if (!parsed) return within(path.string(), std::move(parsed).error());
  return parsed;
}

const Json* Json::find(std::string_view key) const noexcept {
  for (const auto& [name, value] : fields_) {
    if (name == key) return value.is_null() ? nullptr : &value;
  }
  return nullptr;
}

std::optional<bool> Json::boolean() const noexcept {
  if (type_ != Type::kBool) return std::nullopt;
  return whole_ != 0;
}
std::optional<double> Json::number() const noexcept {
  if (type_ != Type::kNumber) return std::nullopt;
  return number_;
}
std::optional<std::uint64_t> Json::whole() const noexcept {
  if (type_ != Type::kNumber || !is_whole_) return std::nullopt;
  return whole_;
}
std::optional<std::string_view> Json::text() const noexcept {
  if (type_ != Type::kText) return std::nullopt;
  return text_;
}

Status JsonFields::whole(std::string_view key, std::uint32_t& value, std::uint32_t least, std::uint32_t most) const {
  const Json* field = object_.find(key);
  if (field == nullptr) return ok();
  const auto seen = field->whole();
  if (!seen) {
    return Error{Code::kCorrupt, fmt::format("\"{}\" is no whole number (wanted {} to {})", key, least, most)};
  }
  if (*seen < least || *seen > most) {
    return Error{Code::kCorrupt, fmt::format("\"{}\" is {} (wanted {} to {})", key, *seen, least, most)};
  }
  value = static_cast<std::uint32_t>(*seen);
  return ok();
}

Status JsonFields::number(std::string_view key, float& value, double least, double most) const {
  const Json* field = object_.find(key);
  if (field == nullptr) return ok();
  const auto seen = field->number();
  if (!seen) return Error{Code::kCorrupt, fmt::format("\"{}\" is no number (wanted {:g} to {:g})", key, least, most)};
  if (!(*seen >= least && *seen <= most)) {
    return Error{Code::kCorrupt, fmt::format("\"{}\" is {:g} (wanted {:g} to {:g})", key, *seen, least, most)};
  }
  value = static_cast<float>(*seen);
  return ok();
}

Status JsonFields::boolean(std::string_view key, bool& value) const {
  const Json* field = object_.find(key);
  if (field == nullptr) return ok();
  const auto seen = field->boolean();
  if (!seen) return Error{Code::kCorrupt, fmt::format("\"{}\" is neither true nor false", key)};
  value = *seen;
  return ok();
}

Status JsonFields::text(std::string_view key, std::string& value) const {
  const Json* field = object_.find(key);
  if (field == nullptr) return ok();
  const auto seen = field->text();
  if (!seen) return Error{Code::kCorrupt, fmt::format("\"{}\" is no text", key)};
  value = *seen;
  return ok();
}

}  // namespace tamis::models
