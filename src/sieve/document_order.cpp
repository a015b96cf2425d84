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
/// Terms of a row that count: what makes bounds large.
constexpr std::size_t kHeaviest = 48;

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

/// The heaviest terms of each row, as a vector of length 1.
struct ShortRows {
  std::vector<std::uint64_t> starts{0};
  std::vector<std::uint32_t> terms;
  std::vector<float> weights;
  std::size_t dimensions = 0;

  explicit ShortRows(const Rows& rows) {
    TermId largest = 0;
    for (const auto term : rows.terms) largest = std::max(largest, term);
    // Terms beyond are folded: an order needs to be good, not exact.
    constexpr std::size_t kMostDimensions = 1U << 17;
    dimensions = std::min<std::size_t>(std::size_t{largest} + 1, kMostDimensions);
    starts.reserve(rows.size() + 1);
    terms.reserve(std::min<std::size_t>(rows.terms.size(), rows.size() * kHeaviest));
    weights.reserve(terms.capacity());
    std::vector<std::uint64_t> places;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      places.resize(rows.starts[i + 1] - rows.starts[i]);
      std::iota(places.begin(), places.end(), rows.starts[i]);
      if (places.size() > kHeaviest) {
        std::nth_element(places.begin(), places.begin() + kHeaviest, places.end(), [&](auto a, auto b) {
          return rows.levels[a] != rows.levels[b] ? rows.levels[a] > rows.levels[b] : a < b;
        });
        places.resize(kHeaviest);
        std::sort(places.begin(), places.end());
      }
      double sum = 0;
      for (const auto place : places) sum += static_cast<double>(rows.levels[place]) * rows.levels[place];
      const float inverse = sum > 0 ? static_cast<float>(1 / std::sqrt(sum)) : 0.0F;
      for (const auto place : places) {
        const TermId term = rows.terms[place];
        terms.push_back(term < dimensions ? term : static_cast<TermId>(term % dimensions));
        weights.push_back(static_cast<float>(rows.levels[place]) * inverse);
      }
      starts.push_back(terms.size());
    }
  }
  [[nodiscard]] float dot(std::uint32_t row, const std::vector<float>& x) const {
    float sums[4] = {0, 0, 0, 0};
    std::uint64_t j = starts[row];
    for (; j + 4 <= starts[row + 1]; j += 4) {
      for (std::size_t i = 0; i < 4; ++i) sums[i] += weights[j + i] * x[terms[j + i]];
    }
    for (; j < starts[row + 1]; ++j) sums[0] += weights[j] * x[terms[j]];
    return sums[0] + sums[1] + (sums[2] + sums[3]);
  }
  void add(std::uint32_t row, std::vector<float>& x) const {
    for (std::uint64_t j = starts[row]; j < starts[row + 1]; ++j) x[terms[j]] += weights[j];
  }
};

class Bisection {
 public:
  Bisection(const Rows& rows, std::uint32_t block) : rows_(rows), block_(block), order_(rows.size()) {
    std::iota(order_.begin(), order_.end(), 0U);
  }

  [[nodiscard]] std::vector<std::uint32_t> take() { return std::move(order_); }

  /// Halves a range; the place between the halves.
  [[nodiscard]] std::size_t halve(Range range, Workplace& work) {
    const std::size_t blocks = (range.size() + block_ - 1) / block_;
    const std::size_t middle = range.begin + (blocks + 1) / 2 * block_;
    // A sample at even distances; all rows where they are few.
    const std::size_t step = std::max<std::size_t>(1, range.size() / kSample);
    auto& scored = work.scored;
    scored.clear();
    for (std::size_t i = range.begin; i < range.end; i += step) scored.push_back({0, order_[i]});
    use_dimensions(work);
    start(work);
    const auto share = static_cast<double>(middle - range.begin) / static_cast<double>(range.size());
    const auto half = static_cast<std::size_t>(share * static_cast<double>(scored.size()));
    for (int round = 0; round < kRounds; ++round) {
      for (auto& one : scored) one.score = rows_.dot(one.row, work.left);
      std::nth_element(scored.begin(), scored.begin() + static_cast<std::ptrdiff_t>(half), scored.end());
      apart(half, work);
    }
    scored.clear();
    for (std::size_t i = range.begin; i < range.end; ++i)
      scored.push_back({rows_.dot(order_[i], work.left), order_[i]});
    std::nth_element(scored.begin(), scored.begin() + static_cast<std::ptrdiff_t>(middle - range.begin), scored.end());
    for (std::size_t i = 0; i < scored.size(); ++i) order_[range.begin + i] = scored[i].row;
    return middle;
  }

 private:
  /// Dimensions of the sample; the others are 0 in both means.
  void use_dimensions(Workplace& work) const {
    if (work.left.empty()) {
      work.left.resize(rows_.dimensions);
      work.right.resize(rows_.dimensions);
      work.is_used.resize(rows_.dimensions);
    }
    for (const auto d : work.used) {
      work.left[d] = 0;
      work.is_used[d] = false;
    }
    work.used.clear();
    for (const auto& one : work.scored) {
      for (std::uint64_t j = rows_.starts[one.row]; j < rows_.starts[one.row + 1]; ++j) {
        if (work.is_used[rows_.terms[j]]) continue;
        work.is_used[rows_.terms[j]] = true;
        work.used.push_back(rows_.terms[j]);
      }
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
    rows_.add(any(), work.left);
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
    rows_.add(other, work.right);
    subtract(work);
  }
  /// The means of the first half and of the rest, each of length 1, one less the other.
  void apart(std::size_t half, Workplace& work) const {
    clear(work.left, work);
    clear(work.right, work);
    for (std::size_t i = 0; i < half; ++i) rows_.add(work.scored[i].row, work.left);
    for (std::size_t i = half; i < work.scored.size(); ++i) rows_.add(work.scored[i].row, work.right);
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

  ShortRows rows_;
  std::size_t block_;
  std::vector<std::uint32_t> order_;
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
