#include "engine_world.h"

namespace tamis::test {
namespace {

TEST(Engine, json_lines_are_documents_with_ids_titles_and_metadata) {
  const World world;
  world.write("c.jsonl",
              "{\"_id\":\"d1\",\"title\":\"River\",\"text\":\"Copper and walnut.\",\"metadata\":{\"year\":2001}}\n"
              "{\"_id\":\"d2\",\"title\":\"Lantern\",\"text\":\"\",\"metadata\":{\"year\":2010}}\n"
              "{\"_id\":\"d3\",\"title\":\"\",\"text\":\"Copper again.\",\"metadata\":{\"year\":2010}}\n");
  const auto report = ingest(world).value();
  EXPECT_EQ(report.documents, 3U);
  auto engine = Engine::open(world.index()).value();
  const auto snapshot = engine.snapshot().value();
  using Ids = std::set<std::string>;
  const auto ids = [&](const std::string& question) {
    search::Searcher searcher;
    const auto query = search::parse_query(question, snapshot->collection().field_names()).value();
    const auto result = searcher.search(snapshot->collection(), query, {}).value();
    Ids out;
    for (const auto& passage : result.passages) out.emplace(snapshot->document_id(passage.id).value());
    return out;
  };
  EXPECT_EQ(ids("copper"), (Ids{"d1", "d3"}));
  EXPECT_EQ(ids("river"), Ids{"d1"}) << "title words are body words";
  EXPECT_EQ(ids("lantern"), Ids{"d2"}) << "a title alone is a passage";
  EXPECT_EQ(ids("copper year:2010"), Ids{"d3"});
  EXPECT_EQ(ids("year:>=2001"), (Ids{"d1", "d2", "d3"}));
  EXPECT_EQ(ids("id:d2"), Ids{"d2"});
  EXPECT_EQ(verify(world.index()), Names());
}

TEST(Engine, a_source_read_in_another_way_is_read_again) {
  const World world;
  world.write("rows.csv", "id,one,two\nr1,copper,walnut\n");
  auto options = plain_options();
  options.read.fields.text = {"one"};
  ASSERT_TRUE(ingest(world, options).has_value());
  EXPECT_EQ(documents_found(world.index(), "walnut"), Names());
  options.read.fields.text = {"two"};
  EXPECT_EQ(ingest(world, options).value().files_changed, 1U);
  EXPECT_EQ(documents_found(world.index(), "walnut"), Names{"rows.csv"});
  EXPECT_EQ(documents_found(world.index(), "copper"), Names());
}

}  // namespace
}  // namespace tamis::test
