#pragma once

#include <gtest/gtest.h>
#include <tamis/index/field_builder.h>
#include <tamis/index/query.h>
#include <tamis/search/collection.h>
#include <tamis/sparse/bm25.h>
#include <tamis/text/analyzer.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tamis::search {

/// A passage of a test, and what it is made of.
struct TestPassage {
  PassageId id = 0;
  text::Language language = text::Language::kEnglish;
  std::string title, body;
  int year = 0;
  DocumentId document = 0;
  std::size_t segment = 0;
  bool deleted = false;
  std::map<std::string, std::uint32_t> levels = {};  ///< vocabulary key → stored level
  std::map<TermId, std::uint32_t> term_levels = {};  ///< the same by term: made by the collection
};

/// The passages of a test as a collection on real field files. Stored weights are small whole numbers.
class TestCollection final : public Collection {
 public:
  /// @param passages  ids ascending; levels as wanted
  TestCollection(std::vector<TestPassage> passages, std::size_t num_segments, float title_weight)
      : passages_(std::move(passages)), title_weight_(title_weight) {
    for (auto& passage : passages_) {
      for (const auto& [key, level] : passage.levels) {
        const auto [term, is_new] = terms_.try_emplace(key, static_cast<TermId>(terms_.size()));
        passage.term_levels[term->second] = level;
      }
    }
    count_languages();
    const auto folder = std::filesystem::temp_directory_path();
    const auto stem = "tamis-search-test-" + std::to_string(std::random_device{}()) + "-";
    for (std::size_t s = 0; s < num_segments; ++s) {
      const auto path = folder / (stem + std::to_string(s));
      add_segment(s, path);
      std::filesystem::remove(path);  // it stays mapped
    }
    for (std::size_t s = 0; s < num_segments; ++s) {
      const bool whole = deleted_[s].count() == 0;
      segments_.push_back({&fields_[s], whole ? nullptr : &deleted_[s], {}});
    }
  }

  std::span<const CollectionSegment> segments() const override { return segments_; }
  std::uint64_t num_passages() const override {
    std::uint64_t live = 0;
    for (const auto& passage : passages_) live += passage.deleted ? 0 : 1;
    return live;
  }
  std::optional<TermId> find_term(std::string_view key) const override {
    const auto found = terms_.find(std::string(key));
    return found == terms_.end() ? std::nullopt : std::optional(found->second);
  }
  const std::vector<std::string>& vector_fields() const override { return vector_fields_; }
  std::string_view term(TermId id) const override {
    for (const auto& [key, number] : terms_) {
      if (number == id) return key;
    }
    return "";
  }
  TermId num_terms() const override { return static_cast<TermId>(terms_.size()); }
  std::span<const text::Language> languages() const override { return languages_; }
  float title_weight() const override { return title_weight_; }
  const std::vector<std::string>& field_names() const override { return field_names_; }
  Result<std::vector<index::Bitmap>> matching(const Clause& clause) const override {
    std::vector<index::Bitmap> sets;
    for (const auto& field : fields_) sets.emplace_back(field.num_passages());
    for (const auto& passage : passages_) {
      if (year_matches(passage, clause)) sets[passage.segment].set(*fields_[passage.segment].local(passage.id));
    }
    return sets;
  }
  Result<std::string> passage_text(PassageId id) const override {
    ++texts_read;
    const auto& passage = find(id);
    return passage.title + '\n' + passage.body;
  }
  Result<text::Language> passage_language(PassageId id) const override { return find(id).language; }
  Result<DocumentId> document_of(PassageId id) const override { return find(id).document; }

  /// Year 0 is not known.
  Result<std::optional<double>> document_day(PassageId id) const override {
    const int year = find(id).year;
    return year == 0 ? std::nullopt : std::optional(365.0 * year);
  }

  [[nodiscard]] const std::vector<TestPassage>& passages() const { return passages_; }
  static bool year_matches(const TestPassage& passage, const Clause& clause) {
    const int year = std::stoi(clause.text);
    switch (clause.compare) {
      case Clause::Compare::kLess:
        return passage.year < year;
      case Clause::Compare::kLessEqual:
        return passage.year <= year;
      case Clause::Compare::kGreater:
        return passage.year > year;
      case Clause::Compare::kGreaterEqual:
        return passage.year >= year;
      default:
        return passage.year == year;
    }
  }

