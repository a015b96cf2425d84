// External vectors, and documents from a stream.
#include <fmt/format.h>
#include <tamis/sparse/vector_files.h>

#include "engine_world.h"

namespace tamis::test {
namespace {

Result<IngestReport> ingest_vectors(const World& world, const fs::path& file, IngestOptions options = plain_options()) {
  TAMIS_TRY(auto engine, Engine::open_or_create(world.index()));
  NoProgress progress;
  return engine.ingest_vectors(file, sparse::VectorFormat::kAuto, options, progress);
}

/// Document ids and scores of a vector's best passages.
std::vector<std::pair<std::string, float>> search_vector(const fs::path& index, const sparse::SparseVector& query) {
  auto engine = Engine::open(index).value();
  const auto snapshot = engine.snapshot().value();
  search::Searcher searcher;
  search::SearchOptions options;
  options.k = 1000;
  const auto result = searcher.search_vector(snapshot->collection(), query, options).value();
  std::vector<std::pair<std::string, float>> out;
  for (const auto& [id, score] : result.passages) out.emplace_back(snapshot->document_id(id).value(), score);
  return out;
}

sparse::SparseVector random_vector(std::mt19937& rng, std::uint32_t columns) {
  std::set<TermId> terms;
  for (std::size_t i = 0, n = 1 + rng() % 6; i < n; ++i) terms.insert(static_cast<TermId>(rng() % columns));
  sparse::SparseVector vector;
  for (const auto term : terms) {
    vector.terms.push_back(term);
    vector.weights.push_back(static_cast<float>(1 + rng() % 64) / 32.0F);
  }
  return vector;
}

TEST(Vectors, numbered_terms_score_as_the_plain_dot_product) {
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    std::mt19937 rng(seed);
    const World world;
    std::vector<sparse::SparseVector> rows;
    for (std::size_t i = 0, n = 1 + rng() % 50; i < n; ++i) rows.push_back(random_vector(rng, 40));
    const auto file = world.files() / "rows.csr";
    ASSERT_TRUE(sparse::write_csr(file, 40, rows).has_value());
    auto options = plain_options();
    if (seed % 2 == 0) options.memory_bytes = 1;
    ASSERT_TRUE(ingest_vectors(world, file, options).has_value()) << "seed=" << seed;
    EXPECT_EQ(verify(world.index()), Names()) << "seed=" << seed;
    const auto query = random_vector(rng, 40);
    const auto found = search_vector(world.index(), query);
    std::map<std::string, float> expected;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const float score = sparse::dot(query, rows[i]);
      if (score > 0) expected[fmt::format("{}", i)] = score;
    }
    ASSERT_EQ(found.size(), expected.size()) << "seed=" << seed;
    float before = std::numeric_limits<float>::max();
    for (const auto& [id, score] : found) {
      EXPECT_NEAR(score, expected.at(id), 1e-3F * (1 + score)) << id << " seed=" << seed;
      EXPECT_LE(score, before) << "seed=" << seed;
      before = score;
    }
  }
}

TEST(Vectors, named_terms_go_through_the_vocabulary_and_a_changed_file_replaces_itself) {
  const World world;
  const auto file = world.files() / "v.jsonl";
  const auto find = [&](const std::string& term) {
    auto engine = Engine::open(world.index()).value();
    const auto snapshot = engine.snapshot().value();
    const auto id = snapshot->collection().find_term(term);
    sparse::SparseVector query;
    if (id) query = {{*id}, {1.0F}};
    Names names;
    for (const auto& [name, score] : search_vector(world.index(), query)) names.push_back(name);
    std::sort(names.begin(), names.end());
    return names;
  };
  world.write("v.jsonl",
              "{\"id\":\"x\",\"vector\":{\"red\":1.5,\"blue\":0.5}}\n{\"_id\":\"y\",\"vector\":{\"red\":3.0}}\n");
  EXPECT_EQ(ingest_vectors(world, file).value().documents, 2U);
  EXPECT_EQ(find("red"), (Names{"x", "y"}));
  EXPECT_EQ(find("blue"), Names{"x"});
  EXPECT_EQ(ingest_vectors(world, file).value().files_unchanged, 1U);
  world.write("v.jsonl", "{\"id\":\"z\",\"vector\":{\"red\":9.0,\"green\":1.0}}\n");
  const auto report = ingest_vectors(world, file).value();
  EXPECT_EQ(report.num_clipped, 1U) << "the first file's largest weight was 3, rounded up to 4";
  EXPECT_EQ(find("red"), Names{"z"});
  EXPECT_EQ(find("blue"), Names());
  EXPECT_EQ(verify(world.index()), Names());
  EXPECT_TRUE(merge(world.index()).has_value());
  EXPECT_EQ(find("green"), Names{"z"});
  EXPECT_EQ(verify(world.index()), Names());
  auto options = plain_options();
  options.rebuild = true;
  EXPECT_EQ(ingest_vectors(world, file, options).value().num_clipped, 0U);
  EXPECT_EQ(find("green"), Names{"z"});
}

