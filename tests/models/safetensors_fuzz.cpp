#include <sys/mman.h>
#include <tamis/models/safetensors.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

void write_all(int file, const void* data, std::size_t size) {
  if (::write(file, data, size) != static_cast<ssize_t>(size)) std::abort();
}

}  // namespace

/// The first byte chooses: 0 = the bytes as they are; else they become a header of the right length and some data
/// behind it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const int file = ::memfd_create("weights", 0);
  if (file < 0) std::abort();
  const std::uint64_t header = size - 1;
  const std::vector<char> values(std::size_t{data[0]} * 4, 1);
  if (data[0] != 0) write_all(file, &header, sizeof header);
  write_all(file, data + 1, size - 1);
  if (data[0] != 0) write_all(file, values.data(), values.size());
  const auto opened = tamis::models::Safetensors::open("/proc/self/fd/" + std::to_string(file));
  if (opened) {
    for (const auto& tensor : opened->tensors()) {
      if (tensor.dtype == tamis::models::DType::kOther) continue;
      std::vector<float> out(tensor.num_values());
      if (out.size() * 4 > tensor.num_bytes * 2) std::abort();
      static_cast<void>(tamis::models::read_weights(tensor, out));
    }
  }
  ::close(file);
  return 0;
}
