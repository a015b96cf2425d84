#pragma once

#include <tamis/search/method.h>
#include <tamis/text/analyzer.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tamis::search {

/// The step that leaves out passages nearly equal to a better one.
inline constexpr std::string_view kDistinctStep = "distinct";
[[nodiscard]] PartInfo distinct_step();

/// The different runs of three words of a text as numbers, ascending; of a shorter text the whole. Words as they are
/// folded, not stemmed.
[[nodiscard]] std::vector<std::uint64_t> shingles_of(text::Analyzer& analyzer, std::string_view text);

/// Which better one stands for each of some sets: itself, or the first that stands for itself and has a Jaccard
/// coefficient (common shingles through all) of at least `least` with it. An empty set is like no other.
/// Source: Broder, *On the resemblance and containment of documents*, SEQUENCES 1997; with all shingles instead of a
/// sketch, since there are few texts.
/// @param sets  ascending, best first
/// @par Cost    one look-up a shingle, and one count for each set before that shares it
[[nodiscard]] std::vector<std::size_t> representatives(std::span<const std::vector<std::uint64_t>> sets, double least);

}  // namespace tamis::search
