#include "settings.h"

#include <fmt/format.h>
#include <tamis/base/config.h>
#include <tamis/text/analyzer.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "segment_writer.h"

namespace tamis::engine {
namespace {

constexpr std::string_view kKind = "kind";
constexpr std::string_view kAnalyzer = "analyzer";
constexpr std::string_view kBm25 = "bm25";
constexpr std::string_view kPassages = "passages";
constexpr std::string_view kFallback = "language_fallback";
constexpr std::string_view kTerms = "terms";
constexpr std::string_view kScale = "scale";

/// In front of an encoder's name; an empty value is an encoder that a rebuild forgot.
constexpr std::string_view kEncoder = "encoder.";
/// Of the weights of encoders.
constexpr std::uint32_t kEncoderBits = 8;

/// The share of the best that searches find unless told otherwise; "" = all.
constexpr std::string_view kRecall = "recall";
/// In front of k, a dot and a method: what finds how much there.
constexpr std::string_view kCurve = "curve.";

/// The scale as one flat configuration, so that it is written and read as the others are.
struct ScaleConfig {
  float ceiling = 1.0F;
  std::uint32_t bits = 8;
  [[nodiscard]] Status validate() const { return sparse::WeightScale{ceiling, bits}.validate(); }
};
template <class Config, class Visitor>
requires std::same_as<std::remove_const_t<Config>, ScaleConfig>
void visit_fields(Config& config, Visitor&& field) {
  field("ceiling", config.ceiling, "the largest weight that can be stored");
  field("bits", config.bits, "bits a stored weight");
}

struct EncoderConfig {
  std::string model, fingerprint;
  float ceiling = 1.0F;
  std::uint32_t bits = kEncoderBits;
  [[nodiscard]] Status validate() const { return sparse::WeightScale{ceiling, bits}.validate(); }
};
template <class Config, class Visitor>
requires std::same_as<std::remove_const_t<Config>, EncoderConfig>
void visit_fields(Config& config, Visitor&& field) {
  field("model", config.model, "where the model is found");
  field("fingerprint", config.fingerprint, "of tokenizer, weights and settings");
  field("ceiling", config.ceiling, "the largest weight that can be stored");
  field("bits", config.bits, "bits a stored weight");
}

template <class Config>
Status read_setting(const store::Generation& generation, std::string_view key, Config& out) {
  const auto text = generation.setting(key);
  auto value = from_json<Config>(text);
  if (!value) return Error{Code::kCorrupt, fmt::format("setting {}: {}", key, value.error().message)};
  out = std::move(*value);
  return ok();
}

Result<std::vector<EncoderSettings>> read_encoders(const store::Generation& generation) {
  std::vector<EncoderSettings> encoders;
  for (const auto& [key, value] : generation.settings) {
    if (!key.starts_with(kEncoder) || value.empty()) continue;
    EncoderConfig config;
    TAMIS_TRY_OK(read_setting(generation, key, config));
    encoders.push_back({key.substr(kEncoder.size()), config.model, config.fingerprint, {config.ceiling, config.bits}});
  }
  std::sort(encoders.begin(), encoders.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return encoders;
}

/// Names become parts of file names and of search methods.
Status check_encoder_name(const std::string& name) {
  const auto inner = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  constexpr std::size_t kMaxName = 64;
  const bool fine = !name.empty() && name.size() <= kMaxName && std::all_of(name.begin(), name.end(), inner) &&
                    name.front() != '.' && name.front() != '-' && name.find(".part.") == std::string::npos;
  if (fine && name != kBm25Field && name != kVectorField) return ok();
  return Error{Code::kInvalidArgument,
               fmt::format("encoder \"{}\": no name for a field (wanted up to {} letters, digits and . _ -, and not "
                           "{} or {})",
                           name, kMaxName, kBm25Field, kVectorField)};
}

Status add_encoder(IndexSettings& settings, const EncoderChoice& choice) {
  EncoderSettings added{std::string(choice.encoder->name()),
                        choice.model,
                        choice.encoder->fingerprint(),
                        {choice.encoder->ceiling(), kEncoderBits}};
  TAMIS_TRY_OK(check_encoder_name(added.name));
  auto& known = settings.encoders;
  const auto at =
      std::lower_bound(known.begin(), known.end(), added, [](const auto& a, const auto& b) { return a.name < b.name; });
  if (at == known.end() || at->name != added.name) {
    known.insert(at, std::move(added));
    return ok();
  }
  if (at->fingerprint == added.fingerprint) {
    at->model = std::move(added.model);  // it may have moved
    return ok();
  }
  return Error{Code::kInvalidArgument,
               fmt::format("the index has vectors of another model named {} ({}; this one is {}): name the model that "
                           "it was made with, or make all vectors anew (--rebuild)",
                           at->name, at->fingerprint, added.fingerprint)};
}

template <class Config>
bool same(const Config& a, const Config& b) {
  return to_json(a) == to_json(b);
}

Status agree_on_passages(const docs::PassageConfig& stored, const docs::PassageConfig& wanted) {
  if (same(wanted, docs::PassageConfig{}) || same(wanted, stored)) return ok();
  return Error{Code::kInvalidArgument,
               fmt::format("the index was cut into passages by {}, now {} is asked for: rebuild it (--rebuild), or "
                           "leave the option out",
                           to_json(stored), to_json(wanted))};
}

Status agree_on_bm25(const sparse::Bm25Config& stored, const sparse::Bm25Config& wanted) {
  const sparse::Bm25Config plain;
  const auto differs = [](float given, float normal, float kept) { return given != normal && given != kept; };
  if (!differs(wanted.k1, plain.k1, stored.k1) && !differs(wanted.b, plain.b, stored.b) &&
      !differs(wanted.avg_length, plain.avg_length, stored.avg_length)) {
    return ok();
  }
  return Error{Code::kInvalidArgument,
               fmt::format("the index holds BM25 weights of {}, now {} is asked for: rebuild it (--rebuild), or leave "
                           "the option out",
                           to_json(stored), to_json(wanted))};
}

Status read_recall(const store::Generation& generation, IndexSettings& settings) {
  const auto corrupt = [](std::string_view key, std::string_view why) {
    return Error{Code::kCorrupt, fmt::format("setting {}: {}", key, why)};
  };
  if (const std::string text = generation.setting(kRecall); !text.empty()) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), settings.recall);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || !(settings.recall > 0) || settings.recall > 1) return corrupt(kRecall, "no share: " + text);
  }
  for (const auto& [key, value] : generation.settings) {
    if (!key.starts_with(kCurve) || value.empty()) continue;
    const auto name = std::string_view(key).substr(kCurve.size());
    std::uint32_t k = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), k);
    const auto digits = static_cast<std::size_t>(end - name.data());
    if (error != std::errc() || k == 0 || digits + 1 >= name.size() || *end != '.') return corrupt(key, "no k");
    auto curve = sieve::RecallCurve::parse(value);
    if (!curve) return corrupt(key, curve.error().message);
    settings.curves.emplace(std::pair(std::string(name.substr(digits + 1)), k), std::move(*curve));
  }
  return ok();
}

}  // namespace

