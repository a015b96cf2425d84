#pragma once

#include <tamis/store/catalogue.h>

#include <string>

namespace tamis::store::test {

/// Everything that a catalogue answers, as one text; its first error otherwise. Bounded, whatever the counters say.
inline Result<std::string> all_answers(const Catalogue& catalogue) {
  using Op = Catalogue::Condition::Op;
  std::string out;
  const auto add = [&](const auto&... parts) { ((out += parts, out += ' '), ...); };
  TAMIS_TRY(const auto generation, catalogue.generation());
  add(std::to_string(generation.number), std::to_string(generation.num_documents),
      std::to_string(generation.num_passages), std::to_string(generation.num_words));
  for (const auto& [key, value] : generation.settings) add(key, value);
  for (const auto& file : generation.vocabularies) add(file);
  for (const auto language : generation.languages) add(std::to_string(language));
  for (const auto& t : generation.tombstones) {
    add(std::to_string(t.segment), std::to_string(t.first), std::to_string(t.count));
  }
  const auto add_document = [&](const DocumentRow& row) {
    add(std::to_string(row.id), row.path, row.item, row.title, row.encoding, std::to_string(row.segment),
        std::to_string(row.text_offset), std::to_string(row.text_bytes), std::to_string(row.first_passage),
        std::to_string(row.num_passages));
    for (const auto& [name, value] : row.metadata) {
      add(name, std::to_string(value.index()));
      if (const auto* text = std::get_if<std::string>(&value)) add(*text);
      if (const auto* number = std::get_if<double>(&value)) add(std::to_string(*number));
      if (const auto* date = std::get_if<docs::Date>(&value)) add(std::to_string(date->seconds));
    }
  };
  for (const auto& segment : generation.segments) {
    add(std::to_string(segment.id), std::to_string(segment.num_passages), std::to_string(segment.num_bytes));
    for (const auto& file : segment.files) add(file);
    std::vector<DocumentRow> rows;
    TAMIS_TRY_OK(catalogue.for_each_document(segment.id, [&](const DocumentRow& row) {
      rows.push_back(row);
      return ok();
    }));
    for (const auto& listed : rows) {
      TAMIS_TRY(const auto row, catalogue.document(listed.id));
      add_document(row);
      TAMIS_TRY(const auto passages, catalogue.passages(row.id));
      for (const auto& p : passages) {
        add(std::to_string(p.begin), std::to_string(p.end), std::to_string(p.origin), std::to_string(p.language),
            std::to_string(p.length), p.heading);
      }
      if (row.num_passages == 0) continue;
      TAMIS_TRY(const auto again, catalogue.document_of_passage(row.first_passage + row.num_passages - 1));
      TAMIS_TRY(const auto last, catalogue.passage(row.first_passage + row.num_passages - 1));
      add(std::to_string(again.id), std::to_string(last.begin));
    }
  }
  TAMIS_TRY(const auto sources, catalogue.sources());
  for (const auto& source : sources) {
    add(source.kind, source.root, source.config);
    TAMIS_TRY(const auto files, catalogue.files(source.id));
    for (const auto& file : files) {
      add(file.path, std::to_string(file.size_bytes), std::to_string(file.mtime_ns), std::to_string(file.inode),
          std::to_string(file.content_hash), file.reader, file.skipped, std::to_string(file.num_documents));
      TAMIS_TRY(const auto documents, catalogue.documents_of(source.id, file.path));
      for (const auto& [id, item] : documents) add(std::to_string(id), item);
    }
  }
  TAMIS_TRY(auto names, catalogue.metadata_names());
  names.insert(names.end(), {"path", "title", "id"});
  for (const auto& name : names) {
    add(name);
    for (const auto op : {Op::kGlob, Op::kGreaterEqual, Op::kLess}) {
      const char* wanted = op == Op::kGlob ? "*" : name == "m1" ? "6" : "docs";
      TAMIS_TRY(const auto ranges, catalogue.matching({name, op, std::string(wanted)}));
      for (const auto& [first, count] : ranges) add(std::to_string(first), std::to_string(count));
    }
  }
  return out;
}

}  // namespace tamis::store::test
