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
  const auto efforts = grid(k);
  std::vector<std::vector<double>> recalls(efforts.size(), std::vector<double>(queries.size()));
  std::vector<std::vector<double>> costs = recalls;
  std::vector<SearchScratch> scratches(pool.size());
  progress.begin("fitting recall", queries.size(), "queries");
  TAMIS_TRY_OK(pool.parallel_for(queries.size(), [&](std::size_t q, std::size_t worker) {
    std::unordered_set<PassageId> best;
    for (std::size_t e = 0; e < efforts.size(); ++e) {
      SearchWork work;
      const auto found = index.search(queries[q], k, efforts[e], scratches[worker], &work);
      if (e == 0) {
        for (const auto& one : found) best.insert(one.id);
      }
      std::size_t hits = 0;
      for (const auto& one : found) hits += best.count(one.id);
      recalls[e][q] = best.empty() ? 1 : static_cast<double>(hits) / static_cast<double>(best.size());
      costs[e][q] = cost_of(work);
    }
    return ok();
  }));
  progress.end();
  const auto n = static_cast<double>(queries.size());
  std::vector<RecallPoint> points;
  for (std::size_t e = 0; e < efforts.size(); ++e) {
    Sum recall, cost;
    for (std::size_t q = 0; q < queries.size(); ++q) {
      recall.add(recalls[e][q]);
      cost.add(costs[e][q]);
    }
    const double mean = recall.sum / n;
    const double variance = std::max(0.0, recall.squares / n - mean * mean);
    points.push_back({efforts[e], mean, std::sqrt(variance / n), cost.sum / n});
  }
  return RecallCurve(std::move(points));
}

}  // namespace tamis::sieve
