#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace tamis::tensor {

/// The definition of int8 rows: scale = max |x| / 127, value = x / scale to nearest, ties to even. A row of zeros has
/// scale 0; a row with a NaN or infinity has scale NaN and values 0, so that all its products are NaN.
[[nodiscard]] inline float quantize_row(const float* x, std::size_t n, std::int8_t* out) noexcept {
  float largest = 0;
  bool finite = true;
  for (std::size_t i = 0; i < n; ++i) {
    largest = std::max(largest, std::abs(x[i]));
    finite = finite && std::isfinite(x[i]);
  }
  const float inverse = 127.0F / largest;
  if (!finite || !(largest > 0) || !std::isfinite(inverse)) {
    std::fill_n(out, n, std::int8_t{0});
    return finite ? 0.0F : std::numeric_limits<float>::quiet_NaN();
  }
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::int8_t>(std::lrint(x[i] * inverse));
  return largest / 127.0F;
}

}  // namespace tamis::tensor
