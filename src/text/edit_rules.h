#pragma once

#include "aligned_text.h"
#include "utf8.h"

namespace tamis::text {

/// Calls `visit(point)` for each character of a well-formed text.
template <class Visit>
void each_point(std::string_view text, Visit&& visit) {
  for (std::size_t at = 0; at < text.size();) {
    const Decoded c = decode_utf8(text, at);
    visit(c.point);
    at += c.size;
  }
}

/// Keeps the characters that `keep` says; a removed one belongs to the one before it.
template <class Keep>
void filter_points(AlignedText& text, Keep&& keep) {
  bool all = true;
  each_point(text.bytes(), [&](std::uint32_t point) { all = all && keep(point); });
  if (all) return;
  auto& edits = text.edits();
  edits.clear();
  std::size_t removed_first = 0;
  each_point(text.bytes(), [&](std::uint32_t point) {
    if (keep(point)) {
      edits.push_back({point, 0});
    } else if (edits.empty()) {
      ++removed_first;
    } else {
      --edits.back().change;
    }
  });
  text.apply(removed_first);
}

/// Replaces each character by another.
template <class Map>
void map_points(AlignedText& text, Map&& map) {
  auto& edits = text.edits();
  edits.clear();
  bool same = true;
  each_point(text.bytes(), [&](std::uint32_t point) {
    edits.push_back({map(point), 0});
    same = same && edits.back().point == point;
  });
  if (same) {
    edits.clear();
  } else {
    text.apply(0);
  }
}

/// Lower case, a character at a time.
void lowercase(AlignedText& text);
/// Canonical decomposition (Unicode 9).
void decompose(AlignedText& text, bool compatibility);

}  // namespace tamis::text
