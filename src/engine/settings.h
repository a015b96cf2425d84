#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/passages.h>
#include <tamis/engine/engine.h>
#include <tamis/sparse/bm25.h>
#include <tamis/sparse/quantize.h>
#include <tamis/store/catalogue.h>
#include <tamis/text/language.h>

#include <string>
#include <utility>
#include <vector>

namespace tamis::engine {

/// What holds for the whole index, from its first publication until a rebuild: the settings of its generation.
struct IndexSettings {
  enum class Kind { kEmpty, kText, kVectors };
  Kind kind = Kind::kEmpty;
  std::string analyzer;  ///< text::Analyzer::fingerprint() of the build that wrote it
  sparse::Bm25Config bm25;
  docs::PassageConfig passages;
  /// Language of documents that are too short to guess: voted by the documents of the first run.
  text::Language fallback = text::Language::kNone;
  // Vectors only:
  bool numbered_terms = false;  ///< term ids are those of the file; no vocabulary
  sparse::WeightScale scale;
};

/// @par Errors  kCorrupt for settings that this program cannot have written
[[nodiscard]] Result<IndexSettings> settings_of(const store::Generation& generation);
/// As rows of a publication.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> setting_rows(const IndexSettings& settings);

/// The settings that a run of `options` works with. An option that stands at its default follows the index; one that
/// was changed must agree with it.
/// @par Errors  kUnsupported: the index holds vectors, or was written by another analyser; kInvalidArgument: other
///   passages or BM25 parameters. Both say that a rebuild helps, where it does.
[[nodiscard]] Result<IndexSettings> settings_for_text(const IndexSettings& stored, const IngestOptions& options);

}  // namespace tamis::engine
