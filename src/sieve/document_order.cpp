#include "document_order.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <utility>

namespace tamis::sieve {
namespace {

/// Means are made of at most so many rows; all rows are compared with them once they stand.
constexpr std::size_t kSample = 8192;
constexpr int kRounds = 4;
constexpr std::size_t kFirstTries = 32;

struct Range {
  std::size_t begin = 0, end = 0;
  [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
};
struct Scored {
  float score = 0;
  std::uint32_t row = 0;
  bool operator<(const Scored& other) const noexcept {
    return score != other.score ? score < other.score : row < other.row;
  }
};

/// Memory of one worker.
struct Workplace {
  std::vector<float> left, right;  // [terms] means, then in `left` their difference
  std::vector<Scored> scored;
};

class Bisection {
 public:
  Bisection(const Rows& rows, std::uint32_t block) : rows_(rows), block_(block), order_(rows.size()) {
    std::iota(order_.begin(), order_.end(), 0U);
    TermId largest = 0;
    for (const auto term : rows.terms) largest = std::max(largest, term);
    // Terms beyond are folded: an order needs to be good, not exact.
    constexpr std::size_t kMostDimensions = 1U << 17;
    dimensions_ = std::min<std::size_t>(std::size_t{largest} + 1, kMostDimensions);
    inverse_lengths_.resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      double sum = 0;
      for (std::uint64_t j = rows.starts[i]; j < rows.starts[i + 1]; ++j) {
        sum += static_cast<double>(rows.levels[j]) * rows.levels[j];
      }
      inverse_lengths_[i] = sum > 0 ? static_cast<float>(1 / std::sqrt(sum)) : 0.0F;
    }
  }

  [[nodiscard]] std::vector<std::uint32_t> take() { return std::move(order_); }

  /// Halves a range; the place between the halves.
  [[nodiscard]] std::size_t halve(Range range, Workplace& work) {
    const std::size_t blocks = (range.size() + block_ - 1) / block_;
    const std::size_t middle = range.begin + (blocks + 1) / 2 * block_;
    if (work.left.empty()) {
      work.left.resize(dimensions_);
      work.right.resize(dimensions_);
    }
    // A sample at even distances; all rows where they are few.
    const std::size_t step = std::max<std::size_t>(1, range.size() / kSample);
    auto& scored = work.scored;
    scored.clear();
    for (std::size_t i = range.begin; i < range.end; i += step) scored.push_back({0, order_[i]});
    start(range, work);
    const auto share = static_cast<double>(middle - range.begin) / static_cast<double>(range.size());
    const auto half = static_cast<std::size_t>(share * static_cast<double>(scored.size()));
    for (int round = 0; round < kRounds; ++round) {
      for (auto& one : scored) one.score = dot(one.row, work.left);
      std::nth_element(scored.begin(), scored.begin() + static_cast<std::ptrdiff_t>(half), scored.end());
      apart(half, work);
    }
    scored.clear();
    for (std::size_t i = range.begin; i < range.end; ++i) scored.push_back({dot(order_[i], work.left), order_[i]});
    std::nth_element(scored.begin(), scored.begin() + static_cast<std::ptrdiff_t>(middle - range.begin), scored.end());
    for (std::size_t i = 0; i < scored.size(); ++i) order_[range.begin + i] = scored[i].row;
    return middle;
  }

 private:
  [[nodiscard]] float dot(std::uint32_t row, const std::vector<float>& x) const {
    float sums[4] = {0, 0, 0, 0};
    const std::uint64_t begin = rows_.starts[row];
    const std::uint64_t end = rows_.starts[row + 1];
    std::uint64_t j = begin;
    for (; j + 4 <= end; j += 4) {
      for (std::size_t i = 0; i < 4; ++i) sums[i] += static_cast<float>(rows_.levels[j + i]) * at(x, rows_.terms[j + i]);
    }
    for (; j < end; ++j) sums[0] += static_cast<float>(rows_.levels[j]) * at(x, rows_.terms[j]);
    return (sums[0] + sums[1] + (sums[2] + sums[3])) * inverse_lengths_[row];
  }
  void add(std::uint32_t row, std::vector<float>& x) const {
    for (std::uint64_t j = rows_.starts[row]; j < rows_.starts[row + 1]; ++j) {
      x[fold(rows_.terms[j])] += static_cast<float>(rows_.levels[j]) * inverse_lengths_[row];
    }
  }
  [[nodiscard]] std::size_t fold(TermId term) const { return term < dimensions_ ? term : term % dimensions_; }
  [[nodiscard]] float at(const std::vector<float>& x, TermId term) const { return x[fold(term)]; }

