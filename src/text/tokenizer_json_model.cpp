#include "tokenizer_json.h"

namespace tamis::text::json {

namespace {

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
  return ok();
}

/// The kind of a model; files of old times do not name it.
[[nodiscard]] Result<ModelSpec::Kind> read_kind(dom::object object, bool merges) {
  TAMIS_TRY(const auto type, string_field_or(object, "type", "", "model"));
  if (type == "WordPiece" || (type.empty() && field(object, "continuing_subword_prefix") && !merges))
    return ModelSpec::Kind::kWordPiece;
  if (type == "BPE" || (type.empty() && merges)) return ModelSpec::Kind::kBytePair;
  if (type == "Unigram" || (type.empty() && field(object, "unk_id"))) return ModelSpec::Kind::kUnigram;
  return unsupported("model.type", type, "WordPiece, BPE, Unigram");
}

}  // namespace

Result<ModelSpec> read_model(dom::element value, Parts& parts) {
  TAMIS_TRY(const auto object, object_of(value, "model"));
  TAMIS_TRY(const auto kind, read_kind(object, parts.has_merges));
  ModelSpec model = std::move(parts.model);
  model.kind = kind;
  const bool wants_scores = kind == ModelSpec::Kind::kUnigram;
  if (!parts.has_vocabulary && !field(object, "vocab")) return wrong("model.vocab", "missing");
  if (!parts.has_vocabulary || parts.scored != wants_scores)
    return wrong("model.vocab", wants_scores ? "not an array" : "not an object");
  if (kind == ModelSpec::Kind::kUnigram) {
    TAMIS_TRY(model.unknown_id, id_field(object, "unk_id", "model"));
    TAMIS_TRY(model.byte_fallback, bool_field_or(object, "byte_fallback", false, "model"));
  } else if (kind == ModelSpec::Kind::kWordPiece) {
    TAMIS_TRY_OK(read_word_piece(object, model));
  } else {
    if (!parts.has_merges) return wrong("model.merges", field(object, "merges") ? "not an array" : "missing");
    TAMIS_TRY_OK(read_byte_pair(object, model));
  }
  return model;
}

}  // namespace tamis::text::json
