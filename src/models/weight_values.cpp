#include <fmt/format.h>
#include <sys/mman.h>
#include <tamis/base/check.h>
#include <tamis/models/safetensors.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>

namespace tamis::models {
namespace {

std::uint64_t row_values(const WeightTensor& tensor) {
  return tensor.shape.empty() ? 1 : tensor.num_values() / std::max<std::uint64_t>(tensor.shape[0], 1);
}

float from_bf16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

/// Exact, subnormal numbers included; a loop of such calls has no branch and becomes vector code.
float from_f16(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000U) << 16;
  const std::uint32_t magnitude = bits & 0x7fffU;
  // Moved into place the exponent is 112 too small; the product puts that right and normalises what was subnormal.
  const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112F;
  const std::uint32_t special = magnitude >= 0x7c00U ? 0x7f800000U : 0U;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(scaled) | special | sign);
}

void convert(DType dtype, const std::byte* bytes, std::size_t count, float* out) {
  if (count == 0) return;  // a tensor without values may have no place in memory
  if (dtype == DType::kF32) {
    std::memcpy(out, bytes, count * sizeof(float));
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, bytes + i * sizeof bits, sizeof bits);
    out[i] = dtype == DType::kBf16 ? from_bf16(bits) : from_f16(bits);
  }
}

/// The place of the first value that is not finite, or `count`.
std::size_t first_bad(const float* values, std::size_t count) {
  constexpr std::uint32_t kExponent = 0x7f800000U;
  constexpr std::size_t kStep = 64;  // a loop of known length without a branch becomes vector code
  std::size_t begin = 0;
  for (; begin + kStep <= count; begin += kStep) {
    std::uint32_t bad = 0;
    for (std::size_t i = 0; i < kStep; ++i) {
      bad |= (std::bit_cast<std::uint32_t>(values[begin + i]) & kExponent) == kExponent ? 1U : 0U;
    }
    if (bad != 0) break;
  }
  for (; begin < count; ++begin) {
    if (!std::isfinite(values[begin])) return begin;
  }
  return count;
}

Error not_finite(const WeightTensor& tensor, std::uint64_t at, float value) {
  std::string place;
  for (std::uint64_t rest = at, below = tensor.num_values(), i = 0; i < tensor.shape.size(); ++i) {
    below /= tensor.shape[i];
    place += fmt::format("{}{}", place.empty() ? "" : ", ", rest / below);
    rest %= below;
  }
  return Error{Code::kCorrupt, fmt::format("{}: the weight at [{}] is {} (wanted a finite number)", tensor.name, place,
                                           std::isnan(value) ? "NaN" : "infinite")};
}

}  // namespace

void read_rows(const WeightTensor& tensor, std::uint64_t first, std::uint64_t count, std::span<float> out) noexcept {
  const std::uint64_t values = row_values(tensor);
  const std::size_t item = tensor.dtype == DType::kF32 ? 4 : 2;
  TAMIS_DCHECK(tensor.dtype != DType::kOther, "only floats can be read");
  TAMIS_DCHECK(out.size() == count * values && (first + count) * values * item <= tensor.bytes.size(), "rows in range");
  convert(tensor.dtype, tensor.bytes.data() + first * values * item, count * values, out.data());
}

Status read_weights(const WeightTensor& tensor, std::span<float> out) {
  TAMIS_CHECK(out.size() == tensor.num_values() && tensor.dtype != DType::kOther,
              "the caller made room for all values");
  convert(tensor.dtype, tensor.bytes.data(), out.size(), out.data());
  const std::size_t bad = first_bad(out.data(), out.size());
  if (bad < out.size()) return not_finite(tensor, bad, out[bad]);
  return ok();
}

Status check_finite(const WeightTensor& tensor) {
  TAMIS_CHECK(tensor.dtype != DType::kOther, "only floats can be checked");
  const std::uint64_t count = tensor.num_values();
  const auto where = reinterpret_cast<std::uintptr_t>(tensor.bytes.data());
  if (tensor.dtype == DType::kF32 && where % alignof(float) == 0 && count > 0) {
    const auto* const in_place = reinterpret_cast<const float*>(tensor.bytes.data());
    const std::size_t bad = first_bad(in_place, static_cast<std::size_t>(count));
    return bad < count ? Status(not_finite(tensor, bad, in_place[bad])) : ok();
  }
  constexpr std::size_t kStep = 16384;
  const auto values = std::make_unique<float[]>(kStep);
  const std::size_t item = tensor.dtype == DType::kF32 ? 4 : 2;
  for (std::uint64_t begin = 0; begin < count; begin += kStep) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kStep, count - begin));
    convert(tensor.dtype, tensor.bytes.data() + begin * item, size, values.get());
    const std::size_t bad = first_bad(values.get(), size);
    if (bad < size) return not_finite(tensor, begin + bad, values[bad]);
  }
  return ok();
}

void release_pages(const WeightTensor& tensor) noexcept {
  // Whole pages inside the tensor only: its neighbours may be in use. A shared read-only mapping loses nothing by it.
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) + page - 1) / page * page;
  const auto end = reinterpret_cast<std::uintptr_t>(tensor.bytes.data() + tensor.bytes.size()) / page * page;
  if (begin < end) static_cast<void>(::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED));
}

}  // namespace tamis::models
