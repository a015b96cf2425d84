#pragma once

#include <tamis/store/catalogue.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace tamis::store::test {

/// What a catalogue must hold, kept in plain maps; publish() keeps them by the rules of the header, step by step.
struct Model {
  struct Document {
    DocumentRow row;
    std::vector<PassageRow> passages;
  };
  std::map<SourceId, SourceRow> sources;
  std::map<std::pair<SourceId, std::string>, FileRow> files;
  std::map<DocumentId, Document> documents;
  std::map<SegmentId, SegmentRow> segments;
  std::map<PassageId, SegmentId> dead;  ///< one entry a deleted passage
  std::map<std::string, std::string> settings;
  std::vector<std::string> vocabularies;
  std::uint64_t generation = 0;
  PassageId next_passage = 0;
  DocumentId next_document = 1;
  SegmentId next_segment = 1;

  void publish(const Publication& p);
  [[nodiscard]] Generation expected() const;
};

inline void Model::publish(const Publication& p) {
  for (const auto& source : p.sources) sources[source.id] = source;
  for (const auto& segment : p.added_segments) {
    segments[segment.id] = segment;
    next_segment = std::max(next_segment, segment.id + 1);
  }
  for (const auto& file : p.added_files) {
    segments.at(file.segment).files.push_back(file.name);
    segments.at(file.segment).num_bytes += file.num_bytes;
  }
  for (const auto& moved : p.moved) {
    documents.at(moved.id).row.segment = moved.segment;
    documents.at(moved.id).row.text_offset = moved.text_offset;
  }
  for (const auto id : p.removed_documents) {
    const auto& row = documents.at(id).row;
    for (PassageId i = 0; i < row.num_passages; ++i) dead[row.first_passage + i] = row.segment;
    documents.erase(id);
  }
  for (const auto& key : p.removed_files) files.erase(key);
  for (const auto& file : p.files) files[{file.source, file.path}] = file;
  for (const auto& [row, passages] : p.documents) {
    documents[row.id] = {row, passages};
    next_document = std::max(next_document, row.id + 1);
    next_passage = std::max(next_passage, row.first_passage + row.num_passages);
  }
  for (const auto segment : p.removed_segments) {
    segments.erase(segment);
    std::erase_if(dead, [&](const auto& entry) { return entry.second == segment; });
  }
  for (const auto source : p.removed_sources) {
    sources.erase(source);
    std::erase_if(files, [&](const auto& entry) { return entry.first.first == source; });
  }
  if (p.replace_vocabularies) vocabularies.clear();
  vocabularies.insert(vocabularies.end(), p.added_vocabularies.begin(), p.added_vocabularies.end());
  for (const auto& [key, value] : p.settings) settings[key] = value;
  next_passage = std::max(next_passage, p.next_passage.value_or(0));
  next_document = std::max(next_document, p.next_document.value_or(0));
  ++generation;
}

inline Generation Model::expected() const {
  Generation out;
  out.number = generation;
  for (const auto& [id, segment] : segments) out.segments.push_back(segment);
  out.vocabularies = vocabularies;
  std::map<std::pair<SegmentId, PassageId>, int> by_segment;
  for (const auto& [passage, segment] : dead) by_segment[{segment, passage}] = 1;
  for (const auto& [key, one] : by_segment) {
    auto* last = out.tombstones.empty() ? nullptr : &out.tombstones.back();
    if (last != nullptr && last->segment == key.first && last->first + last->count == key.second) {
      ++last->count;
    } else {
      out.tombstones.push_back({key.first, key.second, 1});
    }
  }
  out.settings.assign(settings.begin(), settings.end());
  std::map<std::uint8_t, std::uint64_t> languages;
  for (const auto& [id, document] : documents) {
    ++out.num_documents;
    out.num_passages += document.passages.size();
    for (const auto& passage : document.passages) {
      out.num_words += passage.length;
      ++languages[passage.language];
    }
  }
  for (const auto& [language, count] : languages) out.languages.push_back(language);
  std::stable_sort(out.languages.begin(), out.languages.end(),
                   [&](auto a, auto b) { return languages.at(a) > languages.at(b); });
  return out;
}

