#include <fmt/format.h>
#include <tamis/sieve/recall_curve.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <type_traits>
#include <unordered_set>
#include <utility>

namespace tamis::sieve {
namespace {

constexpr float kBoundShares[] = {1.0F, 0.95F, 0.9F, 0.85F, 0.8F};
constexpr float kBlockShares[] = {1.0F, 0.5F, 0.25F, 0.12F, 0.06F, 0.04F};
constexpr float kQueryShares[] = {1.0F, 0.95F, 0.9F, 0.8F, 0.7F, 0.6F};
constexpr double kReranks[] = {2, 4};  // times k

/// Mean and spread of a number a query.
struct Sum {
  double sum = 0, squares = 0;
  void add(double x) {
    sum += x;
    squares += x * x;
  }
};

[[nodiscard]] std::vector<Effort> grid(std::size_t k) {
  std::vector<Effort> efforts = {Effort{}};
  for (const float bound : kBoundShares) {
    for (const float blocks : kBlockShares) {
      for (const float query : kQueryShares) {
        for (const double rerank : kReranks) {
          const double count = std::ceil(rerank * static_cast<double>(k));
          efforts.push_back({bound, blocks, query, static_cast<std::uint32_t>(count)});
        }
      }
    }
  }
  return efforts;
}

[[nodiscard]] double cost_of(const SearchWork& work) {
  return 0.02 * static_cast<double>(work.bound_sums) + 45 * static_cast<double>(work.blocks_scored) +
         12 * static_cast<double>(work.runs) + 10 * static_cast<double>(work.look_ups);
}

/// How many queries try all efforts; the others try those that are left.
constexpr std::size_t kFirstQueries = 64;

[[nodiscard]] bool is_first(std::size_t query, std::size_t num_queries) {
  return query % std::max<std::size_t>(1, num_queries / kFirstQueries) == 0;
}

template <class T>
[[nodiscard]] std::vector<T> only(const std::vector<T>& values, const std::vector<std::size_t>& kept) {
  std::vector<T> out;
  for (const auto i : kept) out.push_back(values[i]);
  return out;
}

/// What efforts gave for one query.
struct Tried {
  std::vector<double> recalls, costs;  ///< [efforts], empty before it has been tried
  [[nodiscard]] Tried only(const std::vector<std::size_t>& kept) const {
    if (recalls.empty()) return {};
    return {sieve::only(recalls, kept), sieve::only(costs, kept)};
  }
};

/// @pre the first effort is exact: its answers are what the others' are compared with
[[nodiscard]] Tried try_efforts(const BlockIndex& index, const index::PreparedQuery& query, std::size_t k,
                                const std::vector<Effort>& efforts, SearchScratch& scratch) {
  Tried tried;
  std::unordered_set<PassageId> best;
  for (const auto& effort : efforts) {
    SearchWork work;
    const auto found = index.search(query, k, effort, scratch, &work);
    if (tried.recalls.empty()) {
      for (const auto& one : found) best.insert(one.id);
    }
    std::size_t hits = 0;
    for (const auto& one : found) hits += best.count(one.id);
    tried.recalls.push_back(best.empty() ? 1 : static_cast<double>(hits) / static_cast<double>(best.size()));
    tried.costs.push_back(cost_of(work));
  }
  return tried;
}

/// Means over the queries that have been tried.
[[nodiscard]] std::vector<RecallPoint> points_of(const std::vector<Effort>& efforts, const std::vector<Tried>& tried) {
  std::vector<RecallPoint> points;
  for (std::size_t e = 0; e < efforts.size(); ++e) {
    Sum recall, cost;
    double n = 0;
    for (const auto& of_query : tried) {
      if (of_query.recalls.empty()) continue;
      recall.add(of_query.recalls[e]);
      cost.add(of_query.costs[e]);
      n += 1;
    }
    const double mean = recall.sum / n;
    const double variance = std::max(0.0, recall.squares / n - mean * mean);
    points.push_back({efforts[e], mean, std::sqrt(variance / n), cost.sum / n});
  }
  return points;
}

/// The exact effort, and those that are not clearly beaten: by one that costs a tenth less and reaches as much.
[[nodiscard]] std::vector<std::size_t> hopeful(const std::vector<RecallPoint>& points) {
  constexpr double kClearly = 0.9;
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool beaten = std::any_of(points.begin(), points.end(), [&](const RecallPoint& other) {
      return other.cost <= kClearly * points[i].cost && other.recall >= points[i].recall;
    });
    if (points[i].effort.exact() || !beaten) kept.push_back(i);
  }
  return kept;
}

constexpr std::size_t kShownOfLine = 80;

/// Reads a number that the next blank or the end follows.
template <class T>
[[nodiscard]] bool read_number(std::string_view& line, T& out) {
  const auto word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
  if (error != std::errc() || end != word.data() + word.size()) return false;
  if constexpr (std::is_floating_point_v<T>) return std::isfinite(out);
  return true;
}

[[nodiscard]] bool read_point(std::string_view line, RecallPoint& out) {
  auto& effort = out.effort;
  return read_number(line, effort.bound_share) && read_number(line, effort.block_share) &&
         read_number(line, effort.query_share) && read_number(line, effort.rerank) && read_number(line, out.recall) &&
         read_number(line, out.standard_error) && read_number(line, out.cost) && line.empty();
}

}  // namespace

