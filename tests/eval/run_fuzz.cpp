#include <tamis/eval/evaluate.h>
#include <tamis/eval/files.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "memory_stream.h"

/// The first byte chooses how much a read gives; what is read obeys the laws, an error says something.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  tamis::eval::MemoryStream stream({reinterpret_cast<const char*>(data + 1), size - 1}, 1U + data[0]);
  tamis::eval::Ids ids;
  auto run = tamis::eval::read_run(stream, ids);
  if (!run && run.error().message.empty()) std::abort();
  if (!run) return 0;
  for (std::size_t i = 0; i < run->size(); ++i) {
    for (const auto& hit : run->items(i)) {
      if (!std::isfinite(hit.score)) std::abort();
    }
  }
  if (const auto documents = tamis::eval::documents_of_passages(*run, {}, ids)) {
    if (documents->num_items() > run->num_items()) std::abort();
  }
  return 0;
}
