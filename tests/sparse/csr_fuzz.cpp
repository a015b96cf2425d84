#include <vector>

#include "fuzz_file.h"

/// The first byte chooses: 0 = the bytes as they are; else they become the arrays behind a header that fits their size,
/// which random bytes would hardly ever find.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t rows = data[0] % 16;
  ++data;
  --size;
  std::vector<std::uint8_t> image;
  if (rows > 0 && size >= (rows + 1) * 8) {
    const std::size_t non_zeros = (size - (rows + 1) * 8) / 8;
    size = (rows + 1) * 8 + non_zeros * 8;
    const std::uint64_t header[3] = {rows, 64, non_zeros};
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(header);
    image.assign(bytes, bytes + sizeof header);
  }
  image.insert(image.end(), data, data + size);
  tamis::sparse::fuzz_vector_file(image.data(), image.size(), tamis::sparse::VectorFormat::kCsr);
  return 0;
}
