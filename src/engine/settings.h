#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/passages.h>
#include <tamis/engine/engine.h>
#include <tamis/sieve/recall_curve.h>
#include <tamis/sparse/bm25.h>
#include <tamis/sparse/quantize.h>
#include <tamis/store/catalogue.h>
#include <tamis/text/language.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tamis::engine {

/// An encoder as the index remembers it.
struct EncoderSettings {
  std::string name;  ///< of its field; not part of the stored value
  std::string model, fingerprint;
  sparse::WeightScale scale;
  bool operator==(const EncoderSettings&) const = default;
};

/// What holds for the whole index, from its first publication until a rebuild: the settings of its generation.
struct IndexSettings {
  enum class Kind { kEmpty, kText, kVectors };
  Kind kind = Kind::kEmpty;
  std::string analyzer;  ///< text::Analyzer::fingerprint() of the build that wrote it
  sparse::Bm25Config bm25;
  docs::PassageConfig passages;
  /// Language of documents that are too short to guess: voted by the documents of the first run.
  text::Language fallback = text::Language::kNone;
  std::vector<EncoderSettings> encoders;  ///< by name
  // Vectors only:
  bool numbered_terms = false;  ///< term ids are those of the file; no vocabulary
  sparse::WeightScale scale;
  // Not written by setting_rows():
  double recall = 1;  ///< of searches that do not say
  /// By method and k: what finds how much.
  std::map<std::pair<std::string, std::uint32_t>, sieve::RecallCurve> curves;
  /// Exact where no curve of the method reaches so deep.
  [[nodiscard]] sieve::Effort effort_for(std::string_view method, std::size_t k, double recall) const;
};
[[nodiscard]] std::pair<std::string, std::string> recall_row(double recall);
[[nodiscard]] std::pair<std::string, std::string> curve_row(std::string_view method, std::uint32_t k,
                                                            const sieve::RecallCurve& curve);

/// @par Errors  kCorrupt for settings that this program cannot have written
[[nodiscard]] Result<IndexSettings> settings_of(const store::Generation& generation);
/// As rows of a publication; with the settings that it follows, also the rows that these do not have any more.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> setting_rows(const IndexSettings& settings);
[[nodiscard]] std::vector<std::pair<std::string, std::string>> setting_rows(const IndexSettings& settings,
                                                                            const IndexSettings& before);

/// What can be said of the encoders of a state: a passage is waiting while its segment lacks the field.
[[nodiscard]] std::vector<EncoderInfo> encoder_infos(const IndexSettings& settings,
                                                     const store::Generation& generation);

/// The settings that a run of `options` works with. An option that stands at its default follows the index; one that
/// was changed must agree with it.
/// @par Errors  kUnsupported: the index holds vectors, or was written by another analyser; kInvalidArgument: other
///   passages or BM25 parameters, an encoder of the same name that is another one, a name that no field can have. They
///   say that a rebuild helps, where it does.
[[nodiscard]] Result<IndexSettings> settings_for_text(const IndexSettings& stored, const IngestOptions& options);

}  // namespace tamis::engine
