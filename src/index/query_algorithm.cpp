#include <fmt/format.h>
#include <tamis/index/query_algorithm.h>

#include "algorithms.h"

namespace tamis::index {
namespace {

struct Entry {
  std::string_view name;
  std::unique_ptr<QueryAlgorithm> (*make)();
};
constexpr Entry kAlgorithms[] = {{"block-max-score", make_block_max_score},
                                 {"window-exhaustive", make_window_exhaustive},
                                 {"exhaustive", make_exhaustive}};
constexpr std::string_view kNames[] = {kAlgorithms[0].name, kAlgorithms[1].name, kAlgorithms[2].name};

}  // namespace

std::span<const std::string_view> query_algorithm_names() noexcept { return kNames; }

Result<std::unique_ptr<QueryAlgorithm>> make_query_algorithm(std::string_view name) {
  for (const auto& entry : kAlgorithms) {
    if (entry.name == name) return entry.make();
  }
  return Error{Code::kInvalidArgument,
               fmt::format("query algorithm '{}': not known (known: {})", name, fmt::join(kNames, ", "))};
}

std::uint32_t score_passage(const SegmentView& segment, LocalId passage, const PreparedQuery& query) {
  std::uint32_t units = segment.field->score(passage, query);
  for (std::size_t i = 0; i < segment.more.size(); ++i) units += segment.more[i]->score(passage, query.more[i]);
  return units;
}

Status search_segments(const QueryAlgorithm& algorithm, std::span<const SegmentView> segments,
                       const PreparedQuery& query, TopK& top, SearchStats& stats) {
  for (const auto& segment : segments) {
    if (segment.more.size() != query.more.size()) {
      return Error{Code::kInvalidArgument, fmt::format("query: for {} fields, the segment has {}",
                                                       query.more.size() + 1, segment.more.size() + 1)};
    }
    TAMIS_TRY_OK(segment.field->check_lists(query));
    for (std::size_t i = 0; i < segment.more.size(); ++i) {
      TAMIS_TRY_OK(segment.more[i]->check_lists(query.more[i]));
    }
  }
  for (const auto& segment : segments) algorithm.search(segment, query, top, stats);
  return ok();
}

Result<std::vector<Candidate>> search_segments(const QueryAlgorithm& algorithm, std::span<const SegmentView> segments,
                                               const PreparedQuery& query, std::size_t k, SearchStats& stats) {
  TopK top(k);
  TAMIS_TRY_OK(search_segments(algorithm, segments, query, top, stats));
  return top.take_sorted();
}

}  // namespace tamis::index
