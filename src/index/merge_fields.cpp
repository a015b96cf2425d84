#include <fmt/format.h>
#include <tamis/index/sparse_field.h>

#include <algorithm>

#include "field_parts.h"

namespace tamis::index {

Result<FieldReport> merge_fields(std::span<const SparseField> fields, std::span<const Bitmap* const> deleted,
                                 const std::filesystem::path& path, ThreadPool& pool) {
  if (fields.empty() || fields.size() != deleted.size()) {
    return Error{Code::kInvalidArgument, "merge: wanted at least one field and a deleted set (or none) for each"};
  }
  struct Place {
    PassageId id;
    std::uint32_t field;
    LocalId local;
  };
  std::vector<Place> places;
  for (std::uint32_t f = 0; f < fields.size(); ++f) {
    if (!(fields[f].config() == fields[0].config())) {
      return Error{Code::kInvalidArgument,
                   fmt::format("merge: {} holds another field than {}", fields[f].parts().file.path().string(),
                               fields[0].parts().file.path().string())};
    }
    // Damage must not spread into the new file.
    TAMIS_TRY_OK(fields[f].parts().file.verify());
    for (LocalId local = 0; local < fields[f].num_passages(); ++local) {
      if (deleted[f] == nullptr || !deleted[f]->test(local)) places.push_back({fields[f].ids()[local], f, local});
    }
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.id < b.id; });
  FieldBuilder builder(fields[0].config());
  std::vector<TermId> terms;
  std::vector<std::uint16_t> levels;
  for (const auto& place : places) {
    fields[place.field].vector(place.local, terms, levels);
    TAMIS_TRY_OK(builder.add_levels(place.id, terms, levels));
  }
  return builder.finish(path, pool);
}

}  // namespace tamis::index
