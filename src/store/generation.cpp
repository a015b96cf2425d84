#include <tamis/store/catalogue.h>

#include "catalogue_impl.h"

namespace tamis::store {
namespace {

Status read_counters(const Catalogue::Impl& impl, Generation& out) {
  const std::pair<std::string_view, std::uint64_t*> wanted[] = {{"generation", &out.number},
                                                                {"num_documents", &out.num_documents},
                                                                {"num_passages", &out.num_passages},
                                                                {"num_words", &out.num_words}};
  for (const auto& [name, target] : wanted) {
    TAMIS_TRY(const auto value, impl.counter(name));
    *target = from_sql(value);
  }
  return ok();
}

Status read_segments(const Catalogue::Impl& impl, Generation& out) {
  TAMIS_TRY(auto segments, impl.use("SELECT id, num_passages, num_bytes FROM segments ORDER BY id"));
  return for_each_row(*segments, [&]() -> Status {
    auto& segment = out.segments.emplace_back();
    segment.id = segments->integer(0);
    segment.num_passages = from_sql(segments->integer(1));
    segment.num_bytes = from_sql(segments->integer(2));
    TAMIS_TRY(auto files, impl.use("SELECT file FROM segment_files WHERE segment = ?1 ORDER BY position"));
    files->bind(1, segment.id);
    return for_each_row(*files, [&] {
      segment.files.emplace_back(files->text(0));
      return ok();
    });
  });
}

Status read_tombstones(const Catalogue::Impl& impl, Generation& out) {
  TAMIS_TRY(auto query, impl.use("SELECT segment, first, count FROM tombstones ORDER BY segment, first"));
  return for_each_row(*query, [&]() -> Status {
    const auto count = query->integer(2);
    if (count < 1 || count > std::numeric_limits<std::uint32_t>::max()) return impl.corrupt("a tombstone's count");
    out.tombstones.push_back({query->integer(0), from_sql(query->integer(1)), static_cast<std::uint32_t>(count)});
    return ok();
  });
}

Status read_lists(const Catalogue::Impl& impl, Generation& out) {
  TAMIS_TRY(auto vocabularies, impl.use("SELECT file FROM vocabularies ORDER BY position"));
  TAMIS_TRY_OK(for_each_row(*vocabularies, [&] {
    out.vocabularies.emplace_back(vocabularies->text(0));
    return ok();
  }));
  TAMIS_TRY(auto settings, impl.use("SELECT key, value FROM settings ORDER BY key"));
  TAMIS_TRY_OK(for_each_row(*settings, [&] {
    out.settings.emplace_back(settings->text(0), settings->text(1));
    return ok();
  }));
  TAMIS_TRY(auto languages,
            impl.use("SELECT language FROM languages WHERE passages > 0 ORDER BY passages DESC, language"));
  return for_each_row(*languages, [&]() -> Status {
    const auto language = languages->integer(0);
    if (language < 0 || language > 255) return impl.corrupt("a language's number");
    out.languages.push_back(static_cast<std::uint8_t>(language));
    return ok();
  });
}

}  // namespace

Result<Generation> read_generation(const Catalogue::Impl& impl) {
  Generation out;
  TAMIS_TRY_OK(read_counters(impl, out));
  TAMIS_TRY_OK(read_segments(impl, out));
  TAMIS_TRY_OK(read_tombstones(impl, out));
  TAMIS_TRY_OK(read_lists(impl, out));
  return out;
}

Result<Generation> Catalogue::generation() const {
  TAMIS_TRY(const auto view, View::begin(*impl_));
  return read_generation(*impl_);
}

}  // namespace tamis::store
