#pragma once

#include <fmt/format.h>
#include <simdjson.h>
#include <tamis/base/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tokenizer_spec.h"

// Only for the files that read a tokenizer.json. `where` is the path of a value for messages, e.g. "model.vocab".
namespace tamis::text::json {

namespace dom = simdjson::dom;

// Limits on hostile files; the largest real vocabularies have 256,000 tokens, 500,000 merges and tokens of 300 bytes.
inline constexpr std::uint32_t kMaxIds = 1U << 23U;
inline constexpr std::size_t kMaxMerges = std::size_t{1} << 23U;
inline constexpr std::size_t kMaxTokenBytes = 2048;
inline constexpr std::size_t kMaxAddedTokens = 100'000;
inline constexpr std::size_t kMaxRules = 64;
inline constexpr std::size_t kMaxDepth = 64;

[[nodiscard]] inline Error wrong(std::string_view where, std::string_view what) {
  return Error{Code::kCorrupt, fmt::format("{}: {}", where, what)};
}
[[nodiscard]] inline Error unsupported(std::string_view where, std::string_view seen, std::string_view known) {
  return Error{Code::kUnsupported, fmt::format("{}: \"{}\" is not known (known: {})", where, seen, known)};
}

/// The value of a field; nothing where it is absent or null.
[[nodiscard]] inline std::optional<dom::element> field(dom::object object, std::string_view name) {
  dom::element value;
  if (object[name].get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return value;
}

[[nodiscard]] Result<dom::object> object_of(dom::element value, std::string_view where);
[[nodiscard]] Result<dom::array> array_of(dom::element value, std::string_view where);
[[nodiscard]] Result<std::string> string_of(dom::element value, std::string_view where);
/// An id below kMaxIds.
[[nodiscard]] Result<std::uint32_t> id_of(dom::element value, std::string_view where);

[[nodiscard]] Result<std::string> string_field(dom::object object, std::string_view name, std::string_view where);
[[nodiscard]] Result<std::string> string_field_or(dom::object object, std::string_view name, std::string_view absent,
                                                  std::string_view where);
[[nodiscard]] Result<bool> bool_field_or(dom::object object, std::string_view name, bool absent,
                                         std::string_view where);
[[nodiscard]] Result<std::optional<std::uint32_t>> id_field(dom::object object, std::string_view name,
                                                            std::string_view where);

[[nodiscard]] Status read_normalizer(dom::element value, std::string_view where, std::vector<NormalizerSpec>& out);
[[nodiscard]] Status read_pre_tokenizer(dom::element value, std::string_view where, std::vector<PreTokenizerSpec>& out);
[[nodiscard]] Status read_post_processor(dom::element value, std::string_view where, PostProcessorSpec& out);

/// A tokenizer.json in two: its long lists, and the rest as JSON.
struct Parts {
  ModelSpec model;
  bool has_vocabulary = false, has_merges = false;
  bool scored = false;  ///< the vocabulary is a list of tokens with scores
  simdjson::padded_string rest;
};
[[nodiscard]] Result<Parts> read_parts(simdjson::padded_string_view json);
/// `value` is what remains of the model; the lists are in `parts`, which is used up.
[[nodiscard]] Result<ModelSpec> read_model(dom::element value, Parts& parts);

[[nodiscard]] inline Error not_json(simdjson::error_code error) {
  return Error{Code::kCorrupt, fmt::format("not JSON: {}", simdjson::error_message(error))};
}

/// Parses, and hands the root to `use`.
template <class Use>
[[nodiscard]] auto with_root(const simdjson::padded_string& json, Use&& use) -> decltype(use(dom::object())) {
  dom::parser parser;
  if (parser.allocate(json.size(), kMaxDepth) != simdjson::SUCCESS)
    return Error{Code::kExhausted, fmt::format("{} bytes of JSON: no memory for so many", json.size())};
  dom::element root;
  if (const auto error = parser.parse(json).get(root)) return not_json(error);
  TAMIS_TRY(const auto object, object_of(root, "the whole"));
  return use(object);
}

}  // namespace tamis::text::json
