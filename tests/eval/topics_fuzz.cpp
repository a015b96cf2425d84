#include <tamis/eval/files.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "memory_stream.h"

/// The first byte chooses how much a read gives; what is read obeys the laws, an error says something.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  tamis::eval::MemoryStream stream({reinterpret_cast<const char*>(data + 1), size - 1}, 1U + data[0]);
  const auto topics = tamis::eval::read_topics(stream);
  if (!topics && topics.error().message.empty()) std::abort();
  for (std::size_t i = 0; topics && i < topics->size(); ++i) {
    if ((*topics)[i].id.empty()) std::abort();
  }
  return 0;
}
