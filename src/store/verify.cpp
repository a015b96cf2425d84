// What SQLite's own check cannot know: that counts, passages, tombstones and segments agree with each other.
#include <fmt/format.h>
#include <tamis/store/catalogue.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "catalogue_impl.h"
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
  std::uint64_t documents = 0, passages = 0, words = 0;
  DocumentId next_document = 0;
  std::array<std::int64_t, 256> languages{};
  std::vector<Claim> claims;
};

Status check_references(const Catalogue::Impl& impl) {
  TAMIS_TRY(auto query, impl.use("PRAGMA foreign_key_check"));
  TAMIS_TRY(const bool broken, query->step());
  if (!broken) return ok();
  return impl.corrupt(fmt::format("row {} of table {} refers to a row of {} that is not there", query->integer(1),
                                  query->text(0), query->text(2)));
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

Status read_documents(const Catalogue::Impl& impl, Totals& totals) {
  TAMIS_TRY(auto query,
            impl.use("SELECT " TAMIS_DOCUMENT_COLUMNS ", d.passages FROM " TAMIS_DOCUMENT_TABLES " ORDER BY d.id"));
  return for_each_row(*query, [&]() -> Status {
    TAMIS_TRY(auto document, read_document(impl, *query));
    TAMIS_TRY_OK(read_metadata(impl, document));
    for (const auto& [name, value] : document.metadata) {
      if (name.empty()) return impl.corrupt(fmt::format("document {}: metadata without a name", document.id));
    }
    return add_passages(impl, document, query->blob(12), totals);
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

/// Equality on text goes through the stored hash: a wrong one would hide a document.
Status check_text_hashes(const Catalogue::Impl& impl) {
  TAMIS_TRY(auto query, impl.use("SELECT document, text, text_hash FROM metadata WHERE type = 0"));
  return for_each_row(*query, [&]() -> Status {
    if (folded_hash(query->text(1)) == query->integer(2)) return ok();
    return impl.corrupt(fmt::format("document {}: a metadata text's hash differs", query->integer(0)));
  });
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
  TAMIS_TRY_OK(check_counters(*impl_, generation, totals));
  return check_text_hashes(*impl_);
}

}  // namespace tamis::store
