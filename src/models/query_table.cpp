#include <fmt/format.h>
#include <tamis/base/file.h>
#include <tamis/models/folder.h>
#include <tamis/models/safetensors.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "json.h"

namespace tamis::models {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kMaxTableBytes = 256ULL << 20;

Result<float> positive_weight(std::string_view token, double exact) {
  const auto weight = static_cast<float>(exact);
  if (!std::isfinite(weight)) {
    return Error{Code::kCorrupt, fmt::format("the weight of \"{}\" is {} (wanted a finite number)", token, exact)};
  }
  return std::max(weight, 0.0F);
}

Status add(QueryTable& table, std::string_view token, double exact) {
  TAMIS_TRY(const float weight, positive_weight(token, exact));
  if (weight > 0.0F) table.by_token.emplace_back(token, weight);
  return ok();
}

Result<QueryTable> from_json(const fs::path& path) {
  TAMIS_TRY(const Json root, Json::read(path, kMaxTableBytes));
  if (!root.is_object()) return within(path.string(), Error{Code::kCorrupt, "not a JSON object {token: weight}"});
  QueryTable table;
  for (const auto& [token, value] : root.fields()) {
    const auto weight = value.number();
    if (!weight) {
      return within(path.string(), Error{Code::kCorrupt, fmt::format("the weight of \"{}\" is no number", token)});
    }
    if (auto status = add(table, token, *weight); !status) return within(path.string(), std::move(status).error());
  }
  return table;
}

/// A line a token: "hello<TAB>6.93775".
Result<QueryTable> from_lines(const fs::path& path) {
  TAMIS_TRY(const std::string content, read_file(path, kMaxTableBytes));
  QueryTable table;
  std::string_view rest = content;
  const auto bad = [&](std::size_t number, std::string what) {
    return Error{Code::kCorrupt, fmt::format("{}: line {}: {}", path.string(), number, what)};
  };
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const auto end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(rest.size(), end + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const auto tab = line.find_last_of("\t ");
    if (tab == std::string_view::npos || tab == 0) return bad(number, "no token and weight");
    double weight = 0;
    const auto [at, error] = std::from_chars(line.data() + tab + 1, line.data() + line.size(), weight);
    if (error != std::errc() || at != line.data() + line.size()) return bad(number, "the weight is no number");
    if (auto status = add(table, line.substr(0, tab), weight); !status) return bad(number, status.error().message);
  }
  std::vector<std::string_view> tokens;
  for (const auto& entry : table.by_token) tokens.push_back(entry.first);
  std::sort(tokens.begin(), tokens.end());
  const auto twice = std::adjacent_find(tokens.begin(), tokens.end());
  if (twice != tokens.end()) {
    return Error{Code::kCorrupt, fmt::format("{}: \"{}\" is named twice", path.string(), *twice)};
  }
  return table;
}

/// One value a token id; models pad their vocabulary, so the table may be the shorter of the two.
Result<QueryTable> from_weights(const fs::path& path, std::uint32_t vocabulary) {
  TAMIS_TRY(const auto file, Safetensors::open(path));
  const auto* found = file.find("weight");
  const std::uint64_t known = found == nullptr || found->shape.empty() ? 0 : found->shape[0];
  const std::uint64_t shape[] = {std::min<std::uint64_t>(known, vocabulary)};
  auto tensor = file.get("weight", shape);
  if (!tensor) return within(path.string(), std::move(tensor).error());
  QueryTable table;
  table.by_id.resize(vocabulary);
  auto status = read_weights(**tensor, std::span(table.by_id).first(shape[0]));
  if (!status) return within(path.string(), std::move(status).error());
  for (auto& weight : table.by_id) weight = std::max(weight, 0.0F);
  return table;
}

}  // namespace

Result<QueryTable> read_query_table(const ModelDescription& description) {
  const fs::path& path = description.query_table;
  if (path.empty()) {
    return Error{Code::kNotFound, description.folder.string() + ": the model ships no weights of query tokens"};
  }
  if (path.extension() == ".json") return from_json(path);
  if (path.extension() == ".txt") return from_lines(path);
  return from_weights(path, description.config.vocab_size);
}

}  // namespace tamis::models