std::pair<std::string, std::string> recall_row(double recall) {
  return {std::string(kRecall), fmt::format("{}", recall)};
}

std::pair<std::string, std::string> curve_row(std::string_view method, std::uint32_t k,
                                              const sieve::RecallCurve& curve) {
  return {fmt::format("{}{}.{}", kCurve, k, method), curve.to_text()};
}

sieve::Effort IndexSettings::effort_for(std::string_view method, std::size_t k, double wanted) const {
  if (wanted >= 1) return {};
  for (auto at = curves.lower_bound({std::string(method), 0}); at != curves.end() && at->first.first == method; ++at) {
    if (at->first.second >= k) return at->second.effort_for(wanted);
  }
  return {};
}

Result<IndexSettings> settings_of(const store::Generation& generation) {
  IndexSettings settings;
  const auto kind = generation.setting(kKind);
  if (kind.empty()) return settings;
  TAMIS_TRY_OK(read_recall(generation, settings));
  settings.analyzer = generation.setting(kAnalyzer);
  if (kind == "text") {
    settings.kind = IndexSettings::Kind::kText;
    TAMIS_TRY_OK(read_setting(generation, kBm25, settings.bm25));
    TAMIS_TRY_OK(read_setting(generation, kPassages, settings.passages));
    TAMIS_TRY(settings.fallback, text::language_from(generation.setting(kFallback)));
    TAMIS_TRY(settings.encoders, read_encoders(generation));
    return settings;
  }
  if (kind != "vectors") return Error{Code::kCorrupt, fmt::format("setting kind: \"{}\" is not known", kind)};
  settings.kind = IndexSettings::Kind::kVectors;
  settings.numbered_terms = generation.setting(kTerms) == "numbers";
  ScaleConfig scale;
  TAMIS_TRY_OK(read_setting(generation, kScale, scale));
  settings.scale = {scale.ceiling, scale.bits};
  return settings;
}

