#include "language_vote.h"

#include <algorithm>

#include "streaming.h"

namespace tamis::engine {
namespace {

constexpr std::size_t kFiles = 16;
constexpr std::uint64_t kLargeFileBytes = 1 << 20;
constexpr std::size_t kTogetherBytes = 8 << 10;

}  // namespace

void LanguageVote::add(const docs::ExtractedDocument& document) {
  ++num_documents_;
  const auto language = text::guess_language(document.text, text::Language::kNone);
  if (language != text::Language::kNone) bytes_[language] += document.text.size();
  if (together_.size() < kTogetherBytes) together_ += document.text.substr(0, kTogetherBytes) + '\n';
}

text::Language LanguageVote::winner() const {
  if (bytes_.empty()) return text::guess_language(together_, text::Language::kEnglish);
  const auto less = [](const auto& a, const auto& b) { return a.second < b.second; };
  return std::max_element(bytes_.begin(), bytes_.end(), less)->first;
}

text::Language vote_language(const IngestPlan& plan, const docs::ReadLimits& limits) {
  LanguageVote vote;
  const std::size_t step = std::max<std::size_t>(1, plan.work.size() / kFiles);
  for (std::size_t i = 0; i < plan.work.size() && !vote.has_enough(); i += step) {
    const auto& work = plan.work[i];
    const auto& config = plan.sources[work.source].config;
    if (work.found.size_bytes > kLargeFileBytes && !may_hold_many(work.found.path, config.reader)) continue;
    const auto look = [&](docs::ExtractedDocument&& document) -> Status {
      vote.add(document);
      if (vote.has_enough()) return Error{Code::kCancelled, "enough seen"};
      return ok();
    };
    // What cannot be read is reported when its turn comes.
    static_cast<void>(docs::read_document_file(work.path, read_options(config, limits), look));
  }
  return vote.winner();
}

}  // namespace tamis::engine
