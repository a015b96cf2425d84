#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "field_values.h"
#include "metadata_codec.h"
#include "passage_codec.h"
#include "publisher.h"

namespace tamis::store {
namespace {

/// What a reader may rely on; kInvalidArgument names the document.
Status check(const DocumentRow& row, std::span<const PassageRow> passages) {
  const auto wrong = [&](std::string_view why) { return refuse(fmt::format("document {}: {}", row.id, why)); };
  if (row.id > kLargestNumber - 1 || row.text_offset > kLargestNumber || row.text_bytes > kLargestNumber ||
      row.first_passage > kLargestNumber - row.num_passages) {
    return wrong("a number is out of range");
  }
  if (passages.size() != row.num_passages) {
    return wrong(fmt::format("{} passages, its row says {}", passages.size(), row.num_passages));
  }
  for (std::size_t i = 0; i < passages.size(); ++i) {
    const auto& passage = passages[i];
    if (passage.id != row.first_passage + i) return wrong(fmt::format("passage {} is out of turn", passage.id));
    if (passage.begin > passage.end || passage.end > row.text_bytes) {
      return wrong(
          fmt::format("passage {} is bytes {} to {} of {}", passage.id, passage.begin, passage.end, row.text_bytes));
    }
    if (passage.heading.size() > kMaxHeadingBytes) {
      return wrong(fmt::format("passage {}: a heading of {} bytes (at most {})", passage.id, passage.heading.size(),
                               kMaxHeadingBytes));
    }
  }
  return ok();
}

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

void Publisher::count(const PassageRow& passage, std::int64_t sign) {
  passages_ += sign;
  words_ += sign * std::int64_t{passage.length};
  languages_[passage.language] += sign;
}

Status Publisher::add_document(const Publication::NewDocument& document) {
  const auto& row = document.row;
  TAMIS_TRY_OK(check(row, document.passages));
  TAMIS_TRY_OK(known_segment(row.segment, row.id));
  TAMIS_TRY(const auto file, file_of(row.source, row.path));
  TAMIS_TRY(const auto encoding, label(row.encoding));
  TAMIS_TRY_OK(pack_metadata(row));
  packed_.clear();
  pack_passages(document.passages, packed_);
  TAMIS_TRY(auto insert, impl_.use("INSERT INTO documents(id, file, item, title, origin_kind, encoding, segment, "
                                   "text_offset, text_bytes, first_passage, num_passages, metadata, passages) "
                                   "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"));
  insert->bind(1, to_sql(row.id)).bind(2, file).bind(3, row.item).bind(4, row.title);
  insert->bind(5, std::int64_t{row.origin_kind == docs::OriginKind::kPage}).bind(6, encoding).bind(7, row.segment);
  insert->bind(8, to_sql(row.text_offset)).bind(9, to_sql(row.text_bytes)).bind(10, to_sql(row.first_passage));
  insert->bind(11, std::int64_t{row.num_passages}).bind_blob(12, bytes_of(packed_metadata_));
  TAMIS_TRY_OK(insert->bind_blob(13, bytes_of(packed_)).run());
  ++documents_;
  for (const auto& passage : document.passages) count(passage, 1);
  next_document_ = std::max(next_document_, to_sql(row.id + 1));
  next_passage_ = std::max(next_passage_, to_sql(row.first_passage + row.num_passages));
  return ok();
}

Status Publisher::pack_metadata(const DocumentRow& row) {
  packed_metadata_.clear();
  for (const auto& [name, value] : row.metadata) {
    TAMIS_TRY(const auto number, field(name));
    pack_field(number, value, packed_metadata_);
    if (auto key = index_key(value)) field_values_.push_back({number, row.id, std::move(*key)});
  }
  return ok();
}

Status Publisher::write_field_values() {
  // In the order of the table, which makes a bulk publication several times cheaper than in the order of documents.
  std::sort(field_values_.begin(), field_values_.end());
  TAMIS_TRY(auto insert, impl_.use("INSERT OR IGNORE INTO field_values(field, type, value, document) "
                                   "VALUES(?1, ?2, ?3, ?4)"));
  for (const auto& [number, document, key] : field_values_) {
    bind_key(*insert, number, key).bind(4, to_sql(document));
    TAMIS_TRY_OK(insert->run());
  }
  return ok();
}

Status Publisher::remove_field_values(DocumentId document, std::span<const std::byte> packed) {
  const auto fields = unpack_metadata(packed);
  if (!fields) return impl_.corrupt(fields.error().message);
  for (const auto& [number, value] : *fields) {
    const auto key = index_key(value);
    if (!key) continue;
    TAMIS_TRY(auto remove, impl_.use("DELETE FROM field_values WHERE field = ?1 AND type = ?2 AND value = ?3 AND "
                                     "document = ?4"));
    TAMIS_TRY_OK(bind_key(*remove, number, *key).bind(4, to_sql(document)).run());
  }
  return ok();
}

Status Publisher::move_document(const Publication::Moved& moved) {
  if (moved.text_offset > kLargestNumber) return refuse(fmt::format("document {}: a text offset too large", moved.id));
  TAMIS_TRY_OK(known_segment(moved.segment, moved.id));
  TAMIS_TRY(auto update, impl_.use("UPDATE documents SET segment = ?2, text_offset = ?3 WHERE id = ?1"));
  TAMIS_TRY_OK(update->bind(1, to_sql(moved.id)).bind(2, moved.segment).bind(3, to_sql(moved.text_offset)).run());
  return impl_.connection.changes() == 1 ? ok() : refuse(fmt::format("document {} is not there to move", moved.id));
}

Status Publisher::remove_document(DocumentId id) {
  {
    TAMIS_TRY(auto find,
              impl_.use("SELECT segment, first_passage, num_passages, file, passages, metadata FROM documents "
                        "WHERE id = ?1"));
    TAMIS_TRY(const bool found, find->bind(1, to_sql(id)).step());
    if (!found) return refuse(fmt::format("document {} is not there to remove", id));
    const Tombstone range{find->integer(0), from_sql(find->integer(1)), static_cast<std::uint32_t>(find->integer(2))};
    PassageUnpacker unpacker(find->blob(4), range.first);
    PassageRow passage;
    for (std::uint32_t i = 0; i < range.count; ++i) {
      if (auto status = unpacker.next(passage); !status) return impl_.corrupt(status.error().message);
      count(passage, -1);
    }
    --documents_;
    left_files_.insert(find->integer(3));
    if (range.count > 0) tombstones_.push_back(range);
    TAMIS_TRY_OK(remove_field_values(id, find->blob(5)));
  }
  TAMIS_TRY(auto remove, impl_.use("DELETE FROM documents WHERE id = ?1"));
  return remove->bind(1, to_sql(id)).run();
}

Status Publisher::write_tombstones() {
  std::sort(tombstones_.begin(), tombstones_.end(), [](const Tombstone& a, const Tombstone& b) {
    return a.segment != b.segment ? a.segment < b.segment : a.first < b.first;
  });
  std::size_t at = 0;
  while (at < tombstones_.size()) {
    Tombstone joined = tombstones_[at++];
    while (at < tombstones_.size() && tombstones_[at].segment == joined.segment &&
           tombstones_[at].first == joined.first + joined.count &&
           tombstones_[at].count <= std::numeric_limits<std::uint32_t>::max() - joined.count) {
      joined.count += tombstones_[at++].count;
    }
    TAMIS_TRY_OK(write_tombstone(joined));
  }
  tombstones_.clear();
  return ok();
}

/// Joins the range with those of earlier generations that it touches.
Status Publisher::write_tombstone(Tombstone range) {
  constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
  TAMIS_TRY(auto before, impl_.use("SELECT first, count FROM tombstones WHERE segment = ?1 AND first < ?2 "
                                   "ORDER BY first DESC LIMIT 1"));
  TAMIS_TRY(const bool has_before, before->bind(1, range.segment).bind(2, to_sql(range.first)).step());
  if (has_before && before->integer(0) + before->integer(1) == to_sql(range.first) &&
      before->integer(1) <= kMost - range.count) {
    range.first = from_sql(before->integer(0));
    range.count += static_cast<std::uint32_t>(before->integer(1));
  }
  TAMIS_TRY(auto after, impl_.use("SELECT count FROM tombstones WHERE segment = ?1 AND first = ?2"));
  const auto end = to_sql(range.first + range.count);
  TAMIS_TRY(const bool has_after, after->bind(1, range.segment).bind(2, end).step());
  if (has_after && after->integer(0) <= kMost - range.count) {
    range.count += static_cast<std::uint32_t>(after->integer(0));
    after->reset();
    TAMIS_TRY(auto drop, impl_.use("DELETE FROM tombstones WHERE segment = ?1 AND first = ?2"));
    TAMIS_TRY_OK(drop->bind(1, range.segment).bind(2, end).run());
  }
  TAMIS_TRY(auto put, impl_.use("INSERT INTO tombstones(segment, first, count) VALUES(?1, ?2, ?3) "
                                "ON CONFLICT(segment, first) DO UPDATE SET count = ?3"));
  return put->bind(1, range.segment).bind(2, to_sql(range.first)).bind(3, std::int64_t{range.count}).run();
}

}  // namespace tamis::store
