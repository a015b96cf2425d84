#include <fmt/format.h>
#include <tamis/base/buffer.h>
#include <tamis/base/check.h>
#include <tamis/models/safetensors.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace tamis::models {
namespace {

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

/// Reads a tensor piece by piece and checks its values. Where there is no place for the floats or for the stored bytes,
/// the pieces come and go.
Status read_pieces(const WeightTensor& tensor, float* values, std::byte* stored) {
  TAMIS_CHECK(tensor.dtype != DType::kOther, "only floats can be read");
  constexpr std::size_t kPiece = 32 << 10;
  const bool wide = tensor.dtype == DType::kF32;
  const std::size_t item = wide ? 4 : 2;
  const std::uint64_t count = tensor.num_values();
  const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, count));
  AlignedBuffer<float> passing_values(values == nullptr ? piece : 0);
  AlignedBuffer<std::byte> passing_stored(stored == nullptr && !wide ? piece * item : 0);
  for (std::uint64_t first = 0; first < count; first += kPiece) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, count - first));
    float* const to = values == nullptr ? passing_values.data() : values + first;
    auto* const in_place = wide ? reinterpret_cast<std::byte*>(to) : passing_stored.data();
    std::byte* const from = stored == nullptr ? in_place : stored + first * item;
    TAMIS_TRY_OK(tensor.file->read(tensor.begin + first * item, {from, size * item}));
    if (!wide || from != in_place) widen(tensor.dtype, from, {to, size});
    const std::size_t bad = first_bad(to, size);
    if (bad < size) return not_finite(tensor, first + bad, to[bad]);
  }
  return ok();
}

}  // namespace

void widen(DType dtype, const std::byte* stored, std::span<float> out) noexcept {
  TAMIS_DCHECK(dtype != DType::kOther, "only floats can be widened");
  if (out.empty()) return;  // no values may have no place in memory
  if (dtype == DType::kF32) {
    std::memcpy(out.data(), stored, out.size_bytes());
    return;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, stored + i * sizeof bits, sizeof bits);
    out[i] = dtype == DType::kBf16 ? from_bf16(bits) : from_f16(bits);
  }
}

Status read_weights(const WeightTensor& tensor, std::span<float> out) {
  TAMIS_CHECK(out.size() == tensor.num_values(), "the caller made room for all values");
  return out.empty() ? ok() : read_pieces(tensor, out.data(), nullptr);
}

Status read_stored(const WeightTensor& tensor, std::span<std::byte> out) {
  TAMIS_CHECK(out.size() == tensor.num_bytes, "the caller made room for all bytes");
  return out.empty() ? ok() : read_pieces(tensor, nullptr, out.data());
}

Status check_finite(const WeightTensor& tensor) { return read_pieces(tensor, nullptr, nullptr); }

}  // namespace tamis::models
