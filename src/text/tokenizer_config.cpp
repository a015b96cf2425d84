#include <tamis/text/unicode.h>

#include <algorithm>

#include "tokenizer_json.h"

namespace tamis::text {

namespace {

constexpr std::string_view kUsefulFields[] = {"pad_token", "mask_token",    "unk_token",     "sep_token",
                                              "cls_token", "do_lower_case", "strip_accents", "tokenize_chinese_chars"};

/// The fields of a tokenizer_config.json that are of use, as an object of their own: among the others stand numbers of
/// any length ("model_max_length": 10^30), which no 64 bits hold.
[[nodiscard]] Result<simdjson::padded_string> useful_fields(std::string_view config) {
  namespace ondemand = simdjson::ondemand;
  const simdjson::padded_string padded(config);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object object;
  if (const auto error = parser.iterate(padded).get(document)) return json::not_json(error);
  if (const auto error = document.get_object().get(object)) return json::not_json(error);
  std::string fields;
  for (auto entry : object) {
    ondemand::field field;
    std::string_view key, value;
    if (const auto error = std::move(entry).get(field)) return json::not_json(error);
    if (const auto error = field.unescaped_key().get(key)) return json::not_json(error);
    if (std::ranges::find(kUsefulFields, key) == std::end(kUsefulFields)) continue;
    const std::string name(key);
    if (const auto error = simdjson::to_json_string(field.value()).get(value)) return json::not_json(error);
    fields += fmt::format("{}\"{}\": {}", fields.empty() ? "" : ", ", name, value);
  }
  return simdjson::padded_string("{" + fields + "}");
}

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
  TAMIS_TRY(const auto fields, useful_fields(text));
  return json::with_root(fields, [&](json::dom::object root) -> Status {
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
  TAMIS_TRY(const auto fields, useful_fields(config));
  return json::with_root(fields, [](json::dom::object root) -> Result<BertSettings> {
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
[[nodiscard]] Result<TokenList> read_lines(std::string_view lines) {
  TokenList entries;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view token = trim_end(lines.substr(0, end));
    if (entries.size() == json::kMaxIds) return Error{Code::kExhausted, "too many lines"};
    if (token.size() > json::kMaxTokenBytes || !is_valid_utf8(token))
      return json::wrong(fmt::format("line {}", entries.size() + 1), "too long, or not UTF-8");
    entries.add(token, static_cast<std::uint32_t>(entries.size()));
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
    for (std::size_t i = 0; i < spec.model.vocabulary.size(); ++i) {
      if (spec.model.vocabulary[i].token == token) return spec.model.vocabulary[i].id;
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
