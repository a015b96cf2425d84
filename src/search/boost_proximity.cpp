#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "boosts.h"

namespace tamis::search {
namespace {

constexpr ParameterInfo kParameters[] = {
    {"weight", 0.2, 0, 1000,
     "what a passage with all neighbours side by side is lifted by; scores are scaled to [0, 1]"},
    kBoostedPassages};

/// Words in more than this share of the passages have no neighbours: those around them are.
constexpr double kCommon = 0.2;

/// Words that stand side by side in a question, but for common ones between them.
struct Pair {
  std::uint32_t first = 0, second = 0;  // terms, by the analyser
  double weight = 0;
};

struct Pairs {
  std::vector<Pair> pairs;
  double total = 0;
};

/// log(passages / those with the word), 0 for unknown and for common words.
double weight_of(const Collection& collection, std::string_view key) {
  const auto term = collection.find_term(key);
  double with = 0, all = 0;
  for (const auto& segment : collection.segments()) {
    if (term) with += static_cast<double>(segment.field->document_frequency(*term));
    all += static_cast<double>(segment.field->num_passages());
  }
  return with == 0 || with > kCommon * all ? 0 : std::log(all / with);
}

Pairs pairs_of(const BoostInput& input, text::Language language) {
  std::vector<text::Token> tokens;
  input.analyzer.analyze(input.question, language, tokens);
  Pairs out;
  std::optional<Pair> last;  // its second word alone
  for (const auto& token : tokens) {
    const double weight = weight_of(input.collection, input.analyzer.term(token.term));
    if (weight == 0) continue;
    if (last && last->second != token.term) {
      out.pairs.push_back({last->second, token.term, std::min(last->weight, weight)});
      out.total += out.pairs.back().weight;
    }
    last = Pair{0, token.term, weight};
  }
  return out;
}

/// The least distance of two ascending lists of places, 0 if one is empty.
std::uint32_t nearest(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
  std::uint32_t least = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const auto distance = a[i] < b[j] ? b[j] - a[i] : a[i] - b[j];
    if (distance > 0 && (least == 0 || distance < least)) least = distance;
    a[i] < b[j] ? ++i : ++j;
  }
  return least;
}

/// The share of the pairs' weights that a text has, a pair at distance d counting 1 / d^2.
double share_of(const Pairs& pairs, const std::vector<text::Token>& tokens) {
  std::map<std::uint32_t, std::vector<std::uint32_t>> places;
  for (const auto& pair : pairs.pairs) {
    places[pair.first];
    places[pair.second];
  }
  std::uint32_t place = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0 && tokens[i].begin != tokens[i - 1].begin) ++place;  // a word and its first part stand at one place
    const auto found = places.find(tokens[i].term);
    if (found != places.end()) found->second.push_back(place);
  }
  double sum = 0;
  for (const auto& pair : pairs.pairs) {
    const double distance = nearest(places[pair.first], places[pair.second]);
    if (distance > 0) sum += pair.weight / (distance * distance);
  }
  return sum / pairs.total;
}

/// How near to each other words stand that are neighbours in the question: the dependences between neighbours of
/// Metzler & Croft, *A Markov random field model for term dependencies*, SIGIR 2005, each by the least distance in the
/// passage, 1 / d^2 as in Büttcher, Clarke & Lushman, *Term proximity scoring for ad-hoc retrieval on very large text
/// collections*, SIGIR 2006. A pair weighs what the commoner of its words does by idf. Cost: one text a passage.
Status share(const BoostInput& input, const MethodPart&, std::span<const ScoredPassage> passages,
             std::span<float> out) {
  std::map<text::Language, Pairs> pairs;
  std::vector<text::Token> tokens;
  for (std::size_t i = 0; i < passages.size(); ++i) {
    TAMIS_TRY(const auto language, input.collection.passage_language(passages[i].id));
    const auto [entry, is_new] = pairs.try_emplace(language);
    if (is_new) entry->second = pairs_of(input, language);
    out[i] = 0;
    if (entry->second.total == 0) continue;
    TAMIS_TRY(const auto text, input.collection.passage_text(passages[i].id));
    tokens.clear();
    input.analyzer.analyze(text, language, tokens);
    out[i] = static_cast<float>(share_of(entry->second, tokens));
  }
  return ok();
}

}  // namespace

const Boost& proximity_boost() {
  static const Boost kBoost{{"proximity", "lifts passages where neighbours of the question stand near", kParameters},
                            share};
  return kBoost;
}

}  // namespace tamis::search
