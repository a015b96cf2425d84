#include <tamis/docs/reader.h>

#include "docs/fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tamis::docs::fuzz_reader("rst", data, size);
  return 0;
}
