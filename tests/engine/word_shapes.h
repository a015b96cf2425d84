#pragma once

#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <sstream>

#include "engine_world.h"

namespace tamis::test {
inline constexpr std::uint32_t kVocabulary = 64;

/// Stands for a network: a word's length and first letter make its term. Counts what it is given.
class WordShapes final : public sparse::TextEncoder {
 public:
  explicit WordShapes(std::string name = "shapes", std::string fingerprint = "shapes/1")
      : name_(std::move(name)), fingerprint_(std::move(fingerprint)) {}

  class ShapeWorker final : public Worker {
   public:
    explicit ShapeWorker(const WordShapes& encoder) : encoder_(encoder) {}
    Status encode(std::span<const std::string_view> texts, std::span<sparse::SparseVector> out) override {
      for (std::size_t i = 0; i < texts.size(); ++i) {
        if (encoder_.before_text) encoder_.before_text();
        if (++encoder_.texts == encoder_.fail_at) return Error{Code::kInvalidArgument, "the network is tired"};
        out[i] = shapes_of(texts[i]);
      }
      return ok();
    }
    Status explain(std::string_view text, sparse::SparseVector& out,
                   std::vector<sparse::TermOrigin>& origins) override {
      out = shapes_of(text);
      origins.assign(out.size(), {});
      return ok();
    }

   private:
    const WordShapes& encoder_;
  };

  static sparse::SparseVector shapes_of(std::string_view text) {
    std::map<TermId, float> weights;
    std::istringstream words{std::string(text)};
    for (std::string word; words >> word;) {
      auto& weight =
          weights[static_cast<TermId>((word.size() * 7 + static_cast<unsigned char>(word[0])) % kVocabulary)];
      weight = std::min(4.0F, weight + 0.3F);
    }
    sparse::SparseVector out;
    for (const auto& [term, weight] : weights) {
      out.terms.push_back(term);
      out.weights.push_back(weight);
    }
    return out;
  }

  [[nodiscard]] std::string_view name() const noexcept override { return name_; }
  [[nodiscard]] std::string fingerprint() const override { return fingerprint_; }
  [[nodiscard]] float ceiling() const noexcept override { return 4.0F; }
  [[nodiscard]] std::uint32_t vocabulary_size() const noexcept override { return kVocabulary; }
  [[nodiscard]] std::string_view term(TermId) const noexcept override { return ""; }
  [[nodiscard]] std::unique_ptr<Worker> make_worker() const override { return std::make_unique<ShapeWorker>(*this); }

  mutable std::atomic<std::uint64_t> texts = 0;
  std::uint64_t fail_at = 0;  ///< the text whose encoding fails, counted from 1
  std::function<void()> before_text;

 private:
  std::string name_, fingerprint_;
};

inline IngestOptions with(const std::shared_ptr<const WordShapes>& encoder, std::uint32_t threads = 1) {
  auto options = plain_options();
  options.threads = threads;
  if (encoder) options.encoders.push_back({"the/" + std::string(encoder->name()), encoder});
  return options;
}

/// One file of many documents, one passage each.
inline void write_lines(const World& world, const std::string& name, std::uint32_t seed, int count) {
  std::mt19937 rng(seed);
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += fmt::format("{{\"_id\":\"{}-{}\",\"title\":\"{}\",\"text\":\"{}\"}}\n", name, i, random_word(rng),
                        random_line(rng, 3 + rng() % 9));
  }
  world.write(name, text);
}

/// Passages by the field of an encoder alone, with scores: "" when it is not whole.
inline std::string ranking(const fs::path& index, const WordShapes& encoder, const std::string& question) {
  auto engine = Engine::open(index).value();
  const auto snapshot = engine.snapshot().value();
  const auto& fields = snapshot->collection().vector_fields();
  if (std::find(fields.begin(), fields.end(), encoder.name()) == fields.end()) return "";
  const auto worker = encoder.make_worker();
  search::SearchOptions options;
  options.k = 10000;
  options.method.fields = {{std::string(encoder.name())}};
  options.encoders.push_back({std::string(encoder.name()), worker.get()});
  search::Searcher searcher;
  const auto found = searcher.search(snapshot->collection(), search::plain_query(question).value(), options).value();
  std::vector<std::pair<float, std::string>> lines;
  for (const auto& [id, score] : found.passages) {
    lines.emplace_back(-score, std::string(snapshot->document_id(id).value()));
  }
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const auto& [score, name] : lines) out += fmt::format("{} {}\n", name, -score);
  return out;
}

/// What the ranking should be, from the texts alone: the stored weights are whole steps of 4 / 255.
inline std::string naive_ranking(const fs::path& index, const std::string& question) {
  auto engine = Engine::open(index).value();
  const auto snapshot = engine.snapshot().value();
  const sparse::WeightScale scale{4.0F, 8};
  const auto asked = WordShapes::shapes_of(question);
  const auto prepared = index::prepare_query(asked, scale).value();
  std::vector<std::pair<float, std::string>> lines;
  for (const auto& segment : snapshot->collection().segments()) {
    for (std::uint32_t i = 0; i < segment.field->num_passages(); ++i) {
      if (segment.deleted != nullptr && segment.deleted->test(i)) continue;
      const auto id = segment.field->ids()[i];
      const auto vector = WordShapes::shapes_of(snapshot->encoder_text(id).value());
      std::vector<std::uint16_t> levels(vector.size());
      sparse::quantize(scale, vector.weights, levels);
      std::uint32_t units = 0;
      for (const auto& [term, weight] : prepared.terms) {
        const auto at = std::lower_bound(vector.terms.begin(), vector.terms.end(), term);
        if (at == vector.terms.end() || *at != term) continue;
        units += weight * levels[static_cast<std::size_t>(at - vector.terms.begin())];
      }
      if (units > 0) lines.emplace_back(-prepared.score(units), std::string(snapshot->document_id(id).value()));
    }
  }
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const auto& [score, name] : lines) out += fmt::format("{} {}\n", name, -score);
  return out;
}

inline std::map<std::string, std::string> vector_files(const fs::path& index) {
  auto files = read_folder(index / "segments");
  std::erase_if(files, [](const auto& entry) { return entry.first.find(".shapes.") == std::string::npos; });
  return files;
}

}  // namespace tamis::test
