// What SQLite's own check cannot know: that counts, passages, tombstones and segments agree with each other.
#include <fmt/format.h>
#include <tamis/store/catalogue.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "catalogue_impl.h"
#include "field_values.h"
#include "metadata_codec.h"
#include "passage_codec.h"

namespace tamis::store {
namespace {

/// A range of passages and who claims it.
struct Claim {
  PassageId first = 0;
  std::uint64_t count = 0;
  SegmentId segment = 0;
  bool alive = true;
};

struct Totals {
  std::uint64_t documents = 0, passages = 0, words = 0, field_values = 0;
  DocumentId next_document = 0;
  std::array<std::int64_t, 256> languages{};
  std::vector<Claim> claims;
};

/// Rows that refer to a row that is not there: they would fall out of joins unseen.
Status check_references(const Catalogue::Impl& impl) {
  constexpr const char* kDangling[] = {
      "SELECT 'file', id FROM files WHERE source NOT IN (SELECT id FROM sources) OR reader NOT IN (SELECT id FROM "
      "labels) "
      "LIMIT 1",
      "SELECT 'document', id FROM documents WHERE file NOT IN (SELECT id FROM files) OR "
      "encoding NOT IN (SELECT id FROM labels) OR segment NOT IN (SELECT id FROM segments) LIMIT 1",
      "SELECT 'a field value of document', document FROM field_values WHERE document NOT IN (SELECT id FROM documents) "
      "OR field NOT IN (SELECT id FROM fields) LIMIT 1",
      "SELECT 'tombstone at passage', first FROM tombstones WHERE segment NOT IN (SELECT id FROM segments) LIMIT 1",
      "SELECT 'file of segment', segment FROM segment_files WHERE segment NOT IN (SELECT id FROM segments) LIMIT 1"};
  for (const auto* sql : kDangling) {
    TAMIS_TRY(auto query, impl.use(sql));
    TAMIS_TRY(const bool broken, query->step());
    if (broken) {
      return impl.corrupt(fmt::format("{} {} refers to a row that is not there", query->text(0), query->integer(1)));
    }
  }
  return ok();
}

Status add_passages(const Catalogue::Impl& impl, const DocumentRow& document, std::span<const std::byte> packed,
                    Totals& totals) {
  const auto passages = unpack_passages(packed, document.first_passage, document.num_passages);
  if (!passages) return impl.corrupt(fmt::format("document {}: {}", document.id, passages.error().message));
  for (const auto& passage : *passages) {
    if (passage.begin > passage.end || passage.end > document.text_bytes) {
      return impl.corrupt(fmt::format("document {}: passage {} is bytes {} to {} of {}", document.id, passage.id,
                                      passage.begin, passage.end, document.text_bytes));
    }
    totals.words += passage.length;
    ++totals.languages[passage.language];
  }
  ++totals.documents;
  totals.passages += document.num_passages;
  totals.next_document = std::max(totals.next_document, document.id + 1);
  if (document.num_passages > 0) {
    totals.claims.push_back({document.first_passage, document.num_passages, document.segment, true});
  }
  return ok();
}

Status check_field_value(const Catalogue::Impl& impl, const FieldValue& value) {
  TAMIS_TRY(auto query, impl.use("SELECT 1 FROM field_values WHERE field = ?1 AND type = ?2 AND value = ?3 AND "
                                 "document = ?4"));
  TAMIS_TRY(const bool found, bind_key(*query, value.field, value.key).bind(4, to_sql(value.document)).step());
  return found ? ok() : impl.corrupt(fmt::format("document {}: a metadata value cannot be found by", value.document));
}

/// Every value of a document is in the table (checked with the document), so equal numbers mean that no other is.
Status check_field_values(const Catalogue::Impl& impl, const Totals& totals) {
  TAMIS_TRY(auto query, impl.use("SELECT count(*) FROM field_values"));
  TAMIS_TRY(const bool counted, query->step());
  if (counted && from_sql(query->integer(0)) == totals.field_values) return ok();
  return impl.corrupt(fmt::format("{} field values, the documents have {}", query->integer(0), totals.field_values));
}

Status read_documents(const Catalogue::Impl& impl, Totals& totals) {
  TAMIS_TRY(auto query, impl.use("SELECT " TAMIS_DOCUMENT_COLUMNS ", d.metadata, d.passages FROM " TAMIS_DOCUMENT_TABLES
                                 " ORDER BY d.id"));
  return for_each_row(*query, [&]() -> Status {
    TAMIS_TRY(auto document, read_document(impl, *query));
    TAMIS_TRY_OK(read_metadata(impl, query->blob(12)));
    const auto fields = unpack_metadata(query->blob(12));
    std::set<FieldValue> keys;
    for (const auto& [field, value] : *fields) {
      if (auto key = index_key(value)) keys.insert({field, document.id, std::move(*key)});
    }
    for (const auto& key : keys) TAMIS_TRY_OK(check_field_value(impl, key));
    totals.field_values += keys.size();
    return add_passages(impl, document, query->blob(13), totals);
  });
}

/// Live and deleted passages together cover each segment once.
Status check_claims(const Catalogue::Impl& impl, const Generation& generation, Totals& totals, PassageId next) {
  for (const auto& t : generation.tombstones) totals.claims.push_back({t.first, t.count, t.segment, false});
  std::map<SegmentId, std::pair<std::uint64_t, std::uint64_t>> counts;  // live, deleted
  for (const auto& claim : totals.claims) {
    auto& [live, deleted] = counts[claim.segment];
    (claim.alive ? live : deleted) += claim.count;
  }
  for (const auto& segment : generation.segments) {
    const auto [live, deleted] = counts[segment.id];
    if (live + deleted == segment.num_passages) continue;
    return impl.corrupt(fmt::format("segment {}: {} live and {} deleted passages, its row says {}", segment.id, live,
                                    deleted, segment.num_passages));
  }
  // And no passage is in two places, within a segment or across them.
  std::sort(totals.claims.begin(), totals.claims.end(),
            [](const Claim& a, const Claim& b) { return std::tie(a.first, a.segment) < std::tie(b.first, b.segment); });
  for (std::size_t i = 0; i < totals.claims.size(); ++i) {
    const auto& claim = totals.claims[i];
    if (claim.first + claim.count > next) {
      return impl.corrupt(
          fmt::format("passage {} is not below the next passage's number {}", claim.first + claim.count - 1, next));
    }
    if (i > 0 && totals.claims[i - 1].first + totals.claims[i - 1].count > claim.first) {
      return impl.corrupt(fmt::format("passage {} has two places", claim.first));
    }
  }
  return ok();
}

Status check_counters(const Catalogue::Impl& impl, const Generation& generation, const Totals& totals) {
  const std::tuple<std::string_view, std::uint64_t, std::uint64_t> pairs[] = {
      {"documents", generation.num_documents, totals.documents},
      {"passages", generation.num_passages, totals.passages},
      {"words", generation.num_words, totals.words}};
  for (const auto& [what, stored, found] : pairs) {
    if (stored != found) return impl.corrupt(fmt::format("{} {} counted, {} found", stored, what, found));
  }
  TAMIS_TRY(const auto next, impl.counter("next_document"));
  if (from_sql(next) < totals.next_document) {
    return impl.corrupt(
        fmt::format("document {} is not below the next document's number {}", totals.next_document - 1, next));
  }
  auto languages = totals.languages;
  TAMIS_TRY(auto query, impl.use("SELECT language, passages FROM languages"));
  TAMIS_TRY_OK(for_each_row(*query, [&]() -> Status {
    if (query->integer(0) < 0 || query->integer(0) > 255) return impl.corrupt("a language's number");
    languages[static_cast<std::size_t>(query->integer(0))] -= query->integer(1);
    return ok();
  }));
  const bool equal = std::all_of(languages.begin(), languages.end(), [](auto difference) { return difference == 0; });
  return equal ? ok() : impl.corrupt("the passages of a language are miscounted");
}

}  // namespace

Status Catalogue::verify() const {
  TAMIS_TRY_OK(impl_->connection.check_integrity());
  TAMIS_TRY(const auto view, View::begin(*impl_));
  TAMIS_TRY_OK(check_references(*impl_));
  TAMIS_TRY(const auto generation, read_generation(*impl_));
  Totals totals;
  TAMIS_TRY_OK(read_documents(*impl_, totals));
  TAMIS_TRY(const auto next, impl_->counter("next_passage"));
  TAMIS_TRY_OK(check_claims(*impl_, generation, totals, from_sql(next)));
  TAMIS_TRY_OK(check_field_values(*impl_, totals));
  return check_counters(*impl_, generation, totals);
}

}  // namespace tamis::store
