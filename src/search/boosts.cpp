#include "boosts.h"

#include <array>

namespace tamis::search {

std::span<const Boost* const> boosts() {
  static const std::array<const Boost*, 2> kBoosts = {&proximity_boost(), &recent_boost()};
  return kBoosts;
}

const Boost* boost_of(const MethodPart& part) {
  for (const auto* boost : boosts()) {
    if (boost->info.name == part.name) return boost;
  }
  return nullptr;
}

}  // namespace tamis::search
