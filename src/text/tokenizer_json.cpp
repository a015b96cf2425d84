#include "tokenizer_json.h"

#include <tamis/text/unicode.h>

#include <algorithm>

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

/// Parses, and hands the root to `use`.
template <class Use>
[[nodiscard]] auto with_root(std::string_view json, Use&& use) -> decltype(use(dom::object())) {
  dom::parser parser;
  if (parser.allocate(json.size(), kMaxDepth) != simdjson::SUCCESS)
    return Error{Code::kExhausted, fmt::format("{} bytes of JSON: no memory for so many", json.size())};
  dom::element root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root); error != simdjson::SUCCESS)
    return Error{Code::kCorrupt, fmt::format("not JSON: {}", simdjson::error_message(error))};
  TAMIS_TRY(const auto object, object_of(root, "the whole"));
  return use(object);
}

}  // namespace

}  // namespace json

Result<TokenizerSpec> read_tokenizer_json(std::string_view text) {
  return json::with_root(text, [](json::dom::object root) -> Result<TokenizerSpec> {
    TAMIS_TRY(const auto version, json::string_field_or(root, "version", "1.0", "version"));
    if (version != "1.0") return json::unsupported("version", version, "1.0");
    TokenizerSpec spec;
    if (const auto value = json::field(root, "added_tokens"))
      TAMIS_TRY_OK(json::read_added_tokens(*value, spec.added_tokens));
    TAMIS_TRY_OK(json::read_rules(root, spec));
    const auto model = json::field(root, "model");
    if (!model) return json::wrong("model", "missing");
    TAMIS_TRY(spec.model, json::read_model(*model));
    return spec;
  });
}

namespace {

/// A token of a tokenizer_config.json: a string, or an object with its content.
[[nodiscard]] std::optional<std::string> token_name(json::dom::object root, std::string_view name) {
  const auto value = json::field(root, name);
  if (!value) return std::nullopt;
  std::string_view text;
  if (value->get(text) == simdjson::SUCCESS) return std::string(text);
  if (value->at_key("content").get(text) == simdjson::SUCCESS) return std::string(text);
  return std::nullopt;
}

}  // namespace

Status read_tokenizer_config(std::string_view text, TokenizerSpec& spec) {
  return json::with_root(text, [&](json::dom::object root) -> Status {
    spec.pad_token = token_name(root, "pad_token");
    spec.mask_token = token_name(root, "mask_token");
    return ok();
  });
}

namespace {

/// The settings of BERT's tokenizer without a tokenizer.json.
struct BertSettings {
  NormalizerSpec normalizer;
  std::string unknown = "[UNK]", separator = "[SEP]", start = "[CLS]", pad = "[PAD]", mask = "[MASK]";
};

[[nodiscard]] Result<BertSettings> read_bert_settings(std::string_view config) {
  if (config.empty()) return BertSettings{};
  return json::with_root(config, [](json::dom::object root) -> Result<BertSettings> {
    BertSettings settings;
    constexpr std::string_view kFile = "tokenizer_config.json";
    TAMIS_TRY(settings.normalizer.lowercase, json::bool_field_or(root, "do_lower_case", true, kFile));
    TAMIS_TRY(settings.normalizer.chinese, json::bool_field_or(root, "tokenize_chinese_chars", true, kFile));
    if (json::field(root, "strip_accents")) {
      TAMIS_TRY(settings.normalizer.strip_accents, json::bool_field_or(root, "strip_accents", true, kFile));
    }
    settings.unknown = token_name(root, "unk_token").value_or(settings.unknown);
    settings.separator = token_name(root, "sep_token").value_or(settings.separator);
    settings.start = token_name(root, "cls_token").value_or(settings.start);
    settings.pad = token_name(root, "pad_token").value_or(settings.pad);
    settings.mask = token_name(root, "mask_token").value_or(settings.mask);
    return settings;
  });
}

/// Without the white space at its end.
[[nodiscard]] std::string_view trim_end(std::string_view line) noexcept {
  while (!line.empty() && (line.back() == ' ' || (line.back() >= '\t' && line.back() <= '\r'))) line.remove_suffix(1);
  return line;
}

/// The lines of a vocab.txt; of equal ones the last counts, as everywhere.
[[nodiscard]] Result<std::vector<ModelSpec::Entry>> read_lines(std::string_view lines) {
  std::vector<ModelSpec::Entry> entries;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view token = trim_end(lines.substr(0, end));
    if (entries.size() == json::kMaxIds) return Error{Code::kExhausted, "too many lines"};
    if (token.size() > json::kMaxTokenBytes || !is_valid_utf8(token))
      return json::wrong(fmt::format("line {}", entries.size() + 1), "too long, or not UTF-8");
    entries.push_back({std::string(token), static_cast<std::uint32_t>(entries.size()), 0});
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return entries;
}

}  // namespace

Result<TokenizerSpec> read_vocabulary_text(std::string_view lines, std::string_view config) {
  auto settings = read_bert_settings(config);
  if (!settings) return within("tokenizer_config.json", std::move(settings).error());
  TokenizerSpec spec;
  settings->normalizer.kind = NormalizerSpec::Kind::kBert;
  spec.normalizers.push_back(settings->normalizer);
  spec.pre_tokenizers.emplace_back();
  spec.model.kind = ModelSpec::Kind::kWordPiece;
  spec.model.unknown = settings->unknown;
  spec.model.continuing_prefix = "##";
  TAMIS_TRY(spec.model.vocabulary, read_lines(lines));
  const auto place_of = [&](std::string_view token) -> std::optional<std::uint32_t> {
    for (const auto& entry : spec.model.vocabulary) {
      if (entry.token == token) return entry.id;
    }
    return std::nullopt;
  };
  const auto start = place_of(settings->start);
  const auto separator = place_of(settings->separator);
  if (!start || !separator)
    return json::wrong("vocab.txt", fmt::format("without {} or {}", settings->start, settings->separator));
  spec.post_processor.prefix = {*start};
  spec.post_processor.suffix = {*separator};
  for (const auto& token : {settings->pad, settings->unknown, settings->start, settings->separator, settings->mask}) {
    AddedTokenSpec added;
    added.content = token;
    added.normalized = false;
    added.special = true;
    if (place_of(token)) spec.added_tokens.push_back(added);
  }
  spec.pad_token = settings->pad;
  spec.mask_token = settings->mask;
  return spec;
}

}  // namespace tamis::text
