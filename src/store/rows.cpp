// Reading sources, files, documents and passages.
#include <fmt/format.h>
#include <tamis/base/section_file.h>
#include <tamis/store/catalogue.h>
#include <tamis/text/unicode.h>

#include "catalogue_impl.h"
#include "metadata_codec.h"
#include "passage_codec.h"

namespace tamis::store {
namespace {

constexpr std::int64_t kLargest32 = std::numeric_limits<std::uint32_t>::max();

Error no_document(const Catalogue::Impl& impl, std::string_view what, std::uint64_t id) {
  return Error{Code::kNotFound, fmt::format("{}: no document {} {}", impl.path.string(), what, id)};
}

/// The one document that a bound query finds, with its metadata.
Result<DocumentRow> one_document(const Catalogue::Impl& impl, const Query& query, std::string_view what,
                                 std::uint64_t id) {
  TAMIS_TRY(const bool found, query->step());
  if (!found) return no_document(impl, what, id);
  TAMIS_TRY(auto row, read_document(impl, *query));
  TAMIS_TRY(row.metadata, read_metadata(impl, query->blob(12)));
  return row;
}

/// Column 0 first passage, 1 their number, 2 packed.
struct Packed {
  PassageId first = 0;
  std::uint32_t count = 0;
  std::span<const std::byte> bytes;
};
Result<Packed> read_packed(const Catalogue::Impl& impl, const sql::Statement& row) {
  const auto first = row.integer(0);
  const auto count = row.integer(1);
  if (first < 0 || count < 0 || count > kLargest32 || first > std::numeric_limits<std::int64_t>::max() - count) {
    return impl.corrupt("a document's passage numbers are out of range");
  }
  return Packed{from_sql(first), static_cast<std::uint32_t>(count), row.blob(2)};
}

Result<std::string> field_name(const Catalogue::Impl& impl, std::int64_t field) {
  if (const auto known = impl.field_names.find(field); known != impl.field_names.end()) return known->second;
  TAMIS_TRY(auto query, impl.use("SELECT name FROM fields WHERE id = ?1"));
  TAMIS_TRY(const bool found, query->bind(1, field).step());
  if (!found) return impl.corrupt(fmt::format("metadata field {} has no name", field));
  return impl.field_names.emplace(field, query->text(0)).first->second;
}

}  // namespace

Result<DocumentRow> read_document(const Catalogue::Impl& impl, const sql::Statement& row) {
  const auto origin = row.integer(5);
  const auto count = row.integer(11);
  const auto first = row.integer(10);
  const bool sound = (origin == 0 || origin == 1) && count >= 0 && count <= kLargest32 && first >= 0 &&
                     first <= std::numeric_limits<std::int64_t>::max() - count && row.integer(8) >= 0 &&
                     row.integer(9) >= 0;
  if (!sound) return impl.corrupt(fmt::format("document {}: a number is out of range", row.integer(0)));
  DocumentRow out;
  out.id = from_sql(row.integer(0));
  out.source = row.integer(1);
  out.path = row.text(2);
  out.item = row.text(3);
  out.title = row.text(4);
  out.origin_kind = origin == 0 ? docs::OriginKind::kLine : docs::OriginKind::kPage;
  out.encoding = row.text(6);
  out.segment = row.integer(7);
  out.text_offset = from_sql(row.integer(8));
  out.text_bytes = from_sql(row.integer(9));
  out.first_passage = from_sql(first);
  out.num_passages = static_cast<std::uint32_t>(count);
  return out;
}

Result<std::vector<docs::MetaField>> read_metadata(const Catalogue::Impl& impl, std::span<const std::byte> packed) {
  auto fields = unpack_metadata(packed);
  if (!fields) return impl.corrupt(fields.error().message);
  std::vector<docs::MetaField> out;
  for (auto& [number, value] : *fields) {
    TAMIS_TRY(auto name, field_name(impl, number));
    out.push_back({std::move(name), std::move(value)});
  }
  return out;
}

Result<std::vector<SourceRow>> Catalogue::sources() const {
  TAMIS_TRY(auto query, impl_->use("SELECT id, kind, root, config FROM sources ORDER BY id"));
  std::vector<SourceRow> out;
  TAMIS_TRY_OK(for_each_row(*query, [&] {
    out.push_back(
        {query->integer(0), std::string(query->text(1)), std::string(query->text(2)), std::string(query->text(3))});
    return ok();
  }));
  return out;
}

Result<std::vector<FileRow>> Catalogue::files(SourceId source) const {
  TAMIS_TRY(auto query, impl_->use("SELECT path, size_bytes, mtime_ns, inode, content_hash, label, skipped, "
                                   "num_documents FROM files JOIN labels ON labels.id = reader "
                                   "WHERE source = ?1 AND listed = 1 ORDER BY path"));
  query->bind(1, source);
  std::vector<FileRow> out;
  TAMIS_TRY_OK(for_each_row(*query, [&] {
    auto& file = out.emplace_back();
    file.source = source;
    file.path = query->text(0);
    file.size_bytes = from_sql(query->integer(1));
    file.mtime_ns = query->integer(2);
    file.inode = from_sql(query->integer(3));
    file.content_hash = from_sql(query->integer(4));
    file.reader = query->text(5);
    file.skipped = query->text(6);
    file.num_documents = from_sql(query->integer(7));
    return ok();
  }));
  return out;
}

Result<std::vector<std::string>> Catalogue::metadata_names() const {
  // A name stays when its last document goes; the index tells which are in use.
  TAMIS_TRY(auto query, impl_->use("SELECT name FROM fields AS f WHERE EXISTS "
                                   "(SELECT 1 FROM field_values WHERE field = f.id) ORDER BY name"));
  std::vector<std::string> out;
  TAMIS_TRY_OK(for_each_row(*query, [&] {
    out.emplace_back(query->text(0));
    return ok();
  }));
  return out;
}

Result<std::vector<std::pair<DocumentId, std::string>>> Catalogue::documents_of(SourceId source,
                                                                                std::string_view path) const {
  TAMIS_TRY(auto query, impl_->use("SELECT d.id, d.item FROM files AS f JOIN documents AS d ON d.file = f.id "
                                   "WHERE f.source = ?1 AND f.path = ?2 ORDER BY d.id"));
  query->bind(1, source).bind(2, path);
  std::vector<std::pair<DocumentId, std::string>> out;
  TAMIS_TRY_OK(for_each_row(*query, [&] {
    out.emplace_back(from_sql(query->integer(0)), query->text(1));
    return ok();
  }));
  return out;
}

Result<DocumentRow> Catalogue::document(DocumentId id) const {
  TAMIS_TRY(auto query,
            impl_->use("SELECT " TAMIS_DOCUMENT_COLUMNS ", d.metadata FROM " TAMIS_DOCUMENT_TABLES " WHERE d.id = ?1"));
  query->bind(1, to_sql(id));
  return one_document(*impl_, query, "with id", id);
}

Result<DocumentRow> Catalogue::document_of_passage(PassageId id) const {
  TAMIS_TRY(auto query, impl_->use("SELECT " TAMIS_DOCUMENT_COLUMNS ", d.metadata FROM " TAMIS_DOCUMENT_TABLES
                                   " WHERE d.id = (SELECT id FROM documents WHERE num_passages > 0 AND "
                                   "first_passage <= ?1 ORDER BY first_passage DESC LIMIT 1) "
                                   "AND d.first_passage + d.num_passages > ?1"));
  query->bind(1, to_sql(std::min(id, kLargestNumber)));
  return one_document(*impl_, query, "with passage", id);
}

Result<PassageRow> Catalogue::passage(PassageId id) const {
  TAMIS_TRY(auto query, impl_->use("SELECT first_passage, num_passages, passages FROM documents WHERE "
                                   "num_passages > 0 AND first_passage <= ?1 ORDER BY first_passage DESC LIMIT 1"));
  query->bind(1, to_sql(std::min(id, kLargestNumber)));
  TAMIS_TRY(const bool found, query->step());
  if (!found) return no_document(*impl_, "with passage", id);
  TAMIS_TRY(const auto packed, read_packed(*impl_, *query));
  if (id - packed.first >= packed.count) return no_document(*impl_, "with passage", id);
  PassageUnpacker unpacker(packed.bytes, packed.first);
  PassageRow row;
  for (auto at = packed.first; at <= id; ++at) {
    if (auto status = unpacker.next(row); !status) return impl_->corrupt(status.error().message);
  }
  return row;
}

Result<std::vector<PassageRow>> Catalogue::passages(DocumentId id) const {
  TAMIS_TRY(auto query, impl_->use("SELECT first_passage, num_passages, passages FROM documents WHERE id = ?1"));
  query->bind(1, to_sql(id));
  TAMIS_TRY(const bool found, query->step());
  if (!found) return no_document(*impl_, "with id", id);
  TAMIS_TRY(const auto packed, read_packed(*impl_, *query));
  auto rows = unpack_passages(packed.bytes, packed.first, packed.count);
  if (!rows) return impl_->corrupt(rows.error().message);
  return rows;
}

Status Catalogue::for_each_document(SegmentId segment, const std::function<Status(const DocumentRow&)>& visit) const {
  // Prepared anew: `visit` may come here again.
  TAMIS_TRY(auto query, impl_->connection.prepare("SELECT " TAMIS_DOCUMENT_COLUMNS " FROM " TAMIS_DOCUMENT_TABLES
                                                  " WHERE d.segment = ?1 ORDER BY d.first_passage, d.id"));
  query.bind(1, segment);
  return for_each_row(query, [&]() -> Status {
    TAMIS_TRY(const auto row, read_document(*impl_, query));
    return visit(row);
  });
}

}  // namespace tamis::store