  /// A row against the one of some that is least like it.
  void start(Range range, Workplace& work) const {
    std::mt19937_64 random(range.begin * 0x9E3779B97F4A7C15ULL + range.end);
    std::fill(work.left.begin(), work.left.end(), 0.0F);
    const auto any = [&] { return order_[range.begin + random() % range.size()]; };
    add(any(), work.left);
    std::uint32_t other = any();
    float least = dot(other, work.left);
    for (std::size_t i = 0; i < kFirstTries; ++i) {
      const std::uint32_t row = any();
      const float likeness = dot(row, work.left);
      if (likeness < least) {
        least = likeness;
        other = row;
      }
    }
    std::fill(work.right.begin(), work.right.end(), 0.0F);
    add(other, work.right);
    subtract(work);
  }
  /// The means of the first half and of the rest, each of length 1, one less the other.
  void apart(std::size_t half, Workplace& work) const {
    std::fill(work.left.begin(), work.left.end(), 0.0F);
    std::fill(work.right.begin(), work.right.end(), 0.0F);
    for (std::size_t i = 0; i < half; ++i) add(work.scored[i].row, work.left);
    for (std::size_t i = half; i < work.scored.size(); ++i) add(work.scored[i].row, work.right);
    subtract(work);
  }
  static void subtract(Workplace& work) {
    const float left = inverse_length(work.left);
    const float right = inverse_length(work.right);
    // Rows of the first half score low.
    for (std::size_t i = 0; i < work.left.size(); ++i) work.left[i] = work.right[i] * right - work.left[i] * left;
  }
  [[nodiscard]] static float inverse_length(const std::vector<float>& x) {
    double sum = 0;
    for (const float value : x) sum += static_cast<double>(value) * static_cast<double>(value);
    return sum > 0 ? static_cast<float>(1 / std::sqrt(sum)) : 0.0F;
  }

  const Rows& rows_;
  std::size_t block_;
  std::size_t dimensions_ = 0;
  std::vector<std::uint32_t> order_;
  std::vector<float> inverse_lengths_;
};

}  // namespace

Result<std::vector<std::uint32_t>> order_rows(const Rows& rows, std::uint32_t block, ThreadPool& pool,
                                              ProgressSink& progress) {
  Bisection bisection(rows, block);
  std::vector<Workplace> workers(pool.size());
  std::vector<Range> ranges;
  if (rows.size() > block) ranges.push_back({0, rows.size()});
  std::uint64_t levels = 0;
  for (std::size_t n = (rows.size() + block - 1) / block; n > 1; n = (n + 1) / 2) ++levels;
  progress.begin("ordering", levels, "levels");
  for (std::uint64_t level = 0; !ranges.empty(); ++level) {
    std::vector<std::size_t> middles(ranges.size());
    TAMIS_TRY_OK(pool.parallel_for(ranges.size(), [&](std::size_t i, std::size_t worker) {
      middles[i] = bisection.halve(ranges[i], workers[worker]);
      return ok();
    }));
    std::vector<Range> next;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      for (const Range half : {Range{ranges[i].begin, middles[i]}, Range{middles[i], ranges[i].end}}) {
        if (half.size() > block) next.push_back(half);
      }
    }
    ranges = std::move(next);
    progress.update(level + 1);
  }
  progress.end();
  return bisection.take();
}

}  // namespace tamis::sieve
