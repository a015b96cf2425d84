#include <tamis/sieve/block_index.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

// Any bytes as a file of blocks: an error, or an index whose search and definition agree.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace tamis;
  static const std::string path = "/tmp/tamis-blocks-fuzz-" + std::to_string(::getpid());
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return 0;
  std::fwrite(data, 1, size, file);
  std::fclose(file);
  for (const auto residence : {sieve::Residence::kLoaded, sieve::Residence::kMapped}) {
    const auto index = sieve::BlockIndex::open(path, residence);
    if (!index) continue;
    const sparse::SparseVector vector{{0, 1, 2}, {1.0F, 1.0F, 1.0F}};
    const auto query = index::prepare_query(vector, index->scale());
    if (!query || !index->check_lists(*query)) continue;
    sieve::SearchScratch scratch;
    if (index->search(*query, 3, {}, scratch) != index->exhaustive(*query, 3)) std::abort();
    static_cast<void>(index->verify());
  }
  return 0;
}
