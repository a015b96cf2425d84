// A tokenizer.json as it streams by: the vocabulary and the merges, which are nearly all of it, go straight into lists;
// what remains is a small JSON of its own, for those who read the rules.
#include <algorithm>

#include "json_number.h"
#include "tokenizer_json.h"

namespace tamis::text::json {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t kLeastBytesOfToken = 12;  // in most files; memory that nobody touches costs nothing

[[nodiscard]] Status check_token(std::string_view token, std::string_view where) {
  if (token.size() <= kMaxTokenBytes) return ok();
  return Error{Code::kExhausted,
               fmt::format("{}: a token of {} bytes (at most {})", where, token.size(), kMaxTokenBytes)};
}

[[nodiscard]] Status check_size(const TokenList& tokens) {
  if (tokens.size() < kMaxIds) return ok();
  return Error{Code::kExhausted, fmt::format("model.vocab: more than {} tokens", kMaxIds)};
}

/// {"token": id, …}
[[nodiscard]] Status read_vocabulary(ondemand::value value, TokenList& out) {
  ondemand::object object;
  if (const auto error = value.get_object().get(object)) return not_json(error);
  for (auto entry : object) {
    ondemand::field field;
    std::string_view token;
    if (const auto error = std::move(entry).get(field)) return not_json(error);
    if (const auto error = field.unescaped_key().get(token)) return not_json(error);
    TAMIS_TRY_OK(check_token(token, "model.vocab"));
    TAMIS_TRY_OK(check_size(out));
    std::uint64_t id = 0;
    if (field.value().get_uint64().get(id) != simdjson::SUCCESS || id >= kMaxIds)
      return wrong("model.vocab", fmt::format("the id of \"{}\" is not a whole number below {}", token, kMaxIds));
    out.add(token, static_cast<std::uint32_t>(id));
  }
  return ok();
}

/// ["token", score]
[[nodiscard]] Status read_scored_token(ondemand::value value, TokenList& out) {
  ondemand::array pair;
  std::string_view token;
  std::optional<double> score;
  std::size_t parts = 0;
  bool fits = value.get_array().get(pair) == simdjson::SUCCESS;
  if (fits) {
    for (auto element : pair) {
      ondemand::value part;
      fits = fits && std::move(element).get(part) == simdjson::SUCCESS;
      if (!fits) break;
      if (parts == 0) fits = part.get_string().get(token) == simdjson::SUCCESS;
      if (parts == 1) score = parse_json_number(part.raw_json_token());
      ++parts;
    }
  }
  if (!fits || parts != 2 || !score)
    return wrong(fmt::format("model.vocab[{}]", out.size()), "not a token with its score");
  if (!check_token(token, "")) return check_token(token, fmt::format("model.vocab[{}]", out.size()));
  TAMIS_TRY_OK(check_size(out));
  out.add(token, static_cast<std::uint32_t>(out.size()), *score);
  return ok();
}

/// [["token", score], …]
[[nodiscard]] Status read_scored_vocabulary(ondemand::value value, TokenList& out) {
  ondemand::array array;
  if (const auto error = value.get_array().get(array)) return not_json(error);
  for (auto element : array) {
    ondemand::value pair;
    if (const auto error = std::move(element).get(pair)) return not_json(error);
    TAMIS_TRY_OK(read_scored_token(pair, out));
  }
  return ok();
}

/// "a b" or ["a", "b"]
[[nodiscard]] Status read_merge(ondemand::value value, std::vector<std::pair<std::string, std::string>>& out) {
  const auto where = [&] { return fmt::format("model.merges[{}]", out.size()); };
  std::array<std::string_view, 2> parts;
  ondemand::array pair;
  if (value.get_string().get(parts[0]) == simdjson::SUCCESS) {
    if (parts[0].starts_with("#version")) return ok();
    const std::size_t space = parts[0].find(' ');
    if (space == std::string_view::npos || parts[0].find(' ', space + 1) != std::string_view::npos)
      return wrong(where(), "not two tokens with a space between");
    out.emplace_back(parts[0].substr(0, space), parts[0].substr(space + 1));
    return ok();
  }
  std::size_t count = 0;
  bool fits = value.get_array().get(pair) == simdjson::SUCCESS;
  if (fits) {
    for (auto element : pair) {
      fits = fits && count < 2 && element.get_string().get(parts[count]) == simdjson::SUCCESS;
      if (!fits) break;
      ++count;
    }
  }
  if (!fits || count != 2) return wrong(where(), "not a pair of tokens");
  out.emplace_back(parts[0], parts[1]);
  return ok();
}

[[nodiscard]] Status read_merges(ondemand::value value, std::vector<std::pair<std::string, std::string>>& out) {
  ondemand::array array;
  if (const auto error = value.get_array().get(array)) return not_json(error);
  for (auto element : array) {
    if (out.size() == kMaxMerges) return Error{Code::kExhausted, fmt::format("model.merges: more than {}", kMaxMerges)};
    ondemand::value merge;
    if (const auto error = std::move(element).get(merge)) return not_json(error);
    TAMIS_TRY_OK(read_merge(merge, out));
  }
  return ok();
}

/// Calls `use(key, value, type)` for each field; whether it used the value. Others become text of `rest`.
template <class Use>
[[nodiscard]] Status each_field(ondemand::object object, std::string& rest, Use&& use) {
  for (auto entry : object) {
    ondemand::field field;
    std::string_view name, raw;
    ondemand::json_type type{};
    if (const auto error = std::move(entry).get(field)) return not_json(error);
    if (const auto error = field.unescaped_key().get(name)) return not_json(error);
    const std::string key(name);
    if (const auto error = field.value().type().get(type)) return not_json(error);
    TAMIS_TRY(const bool used, use(key, field.value(), type));
    if (used) continue;
    if (key.find_first_of("\"\\") != std::string::npos) continue;  // nobody asks for it
    if (const auto error = simdjson::to_json_string(field.value()).get(raw)) return not_json(error);
    rest += fmt::format("{}\"{}\": {}", rest.empty() ? "" : ", ", key, raw);
  }
  return ok();
}

/// The bulk of "model".
[[nodiscard]] Status read_model_parts(ondemand::value value, Parts& out, std::string& rest) {
  ondemand::object object;
  if (const auto error = value.get_object().get(object)) return not_json(error);
  const auto once = [](bool& seen, std::string_view where) -> Status {
    if (seen) return wrong(where, "given twice");
    seen = true;
    return ok();
  };
  return each_field(object, rest,
                    [&](const std::string& key, ondemand::value part, ondemand::json_type type) -> Result<bool> {
                      if (key == "vocab" && type == ondemand::json_type::object) {
                        TAMIS_TRY_OK(once(out.has_vocabulary, "model.vocab"));
                        TAMIS_TRY_OK(read_vocabulary(part, out.model.vocabulary));
                        return true;
                      }
                      if (key == "vocab" && type == ondemand::json_type::array) {
                        TAMIS_TRY_OK(once(out.has_vocabulary, "model.vocab"));
                        out.scored = true;
                        TAMIS_TRY_OK(read_scored_vocabulary(part, out.model.vocabulary));
                        return true;
                      }
                      if (key != "merges" || type != ondemand::json_type::array) return false;
                      TAMIS_TRY_OK(once(out.has_merges, "model.merges"));
                      TAMIS_TRY_OK(read_merges(part, out.model.merges));
                      return true;
                    });
}

}  // namespace

Result<Parts> read_parts(simdjson::padded_string_view json) {
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object root;
  if (const auto error = parser.iterate(json).get(document)) return not_json(error);
  if (const auto error = document.get_object().get(root))
    return error == simdjson::INCORRECT_TYPE ? wrong("the whole", "not an object") : not_json(error);
  Parts parts;
  parts.model.vocabulary.reserve(json.size() / kLeastBytesOfToken);
  std::string rest, model_rest;
  bool has_model = false;
  const Status read = each_field(
      root, rest, [&](const std::string& key, ondemand::value value, ondemand::json_type type) -> Result<bool> {
        if (key != "model" || type != ondemand::json_type::object) return false;
        if (has_model) return wrong("model", "given twice");
        has_model = true;
        TAMIS_TRY_OK(read_model_parts(value, parts, model_rest));
        return true;
      });
  TAMIS_TRY_OK(read);
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
    return wrong("the whole", "not JSON: more behind its end");
  if (has_model) rest += fmt::format("{}\"model\": {{{}}}", rest.empty() ? "" : ", ", model_rest);
  parts.rest = simdjson::padded_string("{" + rest + "}");
  return parts;
}

}  // namespace tamis::text::json
