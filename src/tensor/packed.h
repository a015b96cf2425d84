#pragma once

#include <tamis/base/buffer.h>
#include <tamis/base/variants.h>
#include <tamis/tensor/linear.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "ops_table.h"

namespace tamis::tensor {

/// What pack() made; the layout of `data` is the kernel's own.
struct PackedWeights {
  std::size_t in = 0, out = 0;
  AlignedBuffer<std::byte> data;
  AlignedBuffer<float> bias;           ///< [out, rounded up to kEntryAlign]
  AlignedBuffer<std::byte> sketch;     ///< of a head: 8 bits a weight, by which entries are told that cannot matter
  AlignedBuffer<float> sketch_bounds;  ///< what is lost by it, the kernel's own
  const OpsTable* ops = nullptr;       ///< of the level that the weights were packed for

  template <class T>
  [[nodiscard]] T* as() noexcept {
    return reinterpret_cast<T*>(data.data());
  }
  template <class T>
  [[nodiscard]] const T* as() const noexcept {
    return reinterpret_cast<const T*>(data.data());
  }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return data.size() + sketch.size() + sizeof(float) * (bias.size() + sketch_bounds.size());
  }
};

/// Outputs are packed in groups of this many; a kernel may be asked for ranges that start at a multiple of it.
constexpr std::size_t kEntryAlign = 32;
[[nodiscard]] constexpr std::size_t round_up(std::size_t n, std::size_t unit) { return (n + unit - 1) / unit * unit; }

/// Where a product is written: one of the two is not empty.
struct Destination {
  MatrixView wide;
  Bf16View rounded;
};

/// One way of computing a linear layer. `bias`, `in`, `out` and `ops` of the weights are set before pack().
struct LinearKernel {
  std::string_view name;
  void (*pack)(ConstMatrixView weights, PackedWeights& packed);
  /// out = epilogue(x Wᵀ + bias), see PackedLinear::apply().
  void (*run)(const PackedWeights& weights, ConstMatrixView x, MatrixView out, const Epilogue& epilogue,
              Scratch& scratch);
  /// The same of rounded rows; null where rounded rows are widened for run().
  void (*run_rounded)(const PackedWeights& weights, ConstBf16View x, const Destination& out, const Epilogue& epilogue,
                      Scratch& scratch);
};
using LinearVariant = Variant<const LinearKernel>;
/// All variants of a precision, best first, ref last.
[[nodiscard]] std::span<const LinearVariant> linear_variants(Precision precision) noexcept;
/// The best one that the machine can run and `level` allows.
[[nodiscard]] const LinearKernel& linear_kernel(Precision precision, Isa level);

/// Rows of a batch in a kernel's own form.
struct PreparedRows {
  const void* data = nullptr;
  std::span<const std::uint32_t> offsets;  ///< passage p has rows offsets[p] … offsets[p + 1]
  const std::uint32_t* tiles = nullptr;    ///< AMX: passage p has row tiles tiles[p] … tiles[p + 1]
  const std::int8_t* sketch = nullptr;     ///< AMX: the tiles in 8 bits
  const float* sketch_bounds = nullptr;    ///< AMX: of each passage, the kernel's own
  [[nodiscard]] std::size_t passages() const { return offsets.size() - 1; }
  [[nodiscard]] std::size_t rows_of(std::size_t passage) const { return offsets[passage + 1] - offsets[passage]; }
};
/// One way of computing the head. pack() as above.
struct HeadKernel {
  std::string_view name;
  void (*pack)(ConstMatrixView weights, PackedWeights& packed);
  /// The offsets must live as long as what is returned.
  PreparedRows (*prepare)(const PackedWeights& weights, ConstMatrixView hidden, std::span<const std::uint32_t> offsets,
                          Scratch& scratch);
  /// maxima[p][count]: the largest product of the rows of passage p with entry first + i; -infinity for no rows. NaN
  /// products are passed over.
  /// @pre first is a multiple of kEntryAlign; first + count <= the vocabulary rounded up to kEntryAlign
  void (*maxima)(const PackedWeights& weights, const PreparedRows& rows, std::size_t first, std::size_t count,
                 float* maxima, Scratch& scratch);
  /// products[rows of the passage][count], the same entries.
  void (*products)(const PackedWeights& weights, const PreparedRows& rows, std::size_t passage, std::size_t first,
                   std::size_t count, float* products, Scratch& scratch);
  /// Appends to each passage's list the entries first + i, ascending, whose maximum plus bias may be above 0: all that
  /// are, and few others. Null where there is no way that is faster than maxima().
  /// @param lists  [passages] each with room for count + 16; moved to their ends
  void (*candidates)(const PackedWeights& weights, const PreparedRows& rows, std::size_t first, std::size_t count,
                     std::uint32_t** lists);
  /// The maxima of some entries of one passage, bit for bit those of maxima(). Null with candidates().
  void (*maxima_of)(const PackedWeights& weights, const PreparedRows& rows, std::size_t passage,
                    std::span<const std::uint32_t> entries, float* maxima, Scratch& scratch);
};
using HeadVariant = Variant<const HeadKernel>;
[[nodiscard]] std::span<const HeadVariant> head_variants(Precision precision) noexcept;
[[nodiscard]] const HeadKernel& head_kernel(Precision precision, Isa level);

/// Writes a block of raw sums to `out`: bias, activation and residual are added on the way. The block's first row and
/// column are those of `out` given; sums have a stride of their own, so `out` may be the residual.
inline void finish(const PackedWeights& weights, const Epilogue& epilogue, ConstMatrixView sums, MatrixView out,
                   std::size_t first_row, std::size_t first_col) {
  const auto run = weights.ops->finish;
  const bool more = !epilogue.residual.empty();
  for (std::size_t i = 0; i < sums.rows; ++i) {
    run(sums.row(i), weights.bias.data() + first_col, epilogue.activation,
        more ? epilogue.residual.row(first_row + i) + first_col : nullptr, sums.cols,
        out.row(first_row + i) + first_col);
  }
}

/// kInvalidArgument unless weights and bias fit each other and are finite. `what` starts the message.
[[nodiscard]] Status check_weights(std::string_view what, ConstMatrixView weights, std::span<const float> bias);
/// Sizes, bias and ops; the kernel's pack() does the rest.
void begin_packing(ConstMatrixView weights, std::span<const float> bias, Isa level, PackedWeights& packed);

}  // namespace tamis::tensor
