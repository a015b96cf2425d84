#include "document_analyzer.h"

#include <tamis/sparse/bm25.h>

#include <utility>

#include "stopwatch.h"

namespace tamis::engine {
namespace {

/// An analyser remembers every term that it has seen; from so many on it starts anew.
constexpr std::size_t kMaxAnalyzerTerms = 2'000'000;

std::string_view block_text(const docs::ExtractedDocument& document, std::uint32_t block) {
  const auto& range = document.blocks[block];
  return std::string_view(document.text).substr(range.begin, range.end - range.begin);
}

}  // namespace

text::Language language_of(const docs::ExtractedDocument& document, const LanguageRule& rule) {
  if (rule.forced) return rule.language;
  if (!document.language.empty()) {
    if (const auto declared = text::language_from(document.language)) return *declared;
  }
  return text::guess_language(document.text.empty() ? document.title : document.text, rule.fallback);
}

void DocumentAnalyzer::start_batch() {
  ++batch_;
  entry_of_.clear();
  if (analyzer_.num_terms() < kMaxAnalyzerTerms) return;
  analyzer_.clear();
  body_keys_.clear();
  title_keys_.clear();
}

void DocumentAnalyzer::add(docs::ExtractedDocument&& document, const LanguageRule& rule, Batch& batch) {
  std::vector<docs::Passage> passages;
  {
    const Stopwatch watch(batch.read_seconds);
    passages = docs::split_passages(document, config_);
  }
  if (passages.empty() && !document.title.empty()) passages.emplace_back();
  if (passages.empty()) return;
  const Stopwatch watch(batch.analyse_seconds);
  const auto language = language_of(document, rule);
  headings_.clear();
  title_.clear();
  analyze(document.title, language, title_);
  for (const auto& passage : passages) add_passage(document, passage, language, batch);
  BatchDocument out;
  out.item = std::move(document.item);
  out.title = std::move(document.title);
  out.text = std::move(document.text);
  out.encoding = std::move(document.encoding);
  out.origin_kind = document.origin_kind;
  out.metadata = std::move(document.metadata);
  out.num_passages = static_cast<std::uint32_t>(passages.size());
  batch.documents.push_back(std::move(out));
}

void DocumentAnalyzer::add_passage(const docs::ExtractedDocument& document, const docs::Passage& passage,
                                   text::Language language, Batch& batch) {
  first_entry_ = batch.counts.size();
  body_.clear();
  analyze(std::string_view(document.text).substr(passage.begin, passage.end - passage.begin), language, body_);
  bool title_in_body = false;
  const auto add_title = [&](const Numbers& words, bool in_body) {
    for (const auto number : words) count(title_key(number, batch), batch);
    if (!in_body) body_.insert(body_.end(), words.begin(), words.end());
  };
  for (const auto block : passage.path) {
    const bool in_body = document.blocks[block].begin >= passage.begin && document.blocks[block].begin < passage.end;
    if (block_text(document, block) == document.title) {
      title_in_body = title_in_body || in_body;
    } else {
      add_title(heading_words(document, block, language), in_body);
    }
  }
  add_title(title_, title_in_body);
  for (const auto number : body_) count(body_key(number, batch), batch);
  BatchPassage out;
  out.begin = passage.begin;
  out.end = passage.end;
  out.origin = passage.origin;
  out.length = static_cast<std::uint32_t>(body_.size());
  out.num_terms = static_cast<std::uint32_t>(batch.counts.size() - first_entry_);
  out.language = static_cast<std::uint8_t>(language);
  out.heading = docs::heading_path(document, passage);
  batch.passages.push_back(std::move(out));
}

void DocumentAnalyzer::analyze(std::string_view text, text::Language language, Numbers& out) {
  tokens_.clear();
  analyzer_.analyze(text, language, tokens_);
  out.reserve(out.size() + tokens_.size());
  for (const auto& token : tokens_) out.push_back(token.term);
}

const DocumentAnalyzer::Numbers& DocumentAnalyzer::heading_words(const docs::ExtractedDocument& document,
                                                                 std::uint32_t block, text::Language language) {
  const auto [at, is_new] = headings_.try_emplace(block);
  if (is_new) analyze(block_text(document, block), language, at->second);
  return at->second;
}

std::uint32_t DocumentAnalyzer::body_key(std::uint32_t number, Batch& batch) {
  if (number >= body_keys_.size()) body_keys_.resize(analyzer_.num_terms());
  auto& known = body_keys_[number];
  if (known.batch != batch_) known = {batch_, batch.keys.add(analyzer_.term(number))};
  return known.key;
}

std::uint32_t DocumentAnalyzer::title_key(std::uint32_t number, Batch& batch) {
  if (number >= title_keys_.size()) title_keys_.resize(analyzer_.num_terms());
  auto& known = title_keys_[number];
  if (known.batch != batch_) known = {batch_, batch.keys.add(sparse::title_key(analyzer_.term(number)))};
  return known.key;
}

void DocumentAnalyzer::count(std::uint32_t key, Batch& batch) {
  if (key >= entry_of_.size()) entry_of_.resize(batch.keys.size(), 0);
  auto& entry = entry_of_[key];
  // An entry of an earlier passage lies before first_entry_; entry 0 is also what a key never seen has.
  if (entry >= first_entry_ && entry < batch.counts.size() && batch.counts[entry].term == key) {
    ++batch.counts[entry].count;
    return;
  }
  entry = batch.counts.size();
  batch.counts.push_back({key, 1});
}

}  // namespace tamis::engine
