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

/// A run of hits and how often each term occurs in it.
class Run {
 public:
  void add(const text::Token& hit) { ++counts_[hit.term]; }
  void remove(const text::Token& hit) {
    const auto leaving = counts_.find(hit.term);
    if (--leaving->second == 0) counts_.erase(leaving);
  }
  [[nodiscard]] std::size_t num_terms() const { return counts_.size(); }

 private:
  std::unordered_map<std::uint32_t, std::uint32_t> counts_;
};

/// How many different terms fit into a window.
std::size_t most_terms(const std::vector<text::Token>& hits, std::uint32_t max_bytes) {
  Run run;
  std::size_t most = 0, end = 0;
  for (const auto& first : hits) {
    for (; end < hits.size() && hits[end].end - first.begin <= max_bytes; ++end) run.add(hits[end]);
    most = std::max(most, run.num_terms());
    run.remove(first);
  }
  return most;
}

/// The smallest range with `num_terms` different terms, the earliest of them: the tightest place shows the best.
text::Range tightest(const std::vector<text::Token>& hits, std::size_t num_terms) {
  Run run;
  text::Range best{0, 0};
  std::size_t begin = 0;
  for (const auto& last : hits) {
    run.add(last);
    for (; num_terms > 0 && run.num_terms() == num_terms; ++begin) {
      const text::Range range{hits[begin].begin, last.end};
      if (best.end == 0 || range.end - range.begin < best.end - best.begin) best = range;
      run.remove(hits[begin]);
    }
  }
  return best;
}

/// The word that `at` is inside of, or an empty range.
text::Range word_around(const std::vector<text::Range>& words, std::size_t at) {
  const auto after =
      std::partition_point(words.begin(), words.end(), [&](const text::Range& w) { return w.end <= at; });
  return after != words.end() && after->begin < at ? *after : text::Range{};
}

/// Widens `core` to `max_bytes`, half to each side, and takes the borders back to where words begin and end.
text::Range widen(std::string_view text, text::Range core, std::uint32_t max_bytes) {
  const std::size_t room = max_bytes - (core.end - core.begin);
  std::size_t begin = core.begin - std::min<std::size_t>(core.begin, room / 2);
  std::size_t end = std::min(text.size(), begin + max_bytes);
  begin = std::min(begin, end - std::min<std::size_t>(end, max_bytes));
  std::vector<text::Range> words;
  text::segment_words(text, words);
  if (begin > 0) {
    const auto next = std::partition_point(words.begin(), words.end(), [&](const auto& w) { return w.begin < begin; });
    begin = next == words.end() ? core.begin : std::min(next->begin, core.begin);
  }
  const auto word = word_around(words, end);
  if (word.end > 0 && word.begin >= core.end && word.begin > begin) end = word.begin;
  while (inside_character(text, end) && end > core.end) --end;
  while (end > core.end && is_space(text[end - 1])) --end;
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

}  // namespace

Snippet make_snippet(text::Analyzer& analyzer, std::string_view text, text::Language language, const ParsedQuery& query,
                     std::uint32_t max_bytes) {
  const auto hits = find_hits(analyzer, text, language, query);
  const auto fitting = finest(hits, max_bytes);
  const auto window = widen(text, tightest(fitting, most_terms(fitting, max_bytes)), max_bytes);
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
