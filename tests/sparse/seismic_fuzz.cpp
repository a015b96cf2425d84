#include "fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tamis::sparse::fuzz_vector_file(data, size, tamis::sparse::VectorFormat::kSeismic);
  return 0;
}
