// What does the fused vocabulary head cost a passage, and what share of the arithmetic that the core can do is it?
//
//   bench_head_rate [HIDDEN [VOCABULARY [PASSAGES]]]      (128, 30522, 32)
//
// Random passages of 60 to 160 tokens, mean 110, one thread. Each row: the fastest and the median of rounds that take
// turns with a loop of AMX products on registers only, so that both see the same clock; its best is "the peak".
#include <fmt/core.h>
#include <tamis/tensor/head.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <random>
#include <vector>

#include "amx_peak.h"

namespace {

using namespace tamis;
using namespace tamis::tensor;

constexpr int kRounds = 40;
constexpr double kSeconds = 4;  // at most, a row

/// CPU time of this thread: what else the machine does is not counted.
[[nodiscard]] double now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct Batch {
  std::vector<float> hidden;
  std::vector<std::uint32_t> offsets{0};
  Batch(std::size_t passages, std::size_t width) {
    std::mt19937 rng(1);
    for (std::size_t p = 0; p < passages; ++p)
      offsets.push_back(offsets.back() + 60 + static_cast<std::uint32_t>(rng() % 101));
    std::normal_distribution<float> normal;
    hidden.resize(offsets.back() * width);
    for (auto& value : hidden) value = normal(rng);
  }
};

Status measure(Precision precision, Isa level, ConstMatrixView embeddings, std::span<const float> bias,
               const Batch& batch) {
  TAMIS_TRY(const auto head, PackedHead::pack(embeddings, bias, precision, level));
  const std::size_t passages = batch.offsets.size() - 1;
  const ConstMatrixView hidden(batch.hidden.data(), batch.offsets.back(), embeddings.cols);
  std::vector<PassageTerms> out(passages);
  Scratch scratch;
  std::vector<double> times;
  double peak = 0;
  const double start = now();
  for (int round = 0; round < kRounds && (round < 2 || now() - start < kSeconds); ++round) {
    peak = std::max(peak, amx_peak());
    const double begin = now();
    head.terms(hidden, batch.offsets, {}, out, scratch);
    times.push_back(now() - begin);
  }
  std::sort(times.begin(), times.end());
  const double flop = 2.0 * batch.offsets.back() * static_cast<double>(embeddings.rows * embeddings.cols);
  fmt::print("{:<6}{:<8}{:>9.3f}{:>9.3f}{:>10.0f}{:>9.0f}{:>8}\n", to_string(precision), head.kernel(),
             1e3 * times.front() / static_cast<double>(passages),
             1e3 * times[times.size() / 2] / static_cast<double>(passages),
             static_cast<double>(passages) / times.front(), 1e-9 * flop / times.front(),
             peak > 0 ? fmt::format("{:.0f} %", 100 * flop / times.front() / peak) : "-");
  std::fflush(stdout);
  return ok();
}

[[nodiscard]] std::size_t argument(int argc, char** argv, int at, std::size_t otherwise) {
  if (at < argc) std::from_chars(argv[at], argv[at] + std::strlen(argv[at]), otherwise);
  return otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t width = argument(argc, argv, 1, 128);
  const std::size_t vocabulary = argument(argc, argv, 2, 30522);
  const Batch batch(argument(argc, argv, 3, 32), width);
  std::mt19937 rng(2);
  std::normal_distribution<float> normal(0.0F, 1.0F / std::sqrt(static_cast<float>(width)));
  std::vector<float> embeddings(vocabulary * width);
  for (auto& value : embeddings) value = normal(rng);
  const std::vector<float> bias(vocabulary, -4.0F);  // one logit in 30,000 is above: about 100 terms a passage
  fmt::print("{} rows of {} in {} passages, vocabulary {}\n", batch.offsets.back(), width, batch.offsets.size() - 1,
             vocabulary);
  fmt::print("{:<14}{:>9}{:>9}{:>10}{:>9}{:>8}\n", "kernel", "ms best", "median", "passages/s", "GFLOP/s", "of peak");
  for (const auto precision : {Precision::kBf16, Precision::kF32}) {
    for (const auto level : {Isa::kAmx, Isa::kAvx512, Isa::kAvx2}) {
      if (level > usable_isa()) continue;
      if (auto status = measure(precision, level, {embeddings.data(), vocabulary, width}, bias, batch); !status) {
        fmt::print(stderr, "bench_head_rate: {}\n", status.error().message);
        return 1;
      }
    }
  }
  return 0;
}
