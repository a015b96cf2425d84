#pragma once

#include <tamis/docs/document.h>
#include <tamis/docs/reader.h>
#include <tamis/text/language.h>

#include <cstdint>
#include <map>
#include <string>

#include "ingest_plan.h"

namespace tamis::engine {

/// Which language documents are taken to be in when they are too short to guess: the most frequent reliable guess, by
/// bytes, over a sample of a new index. English where nothing can be guessed.
class LanguageVote {
 public:
  void add(const docs::ExtractedDocument& document);
  [[nodiscard]] bool has_enough() const noexcept { return num_documents_ >= 256; }
  [[nodiscard]] text::Language winner() const;

 private:
  std::map<text::Language, std::uint64_t> bytes_;
  std::string together_;  // decides in collections of short documents only
  std::size_t num_documents_ = 0;
};

/// Votes over some files of a plan. Cost: reading at most 16 files, none of them large unless it holds many documents.
[[nodiscard]] text::Language vote_language(const IngestPlan& plan, const docs::ReadLimits& limits);

}  // namespace tamis::engine
