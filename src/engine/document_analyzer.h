#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/document.h>
#include <tamis/docs/passages.h>
#include <tamis/text/analyzer.h>
#include <tamis/text/language.h>

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "batch.h"

namespace tamis::engine {

/// Which language a document is analysed in.
struct LanguageRule {
  bool forced = false;
  text::Language language = text::Language::kNone;  ///< if forced
  text::Language fallback = text::Language::kNone;  ///< where a guess is not reliable
};
[[nodiscard]] text::Language language_of(const docs::ExtractedDocument& document, const LanguageRule& rule);

/// Splits documents into passages and counts their terms. One a worker.
///
/// The body of a passage is its text, the document's title and the headings above it that its text does not hold itself
/// (a heading equal to the title counts once); the title terms are those of the title and of the headings. Its length
/// is the number of body words. A document that has a title but no text is one passage without text.
class DocumentAnalyzer {
 public:
  explicit DocumentAnalyzer(docs::PassageConfig config) : config_(config) {}
  /// Key numbers start anew: before the first document of a batch.
  void start_batch();
  void add(docs::ExtractedDocument&& document, const LanguageRule& rule, Batch& batch);

 private:
  using Numbers = std::vector<std::uint32_t>;  // of the analyser's terms

  void add_passage(const docs::ExtractedDocument& document, const docs::Passage& passage, text::Language language,
                   Batch& batch);
  void analyze(std::string_view text, text::Language language, Numbers& out);
  const Numbers& heading_words(const docs::ExtractedDocument& document, std::uint32_t block, text::Language language);
  std::uint32_t body_key(std::uint32_t number, Batch& batch);
  std::uint32_t title_key(std::uint32_t number, Batch& batch);
  void count(std::uint32_t key, Batch& batch);

  /// Number of an analyser's term in the batch, if it has one there.
  struct KeyNumber {
    std::uint32_t batch = 0, key = 0;
  };
  docs::PassageConfig config_;
  text::Analyzer analyzer_;
  std::uint32_t batch_ = 0;
  std::vector<KeyNumber> body_keys_, title_keys_;  // by the analyser's number
  std::vector<std::size_t> entry_of_;  // key to its entry in batch.counts; valid only inside the passage's entries
  std::size_t first_entry_ = 0;
  std::vector<text::Token> tokens_;
  Numbers title_, body_;
  std::unordered_map<std::uint32_t, Numbers> headings_;  // block to words, of one document
};

}  // namespace tamis::engine
