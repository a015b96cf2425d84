#include <array>

#include "tokenizer_json.h"
#include "utf8.h"

namespace tamis::text::json {

namespace {

/// The bytes that base64 stands for.
[[nodiscard]] Result<std::string> decode_base64(std::string_view text, std::string_view where) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kDigits.size(); ++i)
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::int8_t>(i);
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t gathered = 0;
  int bits = 0;
  for (const char digit : text) {
    const std::int8_t value = values[static_cast<unsigned char>(digit)];
    if (value < 0) return wrong(where, "not base64");
    gathered = (gathered << 6U) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<char>((gathered >> bits) & 0xFFU));
  }
  return bytes;
}

struct Pattern {
  std::string text;
  bool regex = false;
};

/// {"String": "…"} or {"Regex": "…"}.
[[nodiscard]] Result<Pattern> read_pattern(dom::object object, std::string_view where) {
  const auto value = field(object, "pattern");
  if (!value) return wrong(fmt::format("{}.pattern", where), "missing");
  TAMIS_TRY(const auto pattern, object_of(*value, fmt::format("{}.pattern", where)));
  const bool regex = field(pattern, "Regex").has_value();
  TAMIS_TRY(auto text, string_field(pattern, regex ? "Regex" : "String", fmt::format("{}.pattern", where)));
  if (text.size() > kMaxTokenBytes) return wrong(fmt::format("{}.pattern", where), "too long");
  return Pattern{std::move(text), regex};
}

[[nodiscard]] Status read_bert(dom::object object, std::string_view where, NormalizerSpec& out) {
  TAMIS_TRY(out.clean_text, bool_field_or(object, "clean_text", true, where));
  TAMIS_TRY(out.chinese, bool_field_or(object, "handle_chinese_chars", true, where));
  TAMIS_TRY(out.lowercase, bool_field_or(object, "lowercase", true, where));
  if (field(object, "strip_accents")) {
    TAMIS_TRY(out.strip_accents, bool_field_or(object, "strip_accents", true, where));
  }
  return ok();
}

[[nodiscard]] Status read_normalizer_fields(dom::object object, std::string_view where, NormalizerSpec& out) {
  using Kind = NormalizerSpec::Kind;
  if (out.kind == Kind::kBert) return read_bert(object, where, out);
  if (out.kind == Kind::kStrip) {
    TAMIS_TRY(out.left, bool_field_or(object, "strip_left", true, where));
    TAMIS_TRY(out.right, bool_field_or(object, "strip_right", true, where));
  }
  if (out.kind == Kind::kReplace) {
    TAMIS_TRY(auto pattern, read_pattern(object, where));
    out.pattern = std::move(pattern.text);
    out.regex = pattern.regex;
    TAMIS_TRY(out.content, string_field(object, "content", where));
  }
  if (out.kind == Kind::kPrepend) {
    TAMIS_TRY(out.content, string_field(object, "prepend", where));
  }
  if (out.content.size() > kMaxTokenBytes) return wrong(where, "a text to put in that is too long");
  if (out.kind == Kind::kCharsMap) {
    TAMIS_TRY(const auto coded, string_field(object, "precompiled_charsmap", where));
    TAMIS_TRY(out.content, decode_base64(coded, fmt::format("{}.precompiled_charsmap", where)));
  }
  return ok();
}

template <class Kind>
struct Named {
  std::string_view name;
  Kind kind;
};
constexpr Named<NormalizerSpec::Kind> kNormalizers[] = {
    {"BertNormalizer", NormalizerSpec::Kind::kBert},
    {"Lowercase", NormalizerSpec::Kind::kLowercase},
    {"NFC", NormalizerSpec::Kind::kNfc},
    {"NFD", NormalizerSpec::Kind::kNfd},
    {"NFKC", NormalizerSpec::Kind::kNfkc},
    {"NFKD", NormalizerSpec::Kind::kNfkd},
    {"Strip", NormalizerSpec::Kind::kStrip},
    {"StripAccents", NormalizerSpec::Kind::kStripAccents},
    {"Replace", NormalizerSpec::Kind::kReplace},
    {"Prepend", NormalizerSpec::Kind::kPrepend},
    {"Precompiled", NormalizerSpec::Kind::kCharsMap},
    {"Nmt", NormalizerSpec::Kind::kNmt},
    {"ByteLevel", NormalizerSpec::Kind::kByteLevel},
};

constexpr Named<PreTokenizerSpec::Kind> kPreTokenizers[] = {
    {"BertPreTokenizer", PreTokenizerSpec::Kind::kBert},
    {"Whitespace", PreTokenizerSpec::Kind::kWhitespace},
    {"WhitespaceSplit", PreTokenizerSpec::Kind::kWhitespaceSplit},
    {"ByteLevel", PreTokenizerSpec::Kind::kByteLevel},
    {"Metaspace", PreTokenizerSpec::Kind::kMetaspace},
    {"Punctuation", PreTokenizerSpec::Kind::kPunctuation},
    {"Digits", PreTokenizerSpec::Kind::kDigits},
    {"Split", PreTokenizerSpec::Kind::kSplit},
};

/// The kind that a name stands for; an unknown name is an error that lists the known ones.
template <class Kind, std::size_t N>
[[nodiscard]] Result<Kind> kind_of(const Named<Kind> (&names)[N], std::string_view type, std::string_view where) {
  std::string known = "Sequence";
  for (const Named<Kind>& name : names) {
    if (name.name == type) return name.kind;
    known.append(", ").append(name.name);
  }
  return unsupported(fmt::format("{}.type", where), type, known);
}

