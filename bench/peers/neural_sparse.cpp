// OpenSearch's neural-sparse-cpp as a server of sparse_engines.py: a line "CUT,HEAP" on standard input is answered with
// a line of µs a query and a line of rows found, so that it takes turns with the other engines.
//   cmake -S NSPARSE -B NSPARSE/build -G Ninja -DCMAKE_BUILD_TYPE=Release -DNSPARSE_OPT_LEVEL=avx512
//   ninja -C NSPARSE/build        (NSPARSE: its repository; apt-get install libabsl-dev)
//   g++ -std=c++20 -O3 -mavx512f -mavx512bw -mavx512vl -mavx512dq -fopenmp -I NSPARSE bench/peers/neural_sparse.cpp
//       NSPARSE/build/nsparse/libnsparse_avx512.a $(pkg-config --libs absl_flat_hash_map) -o neural_sparse
//   neural_sparse DOCUMENTS.csr QUERIES.csr K NUM_QUERIES
#include <nsparse/index.h>
#include <nsparse/index_factory.h>
#include <nsparse/seismic_index.h>
#include <nsparse/types.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Matrix {
  std::int64_t shape[3] = {0, 0, 0};  // rows, columns, non-zeros
  std::vector<nsparse::idx_t> begins;
  std::vector<nsparse::term_t> columns;
  std::vector<float> values;
};

template <class Stored, class T>
void read_array(std::ifstream& in, std::int64_t count, std::vector<T>& out) {
  constexpr std::int64_t kAtOnce = 1 << 20;
  std::vector<Stored> piece;
  out.reserve(static_cast<std::size_t>(count));
  for (std::int64_t done = 0; done < count;) {
    piece.resize(static_cast<std::size_t>(std::min(kAtOnce, count - done)));
    in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size() * sizeof(Stored)));
    out.insert(out.end(), piece.begin(), piece.end());
    done += static_cast<std::int64_t>(piece.size());
  }
}

Matrix read_matrix(const char* path) {
  Matrix matrix;
  std::ifstream in(path, std::ios::binary);
  in.read(reinterpret_cast<char*>(matrix.shape), sizeof matrix.shape);
  read_array<std::int64_t>(in, matrix.shape[0] + 1, matrix.begins);
  read_array<std::int32_t>(in, matrix.shape[2], matrix.columns);
  read_array<float>(in, matrix.shape[2], matrix.values);
  if (!in) {
    std::fprintf(stderr, "neural_sparse: %s is no CSR matrix\n", path);
    std::exit(1);
  }
  return matrix;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: neural_sparse DOCUMENTS.csr QUERIES.csr K NUM_QUERIES\n", stderr);
    return 2;
  }
  const int k = std::atoi(argv[3]);
  const Matrix queries = read_matrix(argv[2]);
  const auto num_queries = std::min<std::size_t>(std::strtoull(argv[4], nullptr, 10), queries.shape[0]);
  const auto begin = Clock::now();
  nsparse::Index* index = nullptr;
  {
    const Matrix documents = read_matrix(argv[1]);
    index = nsparse::index_factory(static_cast<int>(documents.shape[1]),
                                   "seismic_sq,quantizer=8bit|vmin=0|vmax=3|lambda=2000|beta=300|alpha=0.4");
    index->add(static_cast<nsparse::idx_t>(documents.shape[0]), documents.begins.data(), documents.columns.data(),
               documents.values.data());
    index->build();
  }
  std::printf("built in %.0f s\n", std::chrono::duration<double>(Clock::now() - begin).count());
  std::fflush(stdout);
  omp_set_num_threads(1);  // a thread that waits for another on the same core takes its time
  for (std::string line; std::getline(std::cin, line);) {
    const auto comma = line.find(',');
    nsparse::SeismicSearchParameters setting(std::atoi(line.c_str()), std::strtof(line.c_str() + comma + 1, nullptr));
    std::string times, rows;
    const auto search = [&](std::size_t q, bool keep) {
      const nsparse::idx_t from = queries.begins[q];
      const nsparse::idx_t row[2] = {0, queries.begins[q + 1] - from};
      std::vector<nsparse::idx_t> found(static_cast<std::size_t>(k), -1);
      std::vector<float> scores(static_cast<std::size_t>(k));
      const auto start = Clock::now();
      index->search(1, row, queries.columns.data() + from, queries.values.data() + from, k, scores.data(), found.data(),
                    &setting);
      const double us = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
      if (!keep) return;
      times += std::to_string(us) + ' ';
      for (const auto one : found) rows += std::to_string(one) + ' ';
    };
    for (std::size_t q = 0; q < std::min<std::size_t>(50, num_queries); ++q) search(q, false);
    for (std::size_t q = 0; q < num_queries; ++q) search(q, true);
    std::printf("%s\n%s\n", times.c_str(), rows.c_str());
    std::fflush(stdout);
  }
}
