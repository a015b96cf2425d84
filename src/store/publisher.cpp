#include "publisher.h"

#include <fmt/format.h>

#include <algorithm>

namespace tamis::store {
namespace {

template <class Items, class Apply>
Status each(const Items& items, Apply&& apply) {
  for (const auto& item : items) TAMIS_TRY_OK(apply(item));
  return ok();
}

}  // namespace

Status Publisher::apply(const Publication& p) {
  // In this order every reference finds what it refers to, and a merged segment is empty before it goes.
  TAMIS_TRY_OK(load_known());
  TAMIS_TRY_OK(each(p.sources, [&](const auto& source) { return put_source(source); }));
  TAMIS_TRY_OK(each(p.added_segments, [&](const auto& segment) { return add_segment(segment); }));
  TAMIS_TRY_OK(each(p.dropped_files, [&](const auto& file) { return drop_segment_file(file); }));
  TAMIS_TRY_OK(each(p.added_files, [&](const auto& file) { return add_segment_file(file); }));
  TAMIS_TRY_OK(each(p.moved, [&](const auto& moved) { return move_document(moved); }));
  TAMIS_TRY_OK(each(p.removed_documents, [&](const auto id) { return remove_document(id); }));
  TAMIS_TRY_OK(write_tombstones());
  TAMIS_TRY_OK(each(p.removed_files, [&](const auto& file) { return remove_file(file.first, file.second); }));
  TAMIS_TRY_OK(each(p.files, [&](const auto& file) { return put_file(file); }));
  TAMIS_TRY_OK(each(p.documents, [&](const auto& document) { return add_document(document); }));
  TAMIS_TRY_OK(write_field_values());
  TAMIS_TRY_OK(each(p.removed_segments, [&](const auto segment) { return remove_segment(segment); }));
  TAMIS_TRY_OK(drop_unused_files());
  TAMIS_TRY_OK(each(p.removed_sources, [&](const auto source) { return remove_source(source); }));
  TAMIS_TRY_OK(put_vocabularies(p));
  TAMIS_TRY_OK(put_settings(p));
  return put_counters(p);
}

Status Publisher::load_known() {
  TAMIS_TRY(auto sources, impl_.use("SELECT id FROM sources"));
  TAMIS_TRY_OK(for_each_row(*sources, [&] {
    sources_.insert(sources->integer(0));
    return ok();
  }));
  TAMIS_TRY(auto segments, impl_.use("SELECT id FROM segments"));
  return for_each_row(*segments, [&] {
    segments_.insert(segments->integer(0));
    return ok();
  });
}

Status Publisher::known_segment(SegmentId segment, DocumentId of) const {
  if (segments_.contains(segment)) return ok();
  return refuse(fmt::format("document {}: segment {} is not there", of, segment));
}

Status Publisher::put_source(const SourceRow& source) {
  sources_.insert(source.id);
  TAMIS_TRY(auto put, impl_.use("INSERT INTO sources(id, kind, root, config) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(id) "
                                "DO UPDATE SET kind = ?2, root = ?3, config = ?4"));
  return put->bind(1, source.id).bind(2, source.kind).bind(3, source.root).bind(4, source.config).run();
}

Status Publisher::remove_source(SourceId source) {
  TAMIS_TRY(auto used, impl_.use("SELECT d.id FROM files AS f JOIN documents AS d ON d.file = f.id "
                                 "WHERE f.source = ?1 LIMIT 1"));
  TAMIS_TRY(const bool still, used->bind(1, source).step());
  if (still) return refuse(fmt::format("source {} still has document {}", source, used->integer(0)));
  TAMIS_TRY(auto files, impl_.use("DELETE FROM files WHERE source = ?1"));
  TAMIS_TRY_OK(files->bind(1, source).run());
  TAMIS_TRY(auto remove, impl_.use("DELETE FROM sources WHERE id = ?1"));
  TAMIS_TRY_OK(remove->bind(1, source).run());
  if (impl_.connection.changes() != 1) return refuse(fmt::format("source {} is not there", source));
  last_file_ = {};
  return ok();
}

Status Publisher::put_file(const FileRow& file) {
  if (!sources_.contains(file.source)) {
    return refuse(fmt::format("file '{}': source {} is not there", file.path, file.source));
  }
  TAMIS_TRY(const auto reader, label(file.reader));
  TAMIS_TRY(auto put,
            impl_.use("INSERT INTO files(source, path, listed, size_bytes, mtime_ns, inode, content_hash, reader, "
                      "skipped, num_documents) VALUES(?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT(source, path) "
                      "DO UPDATE SET listed = 1, size_bytes = ?3, mtime_ns = ?4, inode = ?5, content_hash = ?6, "
                      "reader = ?7, skipped = ?8, num_documents = ?9"));
  put->bind(1, file.source).bind(2, file.path).bind(3, to_sql(file.size_bytes)).bind(4, file.mtime_ns);
  put->bind(5, to_sql(file.inode)).bind(6, to_sql(file.content_hash)).bind(7, reader).bind(8, file.skipped);
  return put->bind(9, to_sql(file.num_documents)).run();
}

Status Publisher::remove_file(SourceId source, std::string_view path) {
  TAMIS_TRY(auto find, impl_.use("SELECT id FROM files WHERE source = ?1 AND path = ?2"));
  TAMIS_TRY(const bool found, find->bind(1, source).bind(2, path).step());
  if (!found) return ok();
  const auto id = find->integer(0);
  TAMIS_TRY(auto hide, impl_.use("UPDATE files SET listed = 0 WHERE id = ?1"));
  left_files_.insert(id);
  return hide->bind(1, id).run();
}

Status Publisher::drop_unused_files() {
  for (const auto id : left_files_) {
    TAMIS_TRY(auto drop, impl_.use("DELETE FROM files WHERE id = ?1 AND listed = 0 AND NOT EXISTS "
                                   "(SELECT 1 FROM documents WHERE file = ?1)"));
    TAMIS_TRY_OK(drop->bind(1, id).run());
  }
  return ok();
}

Result<std::int64_t> Publisher::file_of(SourceId source, std::string_view path) {
  if (last_file_.id >= 0 && last_file_.source == source && last_file_.path == path) return last_file_.id;
  TAMIS_TRY(auto find, impl_.use("SELECT id FROM files WHERE source = ?1 AND path = ?2"));
  TAMIS_TRY(bool found, find->bind(1, source).bind(2, path).step());
  if (!found) {
    if (!sources_.contains(source)) return refuse(fmt::format("file '{}': source {} is not there", path, source));
    TAMIS_TRY(const auto reader, label(""));
    TAMIS_TRY(auto insert, impl_.use("INSERT INTO files(source, path, listed, size_bytes, mtime_ns, inode, "
                                     "content_hash, reader, skipped, num_documents) "
                                     "VALUES(?1, ?2, 0, 0, 0, 0, 0, ?3, '', 0)"));
    TAMIS_TRY_OK(insert->bind(1, source).bind(2, path).bind(3, reader).run());
    find->reset();
    TAMIS_TRY(found, find->step());
    if (!found) return impl_.corrupt("a row just written is not there");
  }
  last_file_ = {source, std::string(path), find->integer(0)};
  return last_file_.id;
}

Status Publisher::add_segment(const SegmentRow& segment) {
  if (segment.id < 0 || segment.num_passages > kLargestNumber || segment.num_bytes > kLargestNumber) {
    return refuse(fmt::format("segment {}: a number is out of range", segment.id));
  }
  TAMIS_TRY(auto insert, impl_.use("INSERT INTO segments(id, num_passages, num_bytes) VALUES(?1, ?2, ?3)"));
  insert->bind(1, segment.id).bind(2, to_sql(segment.num_passages)).bind(3, to_sql(segment.num_bytes));
  TAMIS_TRY_OK(insert->run());
  std::int64_t position = 0;
  for (const auto& file : segment.files) {
    TAMIS_TRY(auto add, impl_.use("INSERT INTO segment_files(segment, position, file) VALUES(?1, ?2, ?3)"));
    TAMIS_TRY_OK(add->bind(1, segment.id).bind(2, position++).bind(3, file).run());
  }
  segments_.insert(segment.id);
  next_segment_ = std::max(next_segment_, segment.id + 1);
  return ok();
}

Status Publisher::add_segment_file(const Publication::AddedFile& file) {
  if (!segments_.contains(file.segment) || file.num_bytes > kLargestNumber) {
    return refuse(
        fmt::format("file {}: segment {} is not there, or a number is out of range", file.name, file.segment));
  }
  TAMIS_TRY(auto find, impl_.use("SELECT 1 FROM segment_files WHERE segment = ?1 AND file = ?2"));
  TAMIS_TRY(const bool there, find->bind(1, file.segment).bind(2, file.name).step());
  if (there) return refuse(fmt::format("file {}: segment {} has it already", file.name, file.segment));
  TAMIS_TRY(auto add, impl_.use("INSERT INTO segment_files(segment, position, file) VALUES(?1, (SELECT "
                                "coalesce(max(position) + 1, 0) FROM segment_files WHERE segment = ?1), ?2)"));
  TAMIS_TRY_OK(add->bind(1, file.segment).bind(2, file.name).run());
  TAMIS_TRY(auto grow, impl_.use("UPDATE segments SET num_bytes = num_bytes + ?2 WHERE id = ?1"));
  return grow->bind(1, file.segment).bind(2, to_sql(file.num_bytes)).run();
}

Status Publisher::drop_segment_file(const Publication::AddedFile& file) {
  TAMIS_TRY(auto drop, impl_.use("DELETE FROM segment_files WHERE segment = ?1 AND file = ?2"));
  TAMIS_TRY_OK(drop->bind(1, file.segment).bind(2, file.name).run());
  if (impl_.connection.changes() != 1) {
    return refuse(fmt::format("file {}: segment {} does not have it", file.name, file.segment));
  }
  TAMIS_TRY(auto shrink, impl_.use("UPDATE segments SET num_bytes = num_bytes - ?2 WHERE id = ?1 AND num_bytes >= ?2"));
  TAMIS_TRY_OK(shrink->bind(1, file.segment).bind(2, to_sql(file.num_bytes)).run());
  if (impl_.connection.changes() == 1) return ok();
  return refuse(fmt::format("file {}: segment {} has not {} bytes", file.name, file.segment, file.num_bytes));
}

Status Publisher::remove_segment(SegmentId segment) {
  TAMIS_TRY(auto used, impl_.use("SELECT id FROM documents WHERE segment = ?1 LIMIT 1"));
  TAMIS_TRY(const bool still, used->bind(1, segment).step());
  if (still) return refuse(fmt::format("segment {} still holds document {}", segment, used->integer(0)));
  TAMIS_TRY(auto remove, impl_.use("DELETE FROM segments WHERE id = ?1"));  // its files and tombstones go with it
  TAMIS_TRY_OK(remove->bind(1, segment).run());
  return impl_.connection.changes() == 1 ? ok() : refuse(fmt::format("segment {} is not there", segment));
}

Status Publisher::put_vocabularies(const Publication& publication) {
  if (publication.replace_vocabularies) {
    TAMIS_TRY(auto clear, impl_.use("DELETE FROM vocabularies"));
    TAMIS_TRY_OK(clear->run());
  }
  return each(publication.added_vocabularies, [&](const std::string& file) -> Status {
    TAMIS_TRY(auto add, impl_.use("INSERT INTO vocabularies(position, file) "
                                  "VALUES((SELECT coalesce(max(position) + 1, 0) FROM vocabularies), ?1)"));
    return add->bind(1, file).run();
  });
}

Status Publisher::put_settings(const Publication& publication) {
  return each(publication.settings, [&](const auto& setting) -> Status {
    TAMIS_TRY(auto put, impl_.use("INSERT INTO settings(key, value) VALUES(?1, ?2) ON CONFLICT(key) "
                                  "DO UPDATE SET value = ?2"));
    return put->bind(1, setting.first).bind(2, setting.second).run();
  });
}

Status Publisher::add_to_counter(std::string_view name, std::int64_t difference) {
  TAMIS_TRY(auto add, impl_.use("UPDATE counters SET value = value + ?2 WHERE name = ?1"));
  return add->bind(1, name).bind(2, difference).run();
}

Status Publisher::raise_counter(std::string_view name, std::int64_t to) {
  TAMIS_TRY(auto raise, impl_.use("UPDATE counters SET value = max(value, ?2) WHERE name = ?1"));
  return raise->bind(1, name).bind(2, to).run();
}

Status Publisher::put_counters(const Publication& publication) {
  if (publication.next_passage.value_or(0) > kLargestNumber || publication.next_document.value_or(0) > kLargestNumber) {
    return refuse("the next passage or document: out of range");
  }
  next_passage_ = std::max(next_passage_, to_sql(publication.next_passage.value_or(0)));
  next_document_ = std::max(next_document_, to_sql(publication.next_document.value_or(0)));
  TAMIS_TRY_OK(raise_counter("next_passage", next_passage_));
  TAMIS_TRY_OK(raise_counter("next_document", next_document_));
  TAMIS_TRY_OK(raise_counter("next_segment", next_segment_));
  TAMIS_TRY_OK(add_to_counter("num_documents", documents_));
  TAMIS_TRY_OK(add_to_counter("num_passages", passages_));
  TAMIS_TRY_OK(add_to_counter("num_words", words_));
  for (std::size_t language = 0; language < languages_.size(); ++language) {
    if (languages_[language] == 0) continue;
    TAMIS_TRY(auto add, impl_.use("INSERT INTO languages(language, passages) VALUES(?1, ?2) ON CONFLICT(language) "
                                  "DO UPDATE SET passages = passages + ?2"));
    TAMIS_TRY_OK(add->bind(1, static_cast<std::int64_t>(language)).bind(2, languages_[language]).run());
  }
  return add_to_counter("generation", 1);
}

Result<std::int64_t> Publisher::number_of(Numbers& known, const char* find, const char* insert, std::string_view name) {
  if (const auto seen = known.find(name); seen != known.end()) return seen->second;
  TAMIS_TRY(auto select, impl_.use(find));
  TAMIS_TRY(bool found, select->bind(1, name).step());
  if (!found) {
    TAMIS_TRY(auto add, impl_.use(insert));
    TAMIS_TRY_OK(add->bind(1, name).run());
    select->reset();
    TAMIS_TRY(found, select->step());
    if (!found) return impl_.corrupt("a row just written is not there");
  }
  return known.emplace(std::string(name), select->integer(0)).first->second;
}

Result<std::int64_t> Publisher::label(std::string_view text) {
  return number_of(labels_, "SELECT id FROM labels WHERE label = ?1", "INSERT INTO labels(label) VALUES(?1)", text);
}

Result<std::int64_t> Publisher::field(std::string_view name) {
  return number_of(fields_, "SELECT id FROM fields WHERE name = ?1", "INSERT INTO fields(name) VALUES(?1)", name);
}

Status Catalogue::publish(const Publication& publication) {
  if (!impl_->writable) return refuse(impl_->path.string() + ": opened for reading");
  if (impl_->pinned) return refuse(impl_->path.string() + ": pinned; unpin before publishing");
  TAMIS_TRY(auto transaction, sql::Transaction::begin(impl_->connection, true));
  TAMIS_TRY_OK(Publisher(*impl_).apply(publication));
  return transaction.commit();
}

}  // namespace tamis::store
