#pragma once

#include <gtest/gtest.h>
#include <tamis/store/catalogue.h>

#include <string>
#include <tuple>

#include "world.h"

namespace tamis::store::test {

inline auto tie_of(const PassageRow& p) {
  return std::tie(p.id, p.begin, p.end, p.origin, p.language, p.length, p.heading);
}
inline auto tie_of(const FileRow& f) {
  return std::tie(f.source, f.path, f.size_bytes, f.mtime_ns, f.inode, f.content_hash, f.reader, f.skipped,
                  f.num_documents);
}
inline auto tie_of(const SourceRow& s) { return std::tie(s.id, s.kind, s.root, s.config); }
inline auto tie_of(const SegmentRow& s) { return std::tie(s.id, s.files, s.num_passages, s.num_bytes); }
inline auto tie_of(const Tombstone& t) { return std::tie(t.segment, t.first, t.count); }
inline auto tie_of(const docs::MetaField& m) { return std::tie(m.name, m.value); }
inline auto tie_of(const DocumentRow& d) {
  return std::tie(d.id, d.source, d.path, d.item, d.title, d.origin_kind, d.encoding, d.segment, d.text_offset,
                  d.text_bytes, d.first_passage, d.num_passages);
}

template <class Row>
bool same(const Row& a, const Row& b) {
  return tie_of(a) == tie_of(b);
}
template <class Row>
bool same(const std::vector<Row>& a, const std::vector<Row>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Row& x, const Row& y) { return same(x, y); });
}
inline bool same(const Generation& a, const Generation& b) {
  return a.number == b.number && same(a.segments, b.segments) && a.vocabularies == b.vocabularies &&
         same(a.tombstones, b.tombstones) && a.settings == b.settings && a.languages == b.languages &&
         a.num_documents == b.num_documents && a.num_passages == b.num_passages && a.num_words == b.num_words;
}

/// "" or the first thing in which a catalogue differs from its model.
inline std::string difference(const Catalogue& catalogue, const Model& model) {
  if (!same(catalogue.generation().value(), model.expected())) return "generation";
  if (catalogue.next_passage().value() != model.next_passage) return "next passage";
  if (catalogue.next_document().value() != model.next_document) return "next document";
  if (catalogue.next_segment().value() != model.next_segment) return "next segment";
  std::vector<SourceRow> sources;
  for (const auto& [id, source] : model.sources) {
    sources.push_back(source);
    std::vector<FileRow> files;
    for (const auto& [key, file] : model.files) {
      if (key.first == id) files.push_back(file);
    }
    if (!same(catalogue.files(id).value(), files)) return "files of source " + std::to_string(id);
  }
  if (!same(catalogue.sources().value(), sources)) return "sources";
  std::map<SegmentId, std::vector<DocumentRow>> by_segment;
  std::map<std::pair<SourceId, std::string>, std::vector<std::pair<DocumentId, std::string>>> by_file;
  for (const auto& [id, document] : model.documents) {
    const auto row = catalogue.document(id).value();
    if (!same(row, document.row) || !same(row.metadata, document.row.metadata)) return "document " + std::to_string(id);
    if (!same(catalogue.passages(id).value(), document.passages)) return "passages of " + std::to_string(id);
    by_segment[row.segment].push_back(row);
    by_file[{row.source, row.path}].emplace_back(id, row.item);
    for (const auto& passage : document.passages) {
      if (!same(catalogue.passage(passage.id).value(), passage)) return "passage " + std::to_string(passage.id);
      const auto found = catalogue.document_of_passage(passage.id).value();
      if (!same(found, row) || !same(found.metadata, row.metadata)) return "document of " + std::to_string(passage.id);
    }
  }
  for (auto& [segment, rows] : by_segment) {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.first_passage < b.first_passage; });
    std::vector<DocumentRow> seen;
    const auto visited = catalogue.for_each_document(segment, [&](const DocumentRow& row) {
      seen.push_back(row);
      return ok();
    });
    if (!visited || !same(seen, rows)) return "documents of segment " + std::to_string(segment);
  }
  for (const auto& [file, documents] : by_file) {
    if (catalogue.documents_of(file.first, file.second).value() != documents) return "documents of " + file.second;
  }
  for (PassageId id = 0; id < model.next_passage + 2; ++id) {
    const bool there = std::any_of(model.documents.begin(), model.documents.end(), [&](const auto& entry) {
      const auto& row = entry.second.row;
      return row.first_passage <= id && id < row.first_passage + row.num_passages;
    });
    if (catalogue.passage(id).has_value() != there) return "passage " + std::to_string(id);
    if (catalogue.document_of_passage(id).has_value() != there) return "document of " + std::to_string(id);
  }
  return "";
}

}  // namespace tamis::store::test
