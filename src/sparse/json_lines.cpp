#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "vector_file_formats.h"

namespace tamis::sparse {
namespace {

namespace dom = simdjson::dom;

/// "_id", else "id": a string or a whole number.
Result<std::string> take_id(const dom::object& line) {
  dom::element id;
  if (line.at_key("_id").get(id) != simdjson::SUCCESS && line.at_key("id").get(id) != simdjson::SUCCESS) {
    return Error{Code::kCorrupt, "no \"_id\" or \"id\""};
  }
  std::string_view text;
  if (id.get(text) == simdjson::SUCCESS) return std::string(text);
  std::int64_t number = 0;
  if (id.get(number) == simdjson::SUCCESS) return std::to_string(number);
  std::uint64_t large = 0;
  if (id.get(large) == simdjson::SUCCESS) return std::to_string(large);
  return Error{Code::kCorrupt, "the id is no string and no whole number"};
}

Status take_vector(const dom::object& line, std::vector<std::pair<std::string, float>>& out) {
  dom::object vector;
  if (line.at_key("vector").get(vector) != simdjson::SUCCESS) {
    return Error{Code::kCorrupt, "no \"vector\" (wanted {token: weight})"};
  }
  std::vector<std::string_view> names;
  for (const auto field : vector) {
    double exact = 0.0;
    if (field.value.get(exact) != simdjson::SUCCESS) {
      return Error{Code::kCorrupt, fmt::format("the weight of \"{}\" is no number", field.key)};
    }
    const auto weight = static_cast<float>(exact);
    if (!std::isfinite(weight) || weight < 0.0F) {
      return Error{Code::kCorrupt,
                   fmt::format("the weight of \"{}\" is {} (wanted finite, not negative)", field.key, exact)};
    }
    names.push_back(field.key);
    if (weight > 0.0F) out.emplace_back(field.key, weight);
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) return Error{Code::kCorrupt, fmt::format("\"{}\" is named twice", *twice)};
  return ok();
}

Result<NamedVector> parse_line(dom::parser& parser, std::string& line) {
  // The parser may read past the end: the room is there, so that it need not copy.
  line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  dom::element root;
  if (const auto error = parser.parse(line.data(), line.size(), false).get(root); error != simdjson::SUCCESS) {
    return Error{Code::kCorrupt, fmt::format("not JSON ({})", simdjson::error_message(error))};
  }
  dom::object object;
  if (root.get(object) != simdjson::SUCCESS) return Error{Code::kCorrupt, "not a JSON object"};
  NamedVector out;
  TAMIS_TRY(out.id, take_id(object));
  TAMIS_TRY_OK(take_vector(object, out.named_terms));
  return out;
}

}  // namespace

Status read_json_lines(const InputFile& file, const VectorSink& sink) {
  dom::parser parser(kMaxJsonLineBytes + simdjson::SIMDJSON_PADDING);
  Cursor cursor(file);
  std::string line;
  for (std::uint64_t number = 1;; ++number) {
    auto more = cursor.line(line, kMaxJsonLineBytes);
    if (!more) return within(fmt::format("line {}", number), std::move(more).error());
    if (!*more) return ok();
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto vector = parse_line(parser, line);
    if (!vector) return within(fmt::format("line {}", number), std::move(vector).error());
    TAMIS_TRY_OK(sink(std::move(*vector)));
  }
}

}  // namespace tamis::sparse
