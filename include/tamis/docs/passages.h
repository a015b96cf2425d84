#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/document.h>

#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

namespace tamis::docs {

/// How documents are cut. Boundaries never depend on an encoder.
struct PassageConfig {
  std::uint32_t target_words = 180;  ///< a passage is closed at the first border after so many words
  std::uint32_t max_words = 300;     ///< a block longer than this is split at sentences, then words
  std::uint32_t min_words = 50;      ///< a section or remainder shorter than this is joined with its neighbour
  bool whole_document = false;       ///< one passage a document
  /// @par Errors  kInvalidArgument unless min_words <= target_words <= max_words <= 1,000,000 and target_words > 0
  [[nodiscard]] Status validate() const;
};
template <class Config, class Visitor>
requires std::same_as<std::remove_const_t<Config>, PassageConfig>
void visit_fields(Config& config, Visitor&& field) {
  field("target_words", config.target_words, "a passage is closed at the first border after so many words");
  field("max_words", config.max_words, "a block longer than this is split at sentences, then at words");
  field("min_words", config.min_words, "a section or remainder shorter than this is joined with its neighbour");
  field("whole_document", config.whole_document, "one passage a document");
}

/// A passage: text.substr(begin, end - begin), exactly.
struct Passage {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t origin = 1;  ///< line or page of `begin`
  /// Indexes into document.blocks of the headings that hold for it, outermost first; those that open it included. For
  /// sections that were joined: the headings that they share.
  std::vector<std::uint32_t> path;
};

/// Cuts at structure: a heading starts a passage and goes with what follows it; lists, tables and code stay whole where
/// they fit; small neighbours under the same heading are joined. Passages are in order, do not overlap, and cover every
/// non-space byte of the text. A document without text has no passage.
/// Lengths are words, but at least one for every 24 bytes. No passage is longer than max_words, not counting the
/// headings that open it. Linear in the text; deterministic; safe from any thread.
[[nodiscard]] std::vector<Passage> split_passages(const ExtractedDocument& document, const PassageConfig& config);
/// "Guide › Rotation › Weekly": the heading path as text, at most 200 bytes. The first heading is left out when it is
/// the document's title.
[[nodiscard]] std::string heading_path(const ExtractedDocument& document, const Passage& passage);

}  // namespace tamis::docs
