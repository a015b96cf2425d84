#pragma once

#include <tamis/base/result.h>
#include <tamis/search/collection.h>
#include <tamis/search/method.h>
#include <tamis/search/pipeline.h>
#include <tamis/text/analyzer.h>

#include <span>
#include <string_view>

namespace tamis::search {

/// What a boost knows; all borrowed.
struct BoostInput {
  const Collection& collection;
  text::Analyzer& analyzer;
  std::string_view question;  ///< its words
};

/// A step that lifts some of the first passages: `weight` times a share from 0 to 1 is added to their scores, which are
/// scaled to [0, 1] before.
struct Boost {
  PartInfo info;
  /// @param out  [passages], overwritten: 0 = not lifted, 1 = as much as can be
  Status (*share)(const BoostInput& input, const MethodPart& part, std::span<const ScoredPassage> passages,
                  std::span<float> out) = nullptr;
};

// One file each; boosts.cpp has them in one list.
[[nodiscard]] const Boost& proximity_boost();
[[nodiscard]] const Boost& recent_boost();
[[nodiscard]] std::span<const Boost* const> boosts();
/// nullptr = the part is no boost.
[[nodiscard]] const Boost* boost_of(const MethodPart& part);

inline constexpr ParameterInfo kBoostedPassages = {
    "n", 100, 1, 10000, "first passages that may be lifted", ParameterInfo::Kind::kWhole};

}  // namespace tamis::search
