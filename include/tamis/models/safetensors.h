#pragma once

#include <tamis/base/file.h>
#include <tamis/base/result.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::models {

/// How a weight is stored.
enum class DType : std::uint8_t { kF32, kF16, kBf16, kOther };

/// One named array of a checkpoint. Rows are contiguous, little-endian, of no particular alignment.
struct WeightTensor {
  std::string name;
  DType dtype = DType::kOther;
  std::string dtype_name;  ///< as the file writes it, "F32", "I64" …
  std::vector<std::uint64_t> shape;
  std::span<const std::byte> bytes;
  [[nodiscard]] std::uint64_t num_values() const noexcept;
  /// "[30522, 128]"
  [[nodiscard]] std::string shape_text() const;
};

/// The weights of a model: one safetensors file, or the shards that an index file names. Mapped, not read: opening
/// costs the header only. Every length, offset, shape and overlap is checked before a tensor is handed out; values are
/// looked at when they are read. Immutable; safe from any thread. The files must not be cut short while they are open
/// (a mapping's law). Source: the safetensors format (8 bytes header length, JSON header, data).
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
  [[nodiscard]] std::uint64_t fingerprint() const noexcept;

 private:
  std::vector<MappedFile> files_;
  std::vector<WeightTensor> tensors_;
};

/// Rows [first, first + count) of a tensor of shape [rows, …] as floats, exactly. No check of the values.
/// @param out  [count × values a row]
void read_rows(const WeightTensor& tensor, std::uint64_t first, std::uint64_t count, std::span<float> out) noexcept;
/// The whole tensor as floats; kCorrupt, naming the tensor and the place, for NaN or infinity.
/// @param out  [num_values()]
[[nodiscard]] Status read_weights(const WeightTensor& tensor, std::span<float> out);
/// The check of read_weights() without the values.
[[nodiscard]] Status check_finite(const WeightTensor& tensor);
/// Tells the system that the tensor's pages are not needed soon: they leave the process' resident memory. The bytes
/// stay readable.
void release_pages(const WeightTensor& tensor) noexcept;

}  // namespace tamis::models
