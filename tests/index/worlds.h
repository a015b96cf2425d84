#pragma once

#include <gtest/gtest.h>
#include <tamis/index/query_algorithm.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace tamis::index {

/// A folder that goes with the test; in memory where the machine has such a file system.
class ScratchFolder {
 public:
  ScratchFolder() {
    const std::filesystem::path base = std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp";
    static int counter = 0;
    path_ = base / ("tamis-index-test-" + std::to_string(::getpid()) + "-" + std::to_string(counter++));
    std::filesystem::create_directories(path_);
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// A small collection of stored levels, full of ties.
struct World {
  FieldConfig config;
  std::vector<PassageId> ids;
  std::vector<std::map<TermId, std::uint16_t>> passages;
};

/// Mostly tiny worlds; some long enough for blocked lists, a few for dense blocks and several windows.
inline World random_world(std::mt19937& rng) {
  World world;
  const bool wide = rng() % 4 == 0;
  world.config = {"test", "fingerprint", {2.0F, wide ? 16U : 8U}};
  const auto kind = rng() % 100;
  const std::size_t n = kind < 90 ? rng() % 40 : kind < 98 ? 250 + rng() % 500 : 4000 + rng() % 6000;
  const auto num_terms = static_cast<std::uint32_t>(1 + rng() % 12);
  const auto most = static_cast<std::uint32_t>(rng() % 3 == 0 ? world.config.scale.levels() : 1 + rng() % 4);
  const std::uint32_t spread = rng() % 3 == 0 ? 300'000'000U : 1U;  // term ids near each other or anywhere in u32
  PassageId id = rng() % 5;
  for (std::size_t p = 0; p < n; ++p) {
    id += 1 + rng() % 3;
    world.ids.push_back(id);
    auto& vector = world.passages.emplace_back();
    for (std::uint32_t t = 0; t < num_terms; ++t) {
      if (rng() % (t + 1) == 0) vector[t * spread] = static_cast<std::uint16_t>(1 + rng() % most);
    }
  }
  return world;
}

inline Result<FieldReport> write_world(const World& world, std::size_t begin, std::size_t end,
                                       const std::filesystem::path& path, std::size_t threads = 1) {
  FieldBuilder builder(world.config);
  std::vector<TermId> terms;
  std::vector<std::uint16_t> levels;
  for (std::size_t p = begin; p < end; ++p) {
    terms.clear();
    levels.clear();
    for (const auto& [term, level] : world.passages[p]) {
      terms.push_back(term);
      levels.push_back(level);
    }
    TAMIS_TRY_OK(builder.add_levels(world.ids[p], terms, levels));
  }
  ThreadPool pool(threads);
  return builder.finish(path, pool);
}

inline PreparedQuery random_query(std::mt19937& rng, const World& world) {
  std::set<TermId> terms;
  const auto size = 1 + rng() % 5;
  for (std::size_t i = 0; i < size; ++i) {
    std::map<TermId, std::uint16_t> any;
    if (!world.passages.empty()) any = world.passages[rng() % world.passages.size()];
    if (any.empty() || rng() % 6 == 0) {
      terms.insert(static_cast<TermId>(rng() % 20));
    } else {
      auto at = any.begin();
      std::advance(at, static_cast<std::ptrdiff_t>(rng() % any.size()));
      terms.insert(at->first);
    }
  }
  sparse::SparseVector query;
  for (const auto term : terms) {
    query.terms.push_back(term);
    query.weights.push_back(static_cast<float>(1 + rng() % 3) * (rng() % 4 == 0 ? 0.37F : 1.0F));
  }
  return prepare_query(query, world.config.scale).value();
}

/// The definition once more, from the vectors themselves: no file, no index.
inline std::vector<Candidate> naive_search(const World& world, const PreparedQuery& query, std::size_t k,
                                           const std::set<PassageId>* allowed) {
  std::vector<Candidate> all;
  for (std::size_t p = 0; p < world.ids.size(); ++p) {
    if (allowed != nullptr && allowed->count(world.ids[p]) == 0) continue;
    std::uint64_t sum = 0;
    for (const auto& term : query.terms) {
      const auto found = world.passages[p].find(term.term);
      if (found != world.passages[p].end()) sum += std::uint64_t{term.weight} * found->second;
    }
    if (sum > 0) all.push_back({world.ids[p], static_cast<Units>(sum)});
  }
  std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return a.units != b.units ? a.units > b.units : a.id < b.id;
  });
  if (all.size() > k) all.resize(k);
  return all;
}

}  // namespace tamis::index
