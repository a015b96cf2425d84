#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "boosts.h"

namespace tamis::search {
namespace {

constexpr ParameterInfo kParameters[] = {
    {"half", 365, 0.001, 1000000, "days after which a document is lifted half as much"},
    {"weight", 0.2, 0, 1000, "what the newest document's score is lifted by; scores are scaled to [0, 1]"},
    kBoostedPassages};

/// A share of 2^(-age / half), the age counted from the newest of the passages: no clock, so the same question has the
/// same answer tomorrow, and an archive is not one heap of old things. Documents without a time are not lifted.
/// Source: Li & Croft, *Time-based language models*, CIKM 2003, whose prior is exponential in the age.
Status share(const BoostInput& input, const MethodPart& part, std::span<const ScoredPassage> passages,
             std::span<float> out) {
  std::vector<std::optional<double>> days;
  std::optional<double> newest;
  for (const auto& one : passages) {
    TAMIS_TRY(const auto day, input.collection.document_day(one.id));
    if (day && (!newest || *day > *newest)) newest = day;
    days.push_back(day);
  }
  const double half = part.number("half");
  for (std::size_t i = 0; i < passages.size(); ++i) {
    out[i] = days[i] ? static_cast<float>(std::exp2(-(*newest - *days[i]) / half)) : 0;
  }
  return ok();
}

}  // namespace

const Boost& recent_boost() {
  static const Boost kBoost{{"recent", "lifts passages of newer documents", kParameters}, share};
  return kBoost;
}

}  // namespace tamis::search
