#include <tamis/index/query_algorithm.h>
#include <tamis/index/vocabulary.h>
#include <unistd.h>

#include <cstdio>
#include <string>

// Any bytes as a field file and as a vocabulary: an error or answers, never a crash.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace tamis;
  static const std::string path = "/tmp/tamis-field-fuzz-" + std::to_string(::getpid());
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return 0;
  std::fwrite(data, 1, size, file);
  std::fclose(file);
  const std::filesystem::path paths[1] = {path};
  if (const auto vocabulary = index::Vocabulary::open(paths)) (void)vocabulary->find("log");
  const auto field = index::SparseField::open(path);
  if (!field) return 0;
  const sparse::SparseVector vector{{0, 1, 2}, {1.0F, 1.0F, 1.0F}};
  const auto query = index::prepare_query(vector, field->config().scale);
  if (!query) return 0;
  const index::SegmentView view{&*field, nullptr};
  for (const auto name : index::query_algorithm_names()) {
    index::SearchStats stats;
    const auto algorithm = index::make_query_algorithm(name);
    if (algorithm) (void)index::search_segments(**algorithm, {&view, 1}, *query, 10, stats).has_value();
  }
  (void)field->verify().has_value();
  return 0;
}
