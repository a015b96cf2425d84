#pragma once

#include <tamis/base/result.h>
#include <tamis/base/variants.h>

#include <string_view>

namespace tamis::tensor {

/// How a product with packed weights is computed. Sums are 32 bits wide in both.
enum class Precision : int {
  kF32 = 0,   ///< operands as they are
  kBf16 = 1,  ///< both operands rounded to bfloat16 (to nearest, ties to even), products added in f32
};
/// "f32", "bf16".
[[nodiscard]] std::string_view to_string(Precision precision) noexcept;
/// kInvalidArgument for another name; the message says which are known.
[[nodiscard]] Result<Precision> parse_precision(std::string_view name);
/// The fastest precision at a level whose answers stay those of f32 but for rounding: bf16 with AMX, else f32.
[[nodiscard]] Precision best_precision(Isa level = usable_isa()) noexcept;

/// Makes the room's choices now instead of at their first use, so that `tamis cpu` can list them.
void choose_kernels();

}  // namespace tamis::tensor