[[nodiscard]] Result<Delimiter> read_delimiter(dom::object object, std::string_view absent, std::string_view where) {
  struct Name {
    std::string_view name;
    Delimiter delimiter;
  };
  constexpr Name kNames[] = {{"Removed", Delimiter::kRemoved},
                             {"Isolated", Delimiter::kIsolated},
                             {"MergedWithPrevious", Delimiter::kMergedWithPrevious},
                             {"MergedWithNext", Delimiter::kMergedWithNext},
                             {"Contiguous", Delimiter::kContiguous}};
  TAMIS_TRY(const auto seen, string_field_or(object, "behavior", absent, where));
  for (const Name& name : kNames) {
    if (name.name == seen) return name.delimiter;
  }
  return unsupported(fmt::format("{}.behavior", where), seen,
                     "Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous");
}

[[nodiscard]] Status read_metaspace(dom::object object, std::string_view where, PreTokenizerSpec& out) {
  TAMIS_TRY(out.replacement, string_field_or(object, "replacement", "\xE2\x96\x81", where));
  if (out.replacement.empty() || decode_utf8(out.replacement, 0).size != out.replacement.size())
    return wrong(fmt::format("{}.replacement", where), "not one character");
  TAMIS_TRY(out.split, bool_field_or(object, "split", true, where));
  TAMIS_TRY(const auto prefix_space, bool_field_or(object, "add_prefix_space", true, where));
  TAMIS_TRY(const auto scheme, string_field_or(object, "prepend_scheme", prefix_space ? "always" : "never", where));
  if (scheme != "always" && scheme != "first" && scheme != "never")
    return unsupported(fmt::format("{}.prepend_scheme", where), scheme, "always, first, never");
  if (!prefix_space && scheme != "never")
    return wrong(fmt::format("{}.add_prefix_space", where), "does not go with prepend_scheme");
  out.prepend = scheme == "always"  ? PreTokenizerSpec::Prepend::kAlways
                : scheme == "first" ? PreTokenizerSpec::Prepend::kFirst
                                    : PreTokenizerSpec::Prepend::kNever;
  return ok();
}

[[nodiscard]] Status read_pre_tokenizer_fields(dom::object object, std::string_view where, PreTokenizerSpec& out) {
  using Kind = PreTokenizerSpec::Kind;
  if (out.kind == Kind::kMetaspace) return read_metaspace(object, where, out);
  if (out.kind == Kind::kByteLevel) {
    TAMIS_TRY(out.prefix_space, bool_field_or(object, "add_prefix_space", true, where));
    TAMIS_TRY(out.use_regex, bool_field_or(object, "use_regex", true, where));
  }
  if (out.kind == Kind::kDigits) {
    TAMIS_TRY(out.individual, bool_field_or(object, "individual_digits", false, where));
  }
  if (out.kind == Kind::kPunctuation || out.kind == Kind::kSplit) {
    TAMIS_TRY(out.delimiter, read_delimiter(object, "Isolated", where));
  }
  if (out.kind == Kind::kSplit) {
    TAMIS_TRY(auto pattern, read_pattern(object, where));
    out.pattern = std::move(pattern.text);
    out.regex = pattern.regex;
    TAMIS_TRY(out.invert, bool_field_or(object, "invert", false, where));
  }
  return ok();
}

/// The parts of a Sequence in turn.
template <class Read>
[[nodiscard]] Status read_sequence(dom::object object, std::string_view name, std::string_view where, Read&& read) {
  const auto value = field(object, name);
  const std::string path = fmt::format("{}.{}", where, name);
  if (!value) return wrong(path, "missing");
  TAMIS_TRY(const auto parts, array_of(*value, path));
  std::size_t at = 0;
  for (const dom::element part : parts) TAMIS_TRY_OK(read(part, fmt::format("{}[{}]", path, at++)));
  return ok();
}

}  // namespace

Status read_normalizer(dom::element value, std::string_view where, std::vector<NormalizerSpec>& out) {
  TAMIS_TRY(const auto object, object_of(value, where));
  TAMIS_TRY(const auto type, string_field(object, "type", where));
  if (type == "Sequence") {
    return read_sequence(object, "normalizers", where,
                         [&](dom::element part, const std::string& path) { return read_normalizer(part, path, out); });
  }
  if (out.size() == kMaxRules) return Error{Code::kExhausted, fmt::format("normalizer: more than {} rules", kMaxRules)};
  NormalizerSpec spec;
  TAMIS_TRY(spec.kind, kind_of(kNormalizers, type, where));
  TAMIS_TRY_OK(read_normalizer_fields(object, where, spec));
  out.push_back(std::move(spec));
  return ok();
}

Status read_pre_tokenizer(dom::element value, std::string_view where, std::vector<PreTokenizerSpec>& out) {
  TAMIS_TRY(const auto object, object_of(value, where));
  TAMIS_TRY(const auto type, string_field(object, "type", where));
  if (type == "Sequence") {
    return read_sequence(object, "pretokenizers", where, [&](dom::element part, const std::string& path) {
      return read_pre_tokenizer(part, path, out);
    });
  }
  if (out.size() == kMaxRules)
    return Error{Code::kExhausted, fmt::format("pre_tokenizer: more than {} rules", kMaxRules)};
  PreTokenizerSpec spec;
  TAMIS_TRY(spec.kind, kind_of(kPreTokenizers, type, where));
  TAMIS_TRY_OK(read_pre_tokenizer_fields(object, where, spec));
  out.push_back(std::move(spec));
  return ok();
}

}  // namespace tamis::text::json