  /// A field of vectors, by passage; passages without one have an empty vector.
  void add_vectors(const std::string& name, const std::map<PassageId, sparse::SparseVector>& vectors) {
    vector_fields_.push_back(name);
    for (std::size_t s = 0; s < segments_.size(); ++s) {
      const auto path =
          std::filesystem::temp_directory_path() / ("tamis-search-vectors-" + std::to_string(std::random_device{}()));
      index::FieldBuilder builder({name, "test", {255.0F, 8}});
      for (const auto id : fields_[s].ids()) {
        const auto found = vectors.find(id);
        EXPECT_TRUE(builder.add(id, found == vectors.end() ? sparse::SparseVector() : found->second));
      }
      ThreadPool pool(1);
      EXPECT_TRUE(builder.finish(path, pool));
      vectors_.push_back(std::make_unique<index::SparseField>(index::SparseField::open(path).value()));
      std::filesystem::remove(path);  // it stays mapped
      segments_[s].vectors.push_back(vectors_.back().get());
    }
  }

  mutable std::size_t texts_read = 0;

 private:
  const TestPassage& find(PassageId id) const {
    return *std::find_if(passages_.begin(), passages_.end(), [&](const auto& p) { return p.id == id; });
  }
  void count_languages() {
    std::map<text::Language, int> counts;
    for (const auto& passage : passages_) --counts[passage.language];
    std::vector<std::pair<int, text::Language>> sorted;
    for (const auto& [language, count] : counts) sorted.emplace_back(count, language);
    std::sort(sorted.begin(), sorted.end());
    for (const auto& entry : sorted) languages_.push_back(entry.second);
  }
  void add_segment(std::size_t segment, const std::filesystem::path& path) {
    index::FieldBuilder builder({"bm25", "test", {255.0F, 8}});
    for (const auto& passage : passages_) {
      if (passage.segment != segment) continue;
      sparse::SparseVector vector;
      for (const auto& [term, level] : passage.term_levels) {
        vector.terms.push_back(term);
        vector.weights.push_back(static_cast<float>(level));
      }
      EXPECT_TRUE(builder.add(passage.id, vector));
    }
    ThreadPool pool(1);
    EXPECT_TRUE(builder.finish(path, pool));
    fields_.push_back(index::SparseField::open(path).value());
    deleted_.emplace_back(fields_.back().num_passages());
    for (const auto& passage : passages_) {
      if (passage.segment == segment && passage.deleted) deleted_.back().set(*fields_.back().local(passage.id));
    }
  }

  std::vector<TestPassage> passages_;
  float title_weight_;
  std::map<std::string, TermId> terms_;
  std::vector<text::Language> languages_;
  std::vector<index::SparseField> fields_;
  std::vector<index::Bitmap> deleted_;
  std::vector<CollectionSegment> segments_;
  std::vector<std::unique_ptr<index::SparseField>> vectors_;
  std::vector<std::string> vector_fields_;
  std::vector<std::string> field_names_ = {"year"};
};

/// What a passage scores for a query.
inline index::Units units_of(const TestPassage& passage, const index::PreparedQuery& query) {
  index::Units units = 0;
  for (const auto& term : query.terms) {
    const auto level = passage.term_levels.find(term.term);
    if (level != passage.term_levels.end()) units += term.weight * level->second;
  }
  return units;
}

/// The normalised words of a text, in order.
inline std::vector<std::string> terms_of(text::Analyzer& analyzer, std::string_view text, text::Language language) {
  std::vector<text::Token> tokens;
  analyzer.analyze(text, language, tokens);
  std::vector<std::string> terms;
  for (const auto& token : tokens) terms.emplace_back(analyzer.term(token.term));
  return terms;
}

/// Gives a passage a level between 1 and `max_level` for every term that it holds.
inline void index_passage(text::Analyzer& analyzer, std::mt19937& rng, std::uint32_t max_level, TestPassage& passage) {
  for (const auto& term : terms_of(analyzer, passage.title, passage.language)) {
    passage.levels[sparse::title_key(term)] = 1 + static_cast<std::uint32_t>(rng()) % max_level;
  }
  for (const auto& term : terms_of(analyzer, passage.title + '\n' + passage.body, passage.language)) {
    passage.levels[term] = 1 + static_cast<std::uint32_t>(rng()) % max_level;
  }
}

}  // namespace tamis::search
