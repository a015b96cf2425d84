#include "fusion.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace tamis::search {
namespace {

/// How many of each field are read first, at least, and how much more each time that this is not enough.
constexpr std::size_t kFirstDepth = 128;
constexpr std::size_t kDeepen = 4;

/// The best passages of one field.
struct Best {
  std::vector<index::Candidate> passages;
  double largest = 0;      // score
  double least = 0;        // no passage that is not here has more
  bool exhausted = false;  // all with a score above 0 are here
};

Result<Best> read_best(const index::QueryAlgorithm& algorithm, const FieldQuery& field, std::size_t depth,
                       index::SearchStats& stats) {
  Best best;
  best.exhausted = true;
  if (field.query.terms.empty()) return best;
  TAMIS_TRY(best.passages, index::search_segments(algorithm, field.views, field.query, depth, stats));
  if (best.passages.empty()) return best;
  best.largest = static_cast<double>(field.query.score(best.passages.front().units));
  best.exhausted = best.passages.size() < depth;
  if (!best.exhausted) best.least = static_cast<double>(field.query.score(best.passages.back().units));
  return best;
}

/// What a field says of a passage that another field brought.
double look_up(const FieldQuery& field, PassageId id, index::SearchStats& stats) {
  for (const auto& view : field.views) {
    const auto local = view.field->local(id);
    if (!local) continue;
    ++stats.candidates;
    return static_cast<double>(field.query.score(view.field->score(*local, field.query)));
  }
  return 0;
}

class Sum {
 public:
  Sum(std::span<const FieldQuery> fields, std::vector<Best> best) : fields_(fields), best_(std::move(best)) {}

  /// Every passage of one of the lists with its sum, best first.
  std::vector<ScoredPassage> rank(index::SearchStats& stats) const {
    std::unordered_map<PassageId, std::vector<double>> scores;
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      for (const auto& [id, units] : best_[f].passages) {
        auto& of = scores.try_emplace(id, fields_.size(), -1.0).first->second;
        of[f] = static_cast<double>(fields_[f].query.score(units));
      }
    }
    std::vector<std::pair<double, PassageId>> sums;
    sums.reserve(scores.size());
    for (const auto& [id, of] : scores) {
      double sum = 0;
      for (std::size_t f = 0; f < fields_.size(); ++f) {
        if (best_[f].largest <= 0) continue;
        if (of[f] >= 0) {
          sum += of[f] / best_[f].largest;
        } else if (!best_[f].exhausted) {
          sum += look_up(fields_[f], id, stats) / best_[f].largest;
        }
      }
      sums.emplace_back(sum, id);
    }
    std::sort(sums.begin(), sums.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    std::vector<ScoredPassage> ranked;
    ranked.reserve(sums.size());
    for (const auto& [sum, id] : sums) ranked.push_back({id, static_cast<Score>(sum)});
    return ranked;
  }

  /// No passage outside the lists has a larger sum.
  [[nodiscard]] double bound() const {
    double sum = 0;
    for (const auto& best : best_) sum += best.largest > 0 ? best.least / best.largest : 0;
    return sum;
  }
  [[nodiscard]] bool exhausted() const {
    return std::all_of(best_.begin(), best_.end(), [](const Best& best) { return best.exhausted; });
  }

 private:
  std::span<const FieldQuery> fields_;
  std::vector<Best> best_;
};

}  // namespace

Result<std::vector<ScoredPassage>> rank_by_field(const index::QueryAlgorithm& algorithm, const FieldQuery& field,
                                                 std::size_t depth, index::SearchStats& stats) {
  std::vector<ScoredPassage> ranked;
  if (field.query.terms.empty()) return ranked;
  TAMIS_TRY(const auto best, index::search_segments(algorithm, field.views, field.query, depth, stats));
  ranked.reserve(best.size());
  for (const auto& [id, units] : best) ranked.push_back({id, field.query.score(units)});
  return ranked;
}

Result<std::vector<ScoredPassage>> rank_by_sum(const index::QueryAlgorithm& algorithm,
                                               std::span<const FieldQuery> fields, std::size_t depth,
                                               index::SearchStats& stats) {
  for (std::size_t each = std::max(depth, kFirstDepth);; each *= kDeepen) {
    std::vector<Best> best;
    for (const auto& field : fields) {
      TAMIS_TRY(auto one, read_best(algorithm, field, each, stats));
      best.push_back(std::move(one));
    }
    const Sum sum(fields, std::move(best));
    auto ranked = sum.rank(stats);
    // Floats of equal sums may hide an order of doubles: only what is above the bound by more than that is settled.
    constexpr double kRounding = 1e-6;
    const bool settled =
        ranked.size() >= depth && static_cast<double>(ranked[depth - 1].score) > sum.bound() * (1 + kRounding);
    if (!settled && !sum.exhausted()) continue;
    ranked.resize(std::min(ranked.size(), depth));
    return ranked;
  }
}

}  // namespace tamis::search
