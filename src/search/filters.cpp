#include "filters.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>

namespace tamis::search {

Result<index::Bitmap> passages_holding(const index::SparseField& field, const std::vector<Reading>& readings) {
  index::Bitmap out(field.num_passages());
  for (const auto& reading : readings) {
    if (!reading.complete || reading.terms.empty()) continue;
    TAMIS_TRY(auto all, field.passages_with(reading.terms.front()));
    for (std::size_t i = 1; i < reading.terms.size(); ++i) {
      TAMIS_TRY(const auto more, field.passages_with(reading.terms[i]));
      all &= more;
    }
    out |= all;
  }
  return out;
}

Filters::Filters(const Collection& collection) {
  for (const auto& segment : collection.segments()) {
    segments_.push_back({segment.field, std::nullopt});
    if (segment.deleted != nullptr) segments_.back().set() -= *segment.deleted;
  }
}

index::Bitmap& Filters::Segment::set() {
  if (!allowed) allowed.emplace(field->num_passages(), true);
  return *allowed;
}

Status Filters::keep(const std::vector<Reading>& readings) {
  for (auto& segment : segments_) {
    TAMIS_TRY(const auto holding, passages_holding(*segment.field, readings));
    segment.set() &= holding;
  }
  return ok();
}

Status Filters::remove(const std::vector<Reading>& readings) {
  for (auto& segment : segments_) {
    TAMIS_TRY(const auto holding, passages_holding(*segment.field, readings));
    segment.set() -= holding;
  }
  return ok();
}

Status Filters::apply(const Collection& collection, const Clause& field) {
  TAMIS_TRY(const auto matching, collection.matching(field));
  if (matching.size() != segments_.size()) {
    return Error{Code::kCorrupt,
                 fmt::format("filter {}: {} sets for {} segments", field.field, matching.size(), segments_.size())};
  }
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (field.need == Clause::Need::kNot) {
      segments_[i].set() -= matching[i];
    } else {
      segments_[i].set() &= matching[i];
    }
  }
  return ok();
}

std::vector<index::SegmentView> Filters::views() const {
  std::vector<index::SegmentView> views;
  for (const auto& segment : segments_) {
    views.push_back({segment.field, segment.allowed ? &*segment.allowed : nullptr});
  }
  return views;
}

std::vector<PassageId> Filters::first(std::size_t count) const {
  std::vector<PassageId> ids;
  for (const auto& segment : segments_) {
    const auto all = segment.field->ids();
    if (!segment.allowed) {
      ids.insert(ids.end(), all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(count, all.size())));
      continue;
    }
    std::size_t left = count;
    const auto& words = segment.allowed->words();
    for (std::size_t w = 0; w < words.size() && left > 0; ++w) {
      for (auto word = words[w]; word != 0 && left > 0; word &= word - 1, --left) {
        ids.push_back(all[w * 64 + static_cast<std::size_t>(std::countr_zero(word))]);
      }
    }
  }
  std::sort(ids.begin(), ids.end());
  if (ids.size() > count) ids.resize(count);
  return ids;
}

}  // namespace tamis::search
