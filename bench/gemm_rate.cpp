// At what rate do the packed products of encoder layers run, and what share of the core's bf16 peak is it?
//
//   bench_gemm_rate [ROWS]      (110: one passage)
//
// One thread, CPU time, the fastest of 30 rounds; shapes of BERT-tiny, MiniLM and BERT-base layers.
#include <fmt/core.h>
#include <tamis/tensor/linear.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <random>
#include <utility>
#include <vector>

#include "amx_peak.h"

namespace {

using namespace tamis;
using namespace tamis::tensor;

[[nodiscard]] double now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

Status measure(std::size_t rows, std::size_t in, std::size_t out, Precision precision, Isa level) {
  std::mt19937 rng(1);
  std::normal_distribution<float> normal;
  std::vector<float> weights(in * out), x(rows * in), result(rows * out);
  for (auto& value : weights) value = normal(rng);
  for (auto& value : x) value = normal(rng);
  TAMIS_TRY(const auto layer, PackedLinear::pack({weights.data(), out, in}, {}, precision, level));
  Scratch scratch;
  double best = 1e9;
  double peak = 0;
  for (int round = 0; round < 30; ++round) {
    peak = std::max(peak, amx_peak());
    const double begin = now();
    layer.apply({x.data(), rows, in}, {result.data(), rows, out}, {}, scratch);
    best = std::min(best, now() - begin);
  }
  const double rate = 2.0 * static_cast<double>(rows * in * out) / best;
  fmt::print("{:>5} x {:<5}{:<6}{:<8}{:>9.1f}{:>9.0f}{:>9}\n", in, out, to_string(precision), layer.kernel(),
             1e6 * best, 1e-9 * rate, peak > 0 ? fmt::format("{:.0f} %", 100 * rate / peak) : "-");
  std::fflush(stdout);
  return ok();
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t rows = 110;
  if (argc > 1) std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), rows);
  fmt::print("{} rows\n{:<13}{:<14}{:>9}{:>9}{:>9}\n", rows, "in x out", "kernel", "us", "GFLOP/s", "of peak");
  constexpr std::size_t kShapes[][2] = {{128, 384}, {128, 512},  {512, 128}, {384, 1536},
                                        {768, 768}, {768, 3072}, {3072, 768}};
  for (const auto& [in, out] : kShapes) {
    for (const auto& [precision, level] :
         {std::pair{Precision::kBf16, Isa::kAmx}, {Precision::kF32, Isa::kAvx512}, {Precision::kF32, Isa::kAvx2}}) {
      if (level > usable_isa()) continue;
      if (auto status = measure(rows, in, out, precision, level); !status) {
        fmt::print(stderr, "bench_gemm_rate: {}\n", status.error().message);
        return 1;
      }
    }
  }
  return 0;
}
