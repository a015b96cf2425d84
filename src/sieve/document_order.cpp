#include "document_order.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <random>
#include <utility>

namespace tamis::sieve {
namespace {

/// Means are made of at most so many rows; all rows are compared with them once they stand.
constexpr std::size_t kSample = 8192;
constexpr int kRounds = 4;
constexpr std::size_t kFirstTries = 32;
/// Rows whose likeness is computed at a time, where threads share a range.
constexpr std::size_t kShareRows = 8192;

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
  std::vector<float> left, right;   // [dimensions] means, then in `left` their difference
  std::vector<bool> is_used;        // [dimensions]
  std::vector<std::uint32_t> used;  // dimensions of the rows at hand
  std::vector<Scored> scored;
};

class Bisection {
 public:
  Bisection(const ShortRows& rows, std::uint32_t block)
      : rows_(rows), dimensions_(rows.dimensions()), block_(block), order_(rows.size()) {
    std::iota(order_.begin(), order_.end(), 0U);
  }

  [[nodiscard]] std::vector<std::uint32_t> take() { return std::move(order_); }

  /// The place between the halves of a range: whole blocks in the first one.
  [[nodiscard]] std::size_t middle_of(Range range) const {
    const std::size_t blocks = (range.size() + block_ - 1) / block_;
    return range.begin + (blocks + 1) / 2 * block_;
  }
  [[nodiscard]] bool is_block(Range range) const { return range.size() <= block_; }
  /// Halves a range.
  void halve(Range range, Workplace& work) {
    find_means(range, work);
    work.scored.resize(range.size());
    score(range, {0, range.size()}, work.left, work.scored);
    split(range, work.scored);
  }
  /// The same with all threads.
  [[nodiscard]] Status halve_together(Range range, Workplace& work, ThreadPool& pool, const CancelToken& cancel) {
    find_means(range, work);
    work.scored.resize(range.size());
    const std::size_t shares = (range.size() + kShareRows - 1) / kShareRows;
    TAMIS_TRY_OK(pool.parallel_for(
        shares,
        [&](std::size_t i, std::size_t) {
          score(range, {i * kShareRows, std::min(range.size(), (i + 1) * kShareRows)}, work.left, work.scored);
          return ok();
        },
        cancel));
    split(range, work.scored);
    return ok();
  }
  /// Halves a range to the end; false when it was asked to stop.
  [[nodiscard]] bool finish(Range range, Workplace& work, const CancelToken& cancel) {
    if (is_block(range)) return true;
    if (cancel.cancelled()) return false;
    halve(range, work);
    const std::size_t middle = middle_of(range);
    return finish({range.begin, middle}, work, cancel) && finish({middle, range.end}, work, cancel);
  }

