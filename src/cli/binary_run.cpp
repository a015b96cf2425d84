#include "binary_run.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace tamis::cli {
namespace {

constexpr std::uint32_t kNoRow = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kMostPlaces = std::size_t{1} << 28U;

template <class T>
void append(std::string& out, std::span<const T> values) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());  // NOLINT(*-reinterpret-cast)
}

}  // namespace

Result<std::uint32_t> row_number(std::string_view id) {
  std::uint32_t row = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), row);
  if (error == std::errc{} && end == id.data() + id.size() && row != kNoRow && std::to_string(row) == id) return row;
  return Error{Code::kUnsupported,
               fmt::format("--format bin: the document \"{}\" has no row number for an id (wanted an index of vectors "
                           "without names: --format trec has ids)",
                           id)};
}

Result<BinaryRun> BinaryRun::of(std::size_t questions, std::size_t k) {
  if (k > 0 && questions > kMostPlaces / k) {
    return Error{Code::kExhausted, fmt::format("--format bin: {} questions with {} hits each (at most {} in all)",
                                               questions, k, kMostPlaces)};
  }
  BinaryRun run;
  run.k_ = static_cast<std::uint32_t>(k);
  run.rows_.reserve(questions * k);
  run.scores_.reserve(questions * k);
  run.questions_ = static_cast<std::uint32_t>(questions);
  return run;
}

void BinaryRun::add(std::span<const RowHit> hits) {
  for (std::size_t i = 0; i < k_; ++i) {
    rows_.push_back(i < hits.size() ? hits[i].row : kNoRow);
    scores_.push_back(i < hits.size() ? hits[i].score : -std::numeric_limits<float>::infinity());
  }
}

std::string BinaryRun::image() const {
  std::string out;
  const std::uint32_t head[] = {questions_, k_};
  append<std::uint32_t>(out, head);
  append<std::uint32_t>(out, rows_);
  append<float>(out, scores_);
  return out;
}

}  // namespace tamis::cli
