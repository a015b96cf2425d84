#include "tokenizer_json.h"

namespace tamis::text {

namespace json {

Result<dom::object> object_of(dom::element value, std::string_view where) {
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return wrong(where, "not an object");
  return object;
}

Result<dom::array> array_of(dom::element value, std::string_view where) {
  dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return wrong(where, "not an array");
  return array;
}

Result<std::string> string_of(dom::element value, std::string_view where) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return wrong(where, "not a string");
  return std::string(text);
}

Result<std::uint32_t> id_of(dom::element value, std::string_view where) {
  std::uint64_t id = 0;
  if (value.get(id) != simdjson::SUCCESS) return wrong(where, "not a whole number from 0 on");
  if (id >= kMaxIds) return Error{Code::kExhausted, fmt::format("{}: id {} (at most {})", where, id, kMaxIds - 1)};
  return static_cast<std::uint32_t>(id);
}

Result<std::string> string_field(dom::object object, std::string_view name, std::string_view where) {
  const auto value = field(object, name);
  if (!value) return wrong(fmt::format("{}.{}", where, name), "missing");
  return string_of(*value, fmt::format("{}.{}", where, name));
}

Result<std::string> string_field_or(dom::object object, std::string_view name, std::string_view absent,
                                    std::string_view where) {
  if (!field(object, name)) return std::string(absent);
  return string_field(object, name, where);
}

Result<bool> bool_field_or(dom::object object, std::string_view name, bool absent, std::string_view where) {
  const auto value = field(object, name);
  if (!value) return absent;
  bool flag = false;
  if (value->get(flag) != simdjson::SUCCESS) return wrong(fmt::format("{}.{}", where, name), "not true or false");
  return flag;
}

Result<std::optional<std::uint32_t>> id_field(dom::object object, std::string_view name, std::string_view where) {
  const auto value = field(object, name);
  if (!value) return std::optional<std::uint32_t>();
  TAMIS_TRY(const auto id, id_of(*value, fmt::format("{}.{}", where, name)));
  return std::optional(id);
}

namespace {

[[nodiscard]] Result<AddedTokenSpec> read_added_token(dom::element value, std::string_view where) {
  TAMIS_TRY(const auto object, object_of(value, where));
  AddedTokenSpec token;
  TAMIS_TRY(token.content, string_field(object, "content", where));
  if (token.content.size() > kMaxTokenBytes) return wrong(where, fmt::format("longer than {} bytes", kMaxTokenBytes));
  TAMIS_TRY(token.id, id_field(object, "id", where));
  TAMIS_TRY(token.special, bool_field_or(object, "special", false, where));
  TAMIS_TRY(token.single_word, bool_field_or(object, "single_word", false, where));
  TAMIS_TRY(token.left_strip, bool_field_or(object, "lstrip", false, where));
  TAMIS_TRY(token.right_strip, bool_field_or(object, "rstrip", false, where));
  TAMIS_TRY(token.normalized, bool_field_or(object, "normalized", !token.special, where));
  return token;
}

[[nodiscard]] Status read_added_tokens(dom::element value, std::vector<AddedTokenSpec>& out) {
  TAMIS_TRY(const auto array, array_of(value, "added_tokens"));
  for (const dom::element element : array) {
    if (out.size() == kMaxAddedTokens)
      return Error{Code::kExhausted, fmt::format("added_tokens: more than {}", kMaxAddedTokens)};
    TAMIS_TRY(auto token, read_added_token(element, fmt::format("added_tokens[{}]", out.size())));
    out.push_back(std::move(token));
  }
  return ok();
}

[[nodiscard]] Status read_rules(dom::object root, TokenizerSpec& spec) {
  if (const auto value = field(root, "normalizer"))
    TAMIS_TRY_OK(read_normalizer(*value, "normalizer", spec.normalizers));
  if (const auto value = field(root, "pre_tokenizer"))
    TAMIS_TRY_OK(read_pre_tokenizer(*value, "pre_tokenizer", spec.pre_tokenizers));
  if (const auto value = field(root, "post_processor"))
    TAMIS_TRY_OK(read_post_processor(*value, "post_processor", spec.post_processor));
  if (const auto value = field(root, "truncation")) {
    TAMIS_TRY(const auto truncation, object_of(*value, "truncation"));
    TAMIS_TRY(spec.truncation, id_field(truncation, "max_length", "truncation"));
  }
  if (const auto value = field(root, "padding")) {
    TAMIS_TRY(const auto padding, object_of(*value, "padding"));
    TAMIS_TRY(spec.pad, id_field(padding, "pad_id", "padding"));
  }
  return ok();
}

}  // namespace

}  // namespace json

Result<TokenizerSpec> read_tokenizer_json(std::string_view text, std::size_t readable) {
  static_assert(kJsonPadding >= simdjson::SIMDJSON_PADDING);
  std::optional<simdjson::padded_string> copy;
  if (readable < text.size() + kJsonPadding) copy.emplace(text);
  TAMIS_TRY(auto parts, json::read_parts(copy ? simdjson::padded_string_view(*copy)
                                              : simdjson::padded_string_view(text, readable)));
  return json::with_root(parts.rest, [&](json::dom::object root) -> Result<TokenizerSpec> {
    TAMIS_TRY(const auto version, json::string_field_or(root, "version", "1.0", "version"));
    if (version != "1.0") return json::unsupported("version", version, "1.0");
    TokenizerSpec spec;
    if (const auto value = json::field(root, "added_tokens"))
      TAMIS_TRY_OK(json::read_added_tokens(*value, spec.added_tokens));
    TAMIS_TRY_OK(json::read_rules(root, spec));
    const auto model = json::field(root, "model");
    if (!model) return json::wrong("model", "missing");
    TAMIS_TRY(spec.model, json::read_model(*model, parts));
    return spec;
  });
}

}  // namespace tamis::text
