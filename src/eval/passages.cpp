#include <fmt/format.h>
#include <tamis/eval/evaluate.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>

namespace tamis::eval {
namespace {

/// What was found of a document.
struct Found {
  std::vector<double> scores;
  std::size_t first = 0;         ///< the passage that stands first
  std::string_view first_place;  ///< what follows the separator in its id
};

bool stands_before(std::string_view a, std::string_view b) {
  const auto whole = [](std::string_view text, std::uint64_t& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
  };
  std::uint64_t x = 0, y = 0;
  if (whole(a, x) && whole(b, y)) return x < y;
  return a < b;
}

}  // namespace

Result<PassageRule> passage_rule_from(std::string_view name) {
  if (name == "max") return PassageRule::kMax;
  if (name == "first") return PassageRule::kFirst;
  if (name == "sum") return PassageRule::kSum;
  if (name == "mean") return PassageRule::kTopMean;
  return Error{Code::kInvalidArgument, fmt::format("'{}' is no rule for passages (max, first, sum, mean)", name)};
}

double document_score(std::vector<double>& scores, std::size_t first, const PassageOptions& options) {
  if (options.rule == PassageRule::kFirst) return scores[first];
  // Sums are made from the best passage on, whatever order the passages came in.
  std::sort(scores.begin(), scores.end(), std::greater<>());
  if (options.rule == PassageRule::kMax) return scores.front();
  std::size_t count = scores.size();
  if (options.rule == PassageRule::kTopMean) count = std::min<std::size_t>(count, options.top);
  double sum = 0.0;
  for (std::size_t i = 0; i < count; ++i) sum += scores[i];
  return options.rule == PassageRule::kTopMean ? sum / static_cast<double>(count) : sum;
}

Result<Run> documents_of_passages(const Run& passages, const PassageOptions& options, Ids& ids) {
  if (options.separator.empty()) return Error{Code::kInvalidArgument, "passages: no separator of document and passage"};
  if (options.top == 0) return Error{Code::kInvalidArgument, "passages: the mean of the 0 best (wanted 1 or more)"};
  std::vector<QueryLine<Hit>> lines;
  std::unordered_map<std::uint32_t, std::size_t> place_of;  // document: place in `documents`
  std::vector<std::pair<std::uint32_t, Found>> documents;
  std::vector<std::string> places;  // interning moves the letters of ids
  for (std::size_t query = 0; query < passages.size(); ++query) {
    place_of.clear();
    documents.clear();
    const auto hits = passages.items(query);
    places.assign(hits.size(), {});
    for (std::size_t i = 0; i < hits.size(); ++i) {
      std::string id(ids.documents.name(hits[i].document));
      const auto end = id.rfind(options.separator);
      if (end == 0) return Error{Code::kCorrupt, fmt::format("the passage \"{}\" names no document", id)};
      if (end != std::string::npos) {
        places[i] = id.substr(end + options.separator.size());
        id.resize(end);
      }
      TAMIS_TRY(const std::uint32_t document, ids.documents.intern(id));
      const auto [entry, is_new] = place_of.emplace(document, documents.size());
      if (is_new) documents.emplace_back(document, Found());
      Found& found = documents[entry->second].second;
      if (is_new || stands_before(places[i], found.first_place)) {
        found.first = found.scores.size();
        found.first_place = places[i];
      }
      found.scores.push_back(hits[i].score);
    }
    for (auto& [document, found] : documents) {
      lines.push_back({passages.query(query), 0, {document, document_score(found.scores, found.first, options)}});
    }
  }
  return Run::gather(std::move(lines), ids);
}

Result<Run> without_self_matches(const Run& run, const Ids& ids) {
  std::vector<QueryLine<Hit>> lines;
  for (std::size_t query = 0; query < run.size(); ++query) {
    const auto own = ids.documents.find(ids.queries.name(run.query(query)));
    for (const Hit& hit : run.items(query)) {
      if (own != hit.document) lines.push_back({run.query(query), 0, hit});
    }
  }
  return Run::gather(std::move(lines), ids);
}

}  // namespace tamis::eval