RecallCurve::RecallCurve(std::vector<RecallPoint> points) : points_(std::move(points)) {
  std::sort(points_.begin(), points_.end(), [](const RecallPoint& a, const RecallPoint& b) {
    return a.cost != b.cost ? a.cost < b.cost : a.recall > b.recall;
  });
  double best = -1;
  std::vector<RecallPoint> kept;
  for (const auto& point : points_) {
    if (point.recall <= best && !point.effort.exact()) continue;
    kept.push_back(point);
    best = point.recall;
    if (point.effort.exact()) break;
  }
  points_ = std::move(kept);
}

Effort RecallCurve::effort_for(double recall) const {
  if (recall < 1) {
    for (const auto& point : points_) {
      if (point.recall - point.standard_error >= recall) return point.effort;
    }
  }
  return {};
}

std::string RecallCurve::to_text() const {
  std::string out;
  for (const auto& [effort, recall, standard_error, cost] : points_) {
    out += fmt::format("{} {} {} {} {} {} {}\n", effort.bound_share, effort.block_share, effort.query_share,
                       effort.rerank, recall, standard_error, cost);
  }
  return out;
}

Result<RecallCurve> RecallCurve::parse(std::string_view text) {
  std::vector<RecallPoint> points;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    RecallPoint point;
    const bool read = read_point(line, point) && point.effort.validate() && point.recall >= 0 && point.recall <= 1 &&
                      point.standard_error >= 0 && point.standard_error <= 1 && point.cost >= 0;
    if (!read) {
      return Error{Code::kInvalidArgument,
                   fmt::format("recall curve: line {}: \"{}\" (wanted three shares, a count, a recall, its standard "
                               "error and a cost)",
                               points.size() + 1, line.substr(0, kShownOfLine))};
    }
    points.push_back(point);
  }
  return RecallCurve(std::move(points));
}

Result<RecallCurve> fit_recall_curve(const BlockIndex& index, std::span<const index::PreparedQuery> queries,
                                     std::size_t k, ThreadPool& pool, ProgressSink& progress) {
  if (queries.empty() || k == 0)
    return Error{Code::kInvalidArgument, "recall curve: no queries, or none of their best are wanted"};
  auto efforts = grid(k);
  std::vector<Tried> tried(queries.size());
  std::vector<SearchScratch> scratches(pool.size());
  std::uint64_t done = 0;
  progress.begin("fitting recall", queries.size(), "queries");
  const auto try_some = [&](bool first) {
    return pool.parallel_for(queries.size(), [&](std::size_t q, std::size_t worker) {
      if (is_first(q, queries.size()) == first) {
        tried[q] = try_efforts(index, queries[q], k, efforts, scratches[worker]);
      }
      return ok();
    });
  };
  TAMIS_TRY_OK(try_some(true));
  for (std::size_t q = 0; q < queries.size(); ++q) done += is_first(q, queries.size()) ? 1U : 0U;
  progress.update(done);
  const auto kept = hopeful(points_of(efforts, tried));
  for (auto& of_query : tried) of_query = of_query.only(kept);
  efforts = only(efforts, kept);
  TAMIS_TRY_OK(try_some(false));
  progress.update(queries.size());
  progress.end();
  return RecallCurve(points_of(efforts, tried));
}

}  // namespace tamis::sieve
