#include <fmt/format.h>
#include <tamis/base/check.h>
#include <tamis/sparse/quantize.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace tamis::sparse {

Status WeightScale::validate() const {
  if (bits != 8 && bits != 16) {
    return Error{Code::kInvalidArgument, fmt::format("weight scale: {} bits (wanted 8 or 16)", bits)};
  }
  // A step that is not a normal float would make weights of 0 or lose their last bits.
  if (!std::isfinite(ceiling) || !(ceiling > 0.0F) || !std::isnormal(step())) {
    return Error{Code::kInvalidArgument,
                 fmt::format("weight scale: ceiling {} (wanted finite, > 0, not tiny)", ceiling)};
  }
  return ok();
}

std::uint64_t quantize(const WeightScale& scale, std::span<const float> weights,
                       std::span<std::uint16_t> out) noexcept {
  TAMIS_CHECK(weights.size() == out.size(), "quantize: as many levels as weights");
  // In double, w * levels is exact to 2^-29 of a level: the nearest level is found, and a stored weight (level * step,
  // rounded to float) comes back as the same level.
  const double levels = scale.levels();
  const double per_weight = levels / static_cast<double>(scale.ceiling);
  std::uint64_t clipped = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double exact = static_cast<double>(weights[i]) * per_weight + 0.5;
    out[i] = static_cast<std::uint16_t>(std::clamp(exact, 1.0, levels));
    clipped += weights[i] > scale.ceiling ? 1U : 0U;
  }
  return clipped;
}

}  // namespace tamis::sparse