/// Makes random publications that are valid for a model, full of small ranges, equal names and odd values.
class Worlds {
 public:
  explicit Worlds(std::uint32_t seed) : rng_(seed) {}
  std::mt19937& rng() { return rng_; }
  [[nodiscard]] std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(rng_() % n); }

  [[nodiscard]] std::string word() {
    static const char* const kWords[] = {"a", "B", "Äpfel", "äpfel", "log file", "", "x/y", "é*", "2024-05-01", "7"};
    return kWords[below(10)];
  }
  [[nodiscard]] std::string path() {
    static const char* const kFolders[] = {"", "docs/", "docs/deep/", "src/"};
    return std::string(kFolders[below(4)]) + "f" + std::to_string(below(6)) + (below(2) == 0 ? ".md" : ".jsonl");
  }
  [[nodiscard]] docs::MetaValue value() {
    switch (below(4)) {
      case 0:
        return docs::MetaValue(static_cast<double>(below(5)) - 1.5);
      case 1:
        return docs::MetaValue(static_cast<double>(below(4)) + 5);
      case 2:
        return docs::MetaValue(docs::Date{static_cast<std::int64_t>(below(3)) * 86400 + 1714521600});
      default:
        return docs::MetaValue(word());
    }
  }

  [[nodiscard]] Publication publication(const Model& model) {
    Publication p;
    add_sources(model, p);
    remove_documents(model, p);
    merge(model, p);
    add_files(model, p);
    if (below(3) != 0) add_documents(model, p);
    if (below(3) == 0) p.settings.emplace_back("key" + std::to_string(below(3)), word());
    if (below(4) == 0) p.added_vocabularies.push_back("v" + std::to_string(below(100)));
    p.replace_vocabularies = below(8) == 0;
    for (const auto& segment : model.segments) {
      if ((model.generation + static_cast<std::uint64_t>(segment.first)) % 4 != 0) continue;
      p.added_files.push_back({segment.first, "later" + std::to_string(model.generation) + ".field", 7});
    }
    if (below(6) == 0) p.next_passage = model.next_passage + below(5);
    if (below(6) == 0) p.next_document = model.next_document + below(5);
    return p;
  }

 private:
  void add_sources(const Model& model, Publication& p) {
    if (!model.sources.empty() && below(4) != 0) return;
    const auto id = static_cast<SourceId>(below(3) + 1);
    p.sources.push_back({id, "folder", "/root " + std::to_string(below(9)), word()});
  }
  void remove_documents(const Model& model, Publication& p) {
    const auto often = below(4) + 2;
    for (const auto& [id, document] : model.documents) {
      if (below(often) == 0) p.removed_documents.push_back(id);
    }
    std::shuffle(p.removed_documents.begin(), p.removed_documents.end(), rng_);
  }
  /// Joins two segments: those documents that stay move to a new one.
  void merge(const Model& model, Publication& p) {
    if (model.segments.size() < 2 || below(3) != 0) return;
    const auto first = std::next(model.segments.begin(), below(static_cast<std::uint32_t>(model.segments.size())));
    p.removed_segments.push_back(first->first);
    if (below(2) == 0 && first != model.segments.begin()) p.removed_segments.push_back(model.segments.begin()->first);
    SegmentRow merged{model.next_segment, {"m.field", "m.text"}, 0, below(1000)};
    std::vector<DocumentId> kept;
    for (const auto& [id, document] : model.documents) {
      const auto& gone = p.removed_segments;
      if (std::find(gone.begin(), gone.end(), document.row.segment) == gone.end()) continue;
      const auto& dropped = p.removed_documents;
      const bool drop = std::find(dropped.begin(), dropped.end(), id) != dropped.end();
      if (drop && below(2) == 0) continue;  // removed where it was; otherwise moved first, then removed there
      p.moved.push_back({id, merged.id, below(1000)});
      merged.num_passages += document.row.num_passages;
    }
    p.added_segments.push_back(merged);
  }
  void add_files(const Model& model, Publication& p) {
    for (const auto& [key, file] : model.files) {
      if (below(6) == 0) p.removed_files.push_back(key);
    }
    for (auto i = below(4); i > 0; --i) {
      FileRow file;
      file.source = any_source(model, p);
      file.path = path();
      file.size_bytes = rng_();
      file.mtime_ns = -static_cast<std::int64_t>(rng_());
      file.inode = ~std::uint64_t{rng_()};
      file.content_hash = ~std::uint64_t{rng_()};
      file.reader = word();
      file.skipped = word();
      file.num_documents = below(10);
      p.files.push_back(file);
    }
  }
  [[nodiscard]] SourceId any_source(const Model& model, const Publication& p) {
    if (!p.sources.empty()) return p.sources.front().id;
    return std::next(model.sources.begin(), below(static_cast<std::uint32_t>(model.sources.size())))->first;
  }
  void add_documents(const Model& model, Publication& p) {
    SegmentRow segment{model.next_segment + 1, {"s.field", "s.text"}, 0, below(1000)};
    auto document = model.next_document;
    auto passage = model.next_passage;
    for (auto i = below(5); i > 0; --i) {
      Publication::NewDocument added;
      auto& row = added.row;
      row.id = document++;
      row.source = any_source(model, p);
      row.path = path();
      row.item = below(2) == 0 ? "" : word() + std::to_string(below(5));
      row.title = word();
      row.origin_kind = below(2) == 0 ? docs::OriginKind::kLine : docs::OriginKind::kPage;
      row.encoding = below(2) == 0 ? "UTF-8" : "ISO-8859-1";
      row.segment = segment.id;
      row.text_offset = rng_();
      row.text_bytes = 100000;
      passage += below(2);  // ids may be left out
      row.first_passage = passage;
      row.num_passages = below(4);
      for (std::uint32_t k = 0; k < row.num_passages; ++k) added.passages.push_back(random_passage(passage++));
      for (auto k = below(4); k > 0; --k) row.metadata.push_back({"m" + std::to_string(below(3)), value()});
      segment.num_passages += row.num_passages;
      p.documents.push_back(added);
    }
    p.added_segments.push_back(segment);
  }
  [[nodiscard]] PassageRow random_passage(PassageId id) {
    PassageRow row;
    row.id = id;
    row.begin = below(50000);
    row.end = row.begin + below(50000);
    row.origin = below(3) == 0 ? static_cast<std::uint32_t>(rng_()) : below(100);
    row.language = static_cast<std::uint8_t>(below(4) == 0 ? 255 : below(3));
    row.length = below(10) == 0 ? static_cast<std::uint32_t>(rng_()) : below(300);
    row.heading = below(2) == 0 ? "Guide › " + word() : word();
    return row;
  }

  std::mt19937 rng_;
};

}  // namespace tamis::store::test
