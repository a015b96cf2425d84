#include <tamis/search/pipeline.h>

#include <algorithm>
#include <unordered_map>

namespace tamis::search {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool inside_character(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

/// The tokens of the text whose term the query has, in order.
std::vector<text::Token> find_hits(text::Analyzer& analyzer, std::string_view text, text::Language language,
                                   const ParsedQuery& query) {
  std::vector<text::Token> wanted, tokens;
  analyzer.analyze(query.words(), language, wanted);
  std::vector<std::uint32_t> terms;
  for (const auto& token : wanted) terms.push_back(token.term);
  std::sort(terms.begin(), terms.end());
  analyzer.analyze(text, language, tokens);
  std::erase_if(tokens,
                [&](const text::Token& token) { return !std::binary_search(terms.begin(), terms.end(), token.term); });
  return tokens;
}

/// Without hits that hold another one (an identifier and its parts) or are longer than the window: then begins and ends
/// both ascend.
std::vector<text::Token> finest(std::vector<text::Token> hits, std::uint32_t max_bytes) {
  std::sort(hits.begin(), hits.end(), [](const text::Token& a, const text::Token& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::vector<text::Token> out;
  for (auto hit = hits.rbegin(); hit != hits.rend(); ++hit) {
    if (hit->end - hit->begin > max_bytes) continue;
    if (out.empty() || hit->end < out.back().end) out.push_back(*hit);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

/// From the first to the last hit of the best window: most different terms, then most hits, then the earliest.
text::Range best_hits(const std::vector<text::Token>& hits, std::uint32_t max_bytes) {
  std::unordered_map<std::uint32_t, std::uint32_t> counts;
  text::Range best;
  std::size_t best_terms = 0, best_hits = 0, end = 0;
  for (std::size_t begin = 0; begin < hits.size(); ++begin) {
    for (; end < hits.size() && hits[end].end - hits[begin].begin <= max_bytes; ++end) ++counts[hits[end].term];
    if (counts.size() > best_terms || (counts.size() == best_terms && end - begin > best_hits)) {
      best_terms = counts.size();
      best_hits = end - begin;
      best = {hits[begin].begin, hits[end - 1].end};
    }
    const auto leaving = counts.find(hits[begin].term);
    if (--leaving->second == 0) counts.erase(leaving);
  }
  return best;
}

/// The word that `at` is inside of, or an empty range.
text::Range word_around(const std::vector<text::Range>& words, std::size_t at) {
  const auto after =
      std::partition_point(words.begin(), words.end(), [&](const text::Range& w) { return w.end <= at; });
  return after != words.end() && after->begin < at ? *after : text::Range{};
}

/// Widens `core` to `max_bytes`, half to each side, and takes the borders back to where words end.
text::Range widen(std::string_view text, text::Range core, std::uint32_t max_bytes) {
  const std::size_t room = max_bytes - (core.end - core.begin);
  std::size_t begin = core.begin - std::min<std::size_t>(core.begin, room / 2);
  const std::size_t end_limit = std::min(text.size(), begin + max_bytes);
  begin = std::min(begin, end_limit - std::min<std::size_t>(end_limit, max_bytes));
  std::size_t end = end_limit;
  std::vector<text::Range> words;
  text::segment_words(text, words);
  if (const auto word = word_around(words, begin); word.end > 0 && word.end <= core.begin) begin = word.end;
  while (inside_character(text, begin) && begin < core.begin) ++begin;
  while (begin < core.begin && is_space(text[begin])) ++begin;
  if (const auto word = word_around(words, end); word.end > 0 && word.begin >= core.end) end = word.begin;
  while (inside_character(text, end) && end > core.end) --end;
  while (end > core.end && is_space(text[end - 1])) --end;
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

}  // namespace

Snippet make_snippet(text::Analyzer& analyzer, std::string_view text, text::Language language, const ParsedQuery& query,
                     std::uint32_t max_bytes) {
  const auto hits = find_hits(analyzer, text, language, query);
  const auto window = widen(text, best_hits(finest(hits, max_bytes), max_bytes), max_bytes);
  Snippet snippet{window.begin, window.end, {}};
  for (const auto& hit : hits) {
    if (hit.begin < window.begin || hit.end > window.end) continue;
    if (snippet.hits.empty() || hit.begin >= snippet.hits.back().end) {
      snippet.hits.push_back({hit.begin, hit.end});
    } else {
      snippet.hits.back().end = std::max(snippet.hits.back().end, hit.end);
    }
  }
  return snippet;
}

Snippet make_snippet(std::string_view text, text::Language language, const ParsedQuery& query,
                     std::uint32_t max_bytes) {
  text::Analyzer analyzer;
  return make_snippet(analyzer, text, language, query, max_bytes);
}

}  // namespace tamis::search