std::vector<std::pair<std::string, std::string>> setting_rows(const IndexSettings& settings) {
  std::vector<std::pair<std::string, std::string>> rows;
  const auto add = [&](std::string_view key, std::string value) {
    rows.emplace_back(std::string(key), std::move(value));
  };
  if (settings.kind == IndexSettings::Kind::kText) {
    add(kKind, "text");
    add(kAnalyzer, settings.analyzer);
    add(kBm25, to_json(settings.bm25));
    add(kPassages, to_json(settings.passages));
    add(kFallback, std::string(text::code(settings.fallback)));
    for (const auto& encoder : settings.encoders) {
      const EncoderConfig config{encoder.model, encoder.fingerprint, encoder.scale.ceiling, encoder.scale.bits};
      add(std::string(kEncoder) + encoder.name, to_json(config));
    }
  } else if (settings.kind == IndexSettings::Kind::kVectors) {
    add(kKind, "vectors");
    add(kTerms, settings.numbered_terms ? "numbers" : "names");
    add(kScale, to_json(ScaleConfig{settings.scale.ceiling, settings.scale.bits}));
  }
  return rows;
}

std::vector<std::pair<std::string, std::string>> setting_rows(const IndexSettings& settings,
                                                              const IndexSettings& before) {
  auto rows = setting_rows(settings);
  for (const auto& old : before.encoders) {
    const bool kept = std::any_of(settings.encoders.begin(), settings.encoders.end(),
                                  [&](const auto& encoder) { return encoder.name == old.name; });
    if (!kept) rows.emplace_back(std::string(kEncoder) + old.name, "");
  }
  // Curves were fitted with the encoders that were.
  for (const auto& [of, curve] : before.curves) {
    if (!(settings.encoders == before.encoders)) rows.emplace_back(curve_row(of.first, of.second, curve).first, "");
  }
  return rows;
}

std::vector<EncoderInfo> encoder_infos(const IndexSettings& settings, const store::Generation& generation) {
  std::vector<EncoderInfo> infos;
  for (const auto& encoder : settings.encoders) {
    EncoderInfo info{encoder.name, encoder.model, encoder.fingerprint, 0};
    for (const auto& segment : generation.segments) {
      if (!has_field(segment, encoder.name)) info.passages_waiting += segment.num_passages;
    }
    infos.push_back(std::move(info));
  }
  return infos;
}

Result<IndexSettings> settings_for_text(const IndexSettings& stored, const IngestOptions& options) {
  TAMIS_TRY_OK(options.bm25.validate());
  TAMIS_TRY_OK(options.passages.validate());
  if (stored.kind == IndexSettings::Kind::kVectors) {
    return Error{Code::kUnsupported, "the index holds vectors: texts go into another index (--index)"};
  }
  IndexSettings settings = stored;
  settings.kind = IndexSettings::Kind::kText;
  settings.analyzer = text::Analyzer::fingerprint();
  if (options.rebuild) settings.encoders.clear();
  for (const auto& choice : options.encoders) TAMIS_TRY_OK(add_encoder(settings, choice));
  if (stored.kind == IndexSettings::Kind::kEmpty) {
    settings.bm25 = options.bm25;
    settings.passages = options.passages;
    return settings;
  }
  const sparse::Bm25Config plain;
  if (options.bm25.title_weight != plain.title_weight) settings.bm25.title_weight = options.bm25.title_weight;
  if (options.rebuild) {
    if (options.bm25.k1 != plain.k1) settings.bm25.k1 = options.bm25.k1;
    if (options.bm25.b != plain.b) settings.bm25.b = options.bm25.b;
    settings.bm25.avg_length = options.bm25.avg_length;
    if (!same(options.passages, docs::PassageConfig{})) settings.passages = options.passages;
    return settings;
  }
  if (stored.analyzer != settings.analyzer) {
    return Error{Code::kUnsupported, fmt::format("the index was written by the analyser {}, this build has {}: rebuild "
                                                 "it (--rebuild)",
                                                 stored.analyzer, settings.analyzer)};
  }
  TAMIS_TRY_OK(agree_on_passages(stored.passages, options.passages));
  TAMIS_TRY_OK(agree_on_bm25(stored.bm25, options.bm25));
  return settings;
}

}  // namespace tamis::engine