TEST(Vectors, an_index_holds_texts_or_vectors) {
  const World world;
  world.write("a.txt", "copper\n");
  world.write("v.jsonl", "{\"id\":\"x\",\"vector\":{\"red\":1.5}}\n");
  ASSERT_TRUE(ingest(world.index(), {world.files() / "a.txt"}).has_value());
  EXPECT_EQ(ingest_vectors(world, world.files() / "v.jsonl").error().code, Code::kUnsupported);
  const World other;
  ASSERT_TRUE(ingest_vectors(other, world.files() / "v.jsonl").has_value());
  EXPECT_EQ(ingest(other).error().code, Code::kUnsupported);
  EXPECT_EQ(verify(other.index()), Names());
}

TEST(Vectors, a_broken_file_is_an_error_and_leaves_what_was) {
  const World world;
  world.write("v.jsonl", "{\"id\":\"x\",\"vector\":{\"red\":1.5}}\n");
  ASSERT_TRUE(ingest_vectors(world, world.files() / "v.jsonl").has_value());
  world.write("v.jsonl", "{\"id\":\"y\",\"vector\":{\"red\":2.5}}\n{\"id\":\"z\",\"vector\":{\"red\":-1}}\n");
  const auto refused = ingest_vectors(world, world.files() / "v.jsonl");
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("v.jsonl"), std::string::npos) << refused.error().message;
  EXPECT_EQ(search_vector(world.index(), {{0}, {1.0F}}).size(), 1U);
  EXPECT_EQ(orphans(world.index()), Names());
  EXPECT_EQ(verify(world.index()), Names());
}

/// A stream over memory.
class TextStream final : public docs::ByteStream {
 public:
  explicit TextStream(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] Result<std::size_t> read(char* data, std::size_t size) override {
    const auto count = text_.copy(data, size, at_);
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

Result<IngestReport> ingest_stream(const World& world, std::string text, const std::string& name,
                                   IngestOptions options = plain_options()) {
  TAMIS_TRY(auto engine, Engine::open_or_create(world.index()));
  TextStream stream(std::move(text));
  options.stdin_name = name;
  NoProgress progress;
  return engine.ingest_stream(stream, options, progress);
}

TEST(Stream, a_stream_replaces_what_had_its_name_and_stands_beside_folders) {
  const World world;
  world.write("a.txt", "copper\n");
  ASSERT_TRUE(ingest(world).has_value());
  ASSERT_TRUE(ingest_stream(world, "{\"_id\":\"1\",\"text\":\"copper one\"}\n", "feed.jsonl").has_value());
  ASSERT_TRUE(ingest_stream(world, "copper elsewhere\n", "note.txt").has_value());
  EXPECT_EQ(documents_found(world.index(), "copper").size(), 3U);
  const auto report = ingest_stream(world, "{\"_id\":\"2\",\"text\":\"walnut\"}\n", "feed.jsonl").value();
  EXPECT_EQ(report.documents, 1U);
  EXPECT_EQ(documents_found(world.index(), "copper").size(), 2U);
  EXPECT_EQ(documents_found(world.index(), "walnut"), Names{"feed.jsonl"});
  EXPECT_EQ(ingest(world).value().files_unchanged, 1U);
  EXPECT_EQ(documents_found(world.index(), "copper").size(), 2U) << "a folder's run leaves streams alone";
  EXPECT_EQ(verify(world.index()), Names());
}

TEST(Stream, in_parts_is_as_at_once) {
  const World world;
  std::mt19937 rng(5);
  std::string lines;
  for (int i = 0; i < 2000; ++i) lines += fmt::format("{{\"_id\":\"{}\",\"text\":\"{}\"}}\n", i, random_line(rng, 20));
  auto options = plain_options();
  options.memory_bytes = 1;
  EXPECT_EQ(ingest_stream(world, lines, "feed.jsonl", options).value().documents, 2000U);
  EXPECT_GT(Engine::open(world.index()).value().info().value().generation.segments.size(), 1U);
  EXPECT_EQ(Engine::open(world.index()).value().info().value().generation.num_documents, 2000U);
  EXPECT_EQ(verify(world.index()), Names());
}

TEST(Stream, a_broken_stream_keeps_what_came_before) {
  const World world;
  const auto report =
      ingest_stream(world, "{\"_id\":\"1\",\"text\":\"copper one\"}\n{\"_id\":\"2\",\"te", "feed.jsonl").value();
  EXPECT_EQ(report.documents, 1U);
  ASSERT_EQ(report.skipped.size(), 1U);
  EXPECT_FALSE(report.skipped[0].expected) << report.skipped[0].reason;
  EXPECT_EQ(documents_found(world.index(), "copper"), Names{"feed.jsonl"});
}

}  // namespace
}  // namespace tamis::test
