#pragma once

#include <tamis/base/file.h>
#include <tamis/base/result.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::models {

/// How a weight is stored.
enum class DType : std::uint8_t { kF32, kF16, kBf16, kOther };

/// One named array of a checkpoint: contiguous rows, little-endian. Lives as long as its Safetensors.
struct WeightTensor {
  std::string name;
  DType dtype = DType::kOther;
  std::string dtype_name;  ///< as the file writes it, "F32", "I64" …
  std::vector<std::uint64_t> shape;
  const RandomAccessFile* file = nullptr;
  std::uint64_t begin = 0, num_bytes = 0;  ///< where it lies in the file
  [[nodiscard]] std::uint64_t num_values() const noexcept;
  /// "[30522, 128]"
  [[nodiscard]] std::string shape_text() const;
};

/// The weights of a model: one safetensors file, or the shards that an index file names. Opening costs the header only.
/// Every length, offset, shape and overlap is checked before a tensor is handed out; values are looked at when they are
/// read. Nothing is mapped: a file that is cut short while it is open is an error of what reads it next.
/// Immutable; safe from any thread. Source: the safetensors format (8 bytes header length, JSON header, data).
class Safetensors {
 public:
  /// kCorrupt names the file, the tensor and what was wrong; kExhausted a header or a number of tensors above the
  /// limits (64 MiB, 100,000).
  [[nodiscard]] static Result<Safetensors> open(const std::filesystem::path& file);
  /// `model.safetensors`, else the shards that `model.safetensors.index.json` names. kUnsupported for a folder that
  /// holds weights in another format (pytorch_model.bin …), naming it.
  [[nodiscard]] static Result<Safetensors> open_folder(const std::filesystem::path& folder);

  /// By name, ascending.
  [[nodiscard]] std::span<const WeightTensor> tensors() const noexcept { return tensors_; }
  /// nullptr when there is none.
  [[nodiscard]] const WeightTensor* find(std::string_view name) const noexcept;
  /// kCorrupt when missing or of another shape, kUnsupported when stored in a type that is no f32, f16 or bf16.
  [[nodiscard]] Result<const WeightTensor*> get(std::string_view name, std::span<const std::uint64_t> shape) const;
  /// Bytes of all tensors.
  [[nodiscard]] std::uint64_t num_bytes() const noexcept;
  /// XXH3 over names, shapes and bytes in the order of names: changes when any weight changes. Reads everything.
  [[nodiscard]] Result<std::uint64_t> fingerprint() const;

 private:
  std::vector<std::unique_ptr<const RandomAccessFile>> files_;
  std::vector<WeightTensor> tensors_;
};

/// The whole tensor as floats, exactly; kCorrupt, naming the tensor and the place, for NaN or infinity.
/// @param out  [num_values()]
[[nodiscard]] Status read_weights(const WeightTensor& tensor, std::span<float> out);
/// The same check of a tensor whose values are kept as they are stored.
/// @param out  [num_bytes]
[[nodiscard]] Status read_stored(const WeightTensor& tensor, std::span<std::byte> out);
/// The check of read_weights() without the values.
[[nodiscard]] Status check_finite(const WeightTensor& tensor);
/// Stored values as floats, exactly. No check of the values.
/// @param stored  [out.size() values of `dtype`, which is not kOther], of any alignment
void widen(DType dtype, const std::byte* stored, std::span<float> out) noexcept;

}  // namespace tamis::models
