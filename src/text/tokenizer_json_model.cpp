#include "json_number.h"
#include "tokenizer_json.h"

namespace tamis::text::json {

namespace {

[[nodiscard]] Status check_token(std::string_view token, std::string_view where) {
  if (token.size() <= kMaxTokenBytes) return ok();
  return Error{Code::kExhausted,
               fmt::format("{}: a token of {} bytes (at most {})", where, token.size(), kMaxTokenBytes)};
}

/// {"token": id, …}
[[nodiscard]] Status read_vocabulary(dom::element value, std::vector<ModelSpec::Entry>& out) {
  TAMIS_TRY(const auto object, object_of(value, "model.vocab"));
  out.reserve(object.size());
  for (const auto entry : object) {
    TAMIS_TRY_OK(check_token(entry.key, "model.vocab"));
    if (out.size() == kMaxIds) return Error{Code::kExhausted, fmt::format("model.vocab: more than {} tokens", kMaxIds)};
    std::uint64_t id = 0;
    if (entry.value.get(id) != simdjson::SUCCESS || id >= kMaxIds) {
      return wrong("model.vocab", fmt::format("the id of \"{}\" is not a whole number below {}", entry.key, kMaxIds));
    }
    out.push_back({std::string(entry.key), static_cast<std::uint32_t>(id), 0});
  }
  return ok();
}

/// The scores of [["token", score], …] from their digits: see parse_json_number().
[[nodiscard]] Status read_scores(const simdjson::padded_string& json, std::vector<ModelSpec::Entry>& out) {
  namespace ondemand = simdjson::ondemand;
  const Error unreadable = wrong("model.vocab", "scores that cannot be read");
  ondemand::parser parser;
  ondemand::document document;
  ondemand::array pairs;
  if (parser.iterate(json).get(document) != simdjson::SUCCESS) return unreadable;
  if (document["model"]["vocab"].get_array().get(pairs) != simdjson::SUCCESS) return unreadable;
  std::size_t read = 0;
  for (auto element : pairs) {
    ondemand::value score;
    if (read == out.size() || element.at(1).get(score) != simdjson::SUCCESS) return unreadable;
    const auto number = parse_json_number(score.raw_json_token());
    if (!number) return wrong(fmt::format("model.vocab[{}]", read), "the score is not a number, or too large");
    out[read++].score = *number;
  }
  return read == out.size() ? ok() : Status(unreadable);
}

/// [["token", score], …]
[[nodiscard]] Status read_scored_vocabulary(dom::element value, const simdjson::padded_string& json,
                                            std::vector<ModelSpec::Entry>& out) {
  TAMIS_TRY(const auto array, array_of(value, "model.vocab"));
  for (const dom::element element : array) {
    const std::string where = fmt::format("model.vocab[{}]", out.size());
    if (out.size() == kMaxIds) return Error{Code::kExhausted, fmt::format("model.vocab: more than {} tokens", kMaxIds)};
    dom::array pair;
    std::string_view token;
    double score = 0;
    if (element.get(pair) != simdjson::SUCCESS || pair.size() != 2 || pair.at(0).get(token) != simdjson::SUCCESS ||
        pair.at(1).get(score) != simdjson::SUCCESS) {
      return wrong(where, "not a token with its score");
    }
    TAMIS_TRY_OK(check_token(token, where));
    out.push_back({std::string(token), static_cast<std::uint32_t>(out.size()), 0});
  }
  return read_scores(json, out);
}

/// ["a b", …] or [["a", "b"], …]
[[nodiscard]] Status read_merges(dom::element value, ModelSpec& model) {
  TAMIS_TRY(const auto array, array_of(value, "model.merges"));
  for (const dom::element element : array) {
    if (model.merges.size() == kMaxMerges)
      return Error{Code::kExhausted, fmt::format("model.merges: more than {}", kMaxMerges)};
    std::string_view left, right;
    dom::array pair;
    if (element.get(left) == simdjson::SUCCESS) {
      if (left.starts_with("#version")) continue;
      const std::size_t space = left.find(' ');
      if (space == std::string_view::npos || left.find(' ', space + 1) != std::string_view::npos)
        return wrong(fmt::format("model.merges[{}]", model.merges.size()), "not two tokens with a space between");
      right = left.substr(space + 1);
      left = left.substr(0, space);
    } else if (element.get(pair) != simdjson::SUCCESS || pair.size() != 2 ||
               pair.at(0).get(left) != simdjson::SUCCESS || pair.at(1).get(right) != simdjson::SUCCESS) {
      return wrong(fmt::format("model.merges[{}]", model.merges.size()), "not a pair of tokens");
    }
    model.merges.emplace_back(left, right);
  }
  return ok();
}

[[nodiscard]] Status read_word_piece(dom::object object, ModelSpec& model) {
  TAMIS_TRY(model.unknown, string_field_or(object, "unk_token", "[UNK]", "model"));
  TAMIS_TRY(model.continuing_prefix, string_field_or(object, "continuing_subword_prefix", "##", "model"));
  TAMIS_TRY(const auto longest, id_field(object, "max_input_chars_per_word", "model"));
  model.max_word_characters = longest.value_or(100);
  return ok();
}

[[nodiscard]] Status read_byte_pair(dom::object object, ModelSpec& model) {
  if (const auto value = field(object, "dropout")) {
    double dropout = 0;
    if (value->get(dropout) != simdjson::SUCCESS || dropout != 0)
      return Error{Code::kUnsupported, "model.dropout: chance has no place in an index (known: null, 0)"};
  }
  if (field(object, "unk_token")) {
    TAMIS_TRY(model.unknown, string_field(object, "unk_token", "model"));
  }
  TAMIS_TRY(model.continuing_prefix, string_field_or(object, "continuing_subword_prefix", "", "model"));
  TAMIS_TRY(model.word_suffix, string_field_or(object, "end_of_word_suffix", "", "model"));
  TAMIS_TRY(model.fuse_unknown, bool_field_or(object, "fuse_unk", false, "model"));
  TAMIS_TRY(model.byte_fallback, bool_field_or(object, "byte_fallback", false, "model"));
  TAMIS_TRY(model.ignore_merges, bool_field_or(object, "ignore_merges", false, "model"));
  const auto merges = field(object, "merges");
  if (!merges) return wrong("model.merges", "missing");
  return read_merges(*merges, model);
}

/// The kind of a model; files of old times do not name it.
[[nodiscard]] Result<ModelSpec::Kind> read_kind(dom::object object) {
  TAMIS_TRY(const auto type, string_field_or(object, "type", "", "model"));
  if (type == "WordPiece" || (type.empty() && field(object, "continuing_subword_prefix") && !field(object, "merges")))
    return ModelSpec::Kind::kWordPiece;
  if (type == "BPE" || (type.empty() && field(object, "merges"))) return ModelSpec::Kind::kBytePair;
  if (type == "Unigram" || (type.empty() && field(object, "unk_id"))) return ModelSpec::Kind::kUnigram;
  return unsupported("model.type", type, "WordPiece, BPE, Unigram");
}

}  // namespace

Result<ModelSpec> read_model(dom::element value, const simdjson::padded_string& json) {
  TAMIS_TRY(const auto object, object_of(value, "model"));
  ModelSpec model;
  TAMIS_TRY(model.kind, read_kind(object));
  const auto vocabulary = field(object, "vocab");
  if (!vocabulary) return wrong("model.vocab", "missing");
  if (model.kind == ModelSpec::Kind::kUnigram) {
    TAMIS_TRY(model.unknown_id, id_field(object, "unk_id", "model"));
    TAMIS_TRY(model.byte_fallback, bool_field_or(object, "byte_fallback", false, "model"));
    TAMIS_TRY_OK(read_scored_vocabulary(*vocabulary, json, model.vocabulary));
    return model;
  }
  TAMIS_TRY_OK(read_vocabulary(*vocabulary, model.vocabulary));
  if (model.kind == ModelSpec::Kind::kWordPiece) {
    TAMIS_TRY_OK(read_word_piece(object, model));
  } else {
    TAMIS_TRY_OK(read_byte_pair(object, model));
  }
  return model;
}

}  // namespace tamis::text::json
