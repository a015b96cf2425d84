#include "tokenizer_json.h"

namespace tamis::text::json {

namespace {

/// ["token", id]
[[nodiscard]] Result<std::uint32_t> token_pair(dom::object object, std::string_view name, std::string_view where) {
  const auto value = field(object, name);
  const std::string path = fmt::format("{}.{}", where, name);
  dom::array pair;
  dom::element id;
  if (!value || value->get(pair) != simdjson::SUCCESS || pair.size() != 2 || pair.at(1).get(id) != simdjson::SUCCESS)
    return wrong(path, "not a token with its id");
  return id_of(id, path);
}

/// Puts tokens around what is there already.
void surround(std::span<const std::uint32_t> before, std::span<const std::uint32_t> behind, PostProcessorSpec& out) {
  out.prefix.insert(out.prefix.begin(), before.begin(), before.end());
  out.suffix.insert(out.suffix.end(), behind.begin(), behind.end());
}

[[nodiscard]] Status read_trimming(dom::object object, std::string_view where, PostProcessorSpec& out) {
  TAMIS_TRY(const auto trim, bool_field_or(object, "trim_offsets", true, where));
  if (!trim) return ok();
  if (out.trim_offsets)
    return Error{Code::kUnsupported, fmt::format("{}.trim_offsets: a second time (known: once)", where)};
  out.trim_offsets = true;
  out.trim_after_prefix = !out.prefix.empty();
  TAMIS_TRY(out.trim_prefix_space, bool_field_or(object, "add_prefix_space", true, where));
  return ok();
}

/// The ids of a special token of a template.
[[nodiscard]] Status append_template_token(dom::object object, dom::element piece, std::string_view where,
                                           std::vector<std::uint32_t>& out) {
  std::string_view name;
  if (piece.at_key("id").get(name) != simdjson::SUCCESS) return wrong(where, "a special token without a name");
  dom::element special;
  dom::array ids;
  const auto tokens = field(object, "special_tokens");
  if (!tokens || tokens->at_key(name).get(special) != simdjson::SUCCESS ||
      special.at_key("ids").get(ids) != simdjson::SUCCESS) {
    return wrong(where, fmt::format("special_tokens do not list \"{}\" with ids", name));
  }
  for (const dom::element element : ids) {
    TAMIS_TRY(const auto id, id_of(element, where));
    if (out.size() == kMaxRules) return Error{Code::kExhausted, fmt::format("{}: too many special tokens", where)};
    out.push_back(id);
  }
  return ok();
}

[[nodiscard]] Status read_template(dom::object object, std::string_view where, PostProcessorSpec& out) {
  const auto value = field(object, "single");
  if (!value) return wrong(fmt::format("{}.single", where), "missing");
  TAMIS_TRY(const auto pieces, array_of(*value, fmt::format("{}.single", where)));
  std::vector<std::uint32_t> before, behind;
  bool seen = false;
  for (const dom::element piece : pieces) {
    dom::element part;
    if (piece.at_key("Sequence").get(part) == simdjson::SUCCESS) {
      if (seen) return Error{Code::kUnsupported, fmt::format("{}.single: the text twice (known: once)", where)};
      seen = true;
    } else if (piece.at_key("SpecialToken").get(part) == simdjson::SUCCESS) {
      TAMIS_TRY_OK(append_template_token(object, part, fmt::format("{}.single", where), seen ? behind : before));
    } else {
      return wrong(fmt::format("{}.single", where), "neither Sequence nor SpecialToken");
    }
  }
  if (!seen) return wrong(fmt::format("{}.single", where), "without the text");
  surround(before, behind, out);
  return ok();
}

}  // namespace

Status read_post_processor(dom::element value, std::string_view where, PostProcessorSpec& out) {
  TAMIS_TRY(const auto object, object_of(value, where));
  TAMIS_TRY(const auto type, string_field(object, "type", where));
  if (type == "TemplateProcessing") return read_template(object, where, out);
  if (type == "ByteLevel") return read_trimming(object, where, out);
  if (type == "BertProcessing" || type == "RobertaProcessing") {
    if (type == "RobertaProcessing") TAMIS_TRY_OK(read_trimming(object, where, out));
    TAMIS_TRY(const std::uint32_t start, token_pair(object, "cls", where));
    TAMIS_TRY(const std::uint32_t end, token_pair(object, "sep", where));
    surround({&start, 1}, {&end, 1}, out);
    return ok();
  }
  if (type != "Sequence") {
    return unsupported(fmt::format("{}.type", where), type,
                       "Sequence, BertProcessing, RobertaProcessing, TemplateProcessing, ByteLevel");
  }
  const auto parts = field(object, "processors");
  const std::string path = fmt::format("{}.processors", where);
  if (!parts) return wrong(path, "missing");
  TAMIS_TRY(const auto array, array_of(*parts, path));
  std::size_t at = 0;
  for (const dom::element part : array) {
    if (at == kMaxRules) return Error{Code::kExhausted, fmt::format("{}: more than {} rules", path, kMaxRules)};
    TAMIS_TRY_OK(read_post_processor(part, fmt::format("{}[{}]", path, at++), out));
  }
  return ok();
}

}  // namespace tamis::text::json