 private:
  /// Two means of a sample at even distances (all rows where they are few) that move apart; work.left is their
  /// difference.
  void find_means(Range range, Workplace& work) const {
    const std::size_t step = std::max<std::size_t>(1, range.size() / kSample);
    auto& scored = work.scored;
    scored.clear();
    for (std::size_t i = range.begin; i < range.end; i += step) scored.push_back({0, order_[i]});
    use_dimensions(work);
    start(work);
    const auto share = static_cast<double>(middle_of(range) - range.begin) / static_cast<double>(range.size());
    const auto half = static_cast<std::size_t>(share * static_cast<double>(scored.size()));
    for (int round = 0; round < kRounds; ++round) {
      for (auto& one : scored) one.score = rows_.dot(one.row, work.left);
      std::nth_element(scored.begin(), scored.begin() + static_cast<std::ptrdiff_t>(half), scored.end());
      apart(half, work);
    }
  }
  void score(Range range, Range share, const std::vector<float>& difference, std::vector<Scored>& scored) const {
    for (std::size_t i = share.begin; i < share.end; ++i) {
      const std::uint32_t row = order_[range.begin + i];
      scored[i] = {rows_.dot(row, difference), row};
    }
  }
  void split(Range range, std::vector<Scored>& scored) {
    const auto half = static_cast<std::ptrdiff_t>(middle_of(range) - range.begin);
    std::nth_element(scored.begin(), scored.begin() + half, scored.end());
    for (std::size_t i = 0; i < scored.size(); ++i) order_[range.begin + i] = scored[i].row;
  }
  void add(std::uint32_t row, std::vector<float>& x) const {
    rows_.for_each(row, [&](std::uint32_t term, float weight) { x[term] += weight; });
  }
  /// Dimensions of the sample; the others are 0 in both means.
  void use_dimensions(Workplace& work) const {
    if (work.left.empty()) {
      work.left.resize(dimensions_);
      work.right.resize(dimensions_);
      work.is_used.resize(dimensions_);
    }
    for (const auto d : work.used) {
      work.left[d] = 0;
      work.is_used[d] = false;
    }
    work.used.clear();
    for (const auto& one : work.scored) {
      rows_.for_each(one.row, [&](std::uint32_t term, float) {
        if (work.is_used[term]) return;
        work.is_used[term] = true;
        work.used.push_back(term);
      });
    }
  }
  static void clear(std::vector<float>& mean, const Workplace& work) {
    for (const auto d : work.used) mean[d] = 0;
  }
  /// A row against the one of some that is least like it.
  void start(Workplace& work) const {
    const auto& sample = work.scored;
    std::mt19937_64 random(sample.size() * 0x9E3779B97F4A7C15ULL + sample.front().row);
    const auto any = [&] { return sample[random() % sample.size()].row; };
    clear(work.left, work);
    clear(work.right, work);
    add(any(), work.left);
    std::uint32_t other = any();
    float least = rows_.dot(other, work.left);
    for (std::size_t i = 0; i < kFirstTries; ++i) {
      const std::uint32_t row = any();
      const float likeness = rows_.dot(row, work.left);
      if (likeness < least) {
        least = likeness;
        other = row;
      }
    }
    add(other, work.right);
    subtract(work);
  }
  /// The means of the first half and of the rest, each of length 1, one less the other.
  void apart(std::size_t half, Workplace& work) const {
    clear(work.left, work);
    clear(work.right, work);
    for (std::size_t i = 0; i < half; ++i) add(work.scored[i].row, work.left);
    for (std::size_t i = half; i < work.scored.size(); ++i) add(work.scored[i].row, work.right);
    subtract(work);
  }
  static void subtract(Workplace& work) {
    const float left = inverse_length(work.left, work);
    const float right = inverse_length(work.right, work);
    // Rows of the first half score low.
    for (const auto d : work.used) work.left[d] = work.right[d] * right - work.left[d] * left;
  }
  [[nodiscard]] static float inverse_length(const std::vector<float>& mean, const Workplace& work) {
    double sum = 0;
    for (const auto d : work.used) sum += static_cast<double>(mean[d]) * static_cast<double>(mean[d]);
    return sum > 0 ? static_cast<float>(1 / std::sqrt(sum)) : 0.0F;
  }

  const ShortRows& rows_;
  std::size_t dimensions_;
  std::size_t block_;
  std::vector<std::uint32_t> order_;
};

}  // namespace

Result<std::vector<std::uint32_t>> order_rows(const ShortRows& rows, std::uint32_t block, ThreadPool& pool,
                                              ProgressSink& progress, const CancelToken& cancel) {
  Bisection bisection(rows, block);
  std::vector<Workplace> workers(pool.size());
  std::vector<Range> ranges = {{0, rows.size()}};
  progress.begin("ordering", rows.size(), "passages");
  // All threads halve one range after the other until there are some for each; then each halves its own.
  while (ranges.size() < 8 * pool.size() && ranges.size() < rows.size() / (2 * kShareRows)) {
    std::vector<Range> halves;
    for (const auto range : ranges) {
      TAMIS_TRY_OK(bisection.halve_together(range, workers[0], pool, cancel));
      const std::size_t middle = bisection.middle_of(range);
      halves.push_back({range.begin, middle});
      halves.push_back({middle, range.end});
    }
    ranges = std::move(halves);
  }
  std::mutex mutex;
  std::uint64_t done = 0;
  TAMIS_TRY_OK(pool.parallel_for(
      ranges.size(),
      [&](std::size_t i, std::size_t worker) -> Status {
        if (!bisection.finish(ranges[i], workers[worker], cancel)) return Error{Code::kCancelled, "cancelled"};
        const std::lock_guard lock(mutex);
        progress.update(done += ranges[i].size());
        return ok();
      },
      cancel));
  progress.end();
  return bisection.take();
}

}  // namespace tamis::sieve
