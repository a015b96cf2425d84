#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tamis/base/file.h>
#include <tamis/engine/engine.h>
#include <tamis/search/pipeline.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace tamis::test {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

/// A folder of one test's own, gone afterwards; in memory where that is possible, because the tests write much.
class World {
 public:
  World() {
    const fs::path memory = "/dev/shm";
    const bool use_memory = ::access(memory.c_str(), W_OK) == 0;
    std::string pattern = ((use_memory ? memory : fs::temp_directory_path()) / "tamis-engine-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    fs::permissions(path_, fs::perms(0755));
    fs::create_directories(files());
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() {
    std::error_code ignored;
    for (const auto& folder : {path_, index(), index() / "segments"}) {
      fs::permissions(folder, fs::perms::owner_all, ignored);
    }
    fs::remove_all(path_, ignored);
  }

  [[nodiscard]] const fs::path& path() const { return path_; }
  /// The folder that is indexed unless a test says otherwise.
  [[nodiscard]] fs::path files() const { return path_ / "files"; }
  [[nodiscard]] fs::path index() const { return path_ / "index"; }

  void write(const std::string& name, const std::string& text) const {
    const auto path = files() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  void remove(const std::string& name) const { fs::remove(files() / name); }

 private:
  fs::path path_;
};

/// English, one thread, and an average length that does not depend on what is there: what two indexes of the same
/// documents need to give equal scores.
inline IngestOptions plain_options() {
  IngestOptions options;
  options.language = "en";
  options.threads = 1;
  options.bm25.avg_length = 20.0F;
  options.blocks_from = 100;  // so that most worlds have segments with and without
  return options;
}

inline Result<IngestReport> ingest(const fs::path& index, const std::vector<fs::path>& roots,
                                   const IngestOptions& options = plain_options()) {
  TAMIS_TRY(auto engine, Engine::open_or_create(index));
  NoProgress progress;
  return engine.ingest(roots, options, progress);
}
inline Result<IngestReport> ingest(const World& world, const IngestOptions& options = plain_options()) {
  return ingest(world.index(), {world.files()}, options);
}
inline Status merge(const fs::path& index, bool everything = true) {
  TAMIS_TRY(auto engine, Engine::open(index));
  NoProgress progress;
  TAMIS_TRY_OK(engine.merge(everything, progress));
  return ok();
}
inline Names verify(const fs::path& index) {
  auto engine = Engine::open(index);
  if (!engine) return {engine.error().message};
  NoProgress progress;
  auto findings = engine->verify(progress);
  return findings ? *findings : Names{findings.error().message};
}

/// What a search shows of a passage, apart from numbers that depend on the history of the index.
struct Answer {
  std::string document, heading, text;
  float score = 0;
  std::uint32_t line = 0;
  auto operator<=>(const Answer&) const = default;
};
using Answers = std::vector<Answer>;

inline Result<Answers> answers(const Snapshot& snapshot, const std::string& question, std::uint32_t k = 10000) {
  TAMIS_TRY(const auto query, search::parse_query(question, snapshot.collection().field_names()));
  search::Searcher searcher;
  search::SearchOptions options;
  options.k = k;
  TAMIS_TRY(const auto found, searcher.search(snapshot.collection(), query, options));
  TAMIS_TRY(const auto hits, snapshot.hits(found.passages));
  Answers out;
  for (const auto& hit : hits) out.push_back({hit.path, hit.heading, hit.text, hit.score, hit.line});
  return out;
}
/// Sorted, because equal scores are ordered by numbers that depend on the history.
inline Answers sorted_answers(const fs::path& index, const std::string& question) {
  auto engine = Engine::open(index).value();
  const auto snapshot = engine.snapshot().value();
  auto found = answers(*snapshot, question).value();
  std::sort(found.begin(), found.end());
  return found;
}
inline Names documents_found(const fs::path& index, const std::string& question) {
  std::set<std::string> names;
  for (const auto& answer : sorted_answers(index, question)) {
    names.insert(fs::path(answer.document).filename().string());
  }
  return {names.begin(), names.end()};
}

inline const Names& words() {
  static const Names list = {"copper", "river",  "lantern", "walnut", "harbor", "meadow", "signal",
                             "violin", "garden", "thunder", "marble", "candle", "forest", "pepper"};
  return list;
}
inline const std::string& random_word(std::mt19937& rng) { return words()[rng() % words().size()]; }
inline std::string random_text(std::mt19937& rng, std::size_t num_words) {
  std::string text;
  for (std::size_t i = 0; i < num_words; ++i) {
    if (rng() % 9 == 0) text += "\n\n";
    if (rng() % 40 == 0) text += "# " + random_word(rng) + "\n\n";
    text += random_word(rng) + (rng() % 8 == 0 ? ". " : " ");
  }
  return text + "\n";
}
inline std::string random_line(std::mt19937& rng, std::size_t num_words) {
  auto text = random_text(rng, num_words);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// Names and contents of the files under a folder.
inline std::map<std::string, std::string> read_folder(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ostringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    out[fs::relative(entry.path(), folder).string()] = text.str();
  }
  return out;
}
/// Files of the segments folder that the newest generation does not name.
inline Names orphans(const fs::path& index) {
  const auto info = Engine::open(index).value().info().value();
  std::set<std::string> named(info.generation.vocabularies.begin(), info.generation.vocabularies.end());
  for (const auto& segment : info.generation.segments) named.insert(segment.files.begin(), segment.files.end());
  Names out;
  for (const auto& entry : fs::directory_iterator(index / "segments")) {
    if (!named.contains(entry.path().filename().string())) out.push_back(entry.path().filename().string());
  }
  return out;
}

}  // namespace tamis::test
