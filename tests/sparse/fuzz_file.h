#pragma once

#include <sys/mman.h>
#include <tamis/sparse/vector_files.h>
#include <unistd.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace tamis::sparse {

/// Reads bytes as a vector file of a format; stops the fuzzer when a vector breaks the laws.
inline void fuzz_vector_file(const std::uint8_t* data, std::size_t size, VectorFormat format) {
  const int file = ::memfd_create("vectors", 0);
  if (file < 0) std::abort();
  for (std::size_t done = 0; done < size;) {
    const auto n = ::write(file, data + done, size - done);
    if (n <= 0) std::abort();
    done += static_cast<std::size_t>(n);
  }
  const auto status = read_vector_file("/proc/self/fd/" + std::to_string(file), format, [](NamedVector&& v) {
    for (const auto& [term, weight] : v.named_terms) {
      if (!(weight > 0.0F) || !std::isfinite(weight)) std::abort();
    }
    for (std::size_t i = 0; i < v.vector.size(); ++i) {
      if (!(v.vector.weights[i] > 0.0F) || (i > 0 && v.vector.terms[i - 1] >= v.vector.terms[i])) std::abort();
    }
    return ok();
  });
  if (!status && status.error().message.empty()) std::abort();
  ::close(file);
}

}  // namespace tamis::sparse
