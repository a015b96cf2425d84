#include <gtest/gtest.h>
#include <tamis/eval/files.h>

#include <random>
#include <string>

#include "memory_stream.h"

namespace tamis::eval {
namespace {

Result<Qrels> qrels_of(std::string_view text, Ids& ids, std::size_t step = 1 << 20) {
  MemoryStream stream(text, step);
  return read_qrels(stream, ids);
}
Result<Run> run_of(std::string_view text, Ids& ids) {
  MemoryStream stream(text);
  return read_run(stream, ids);
}
Result<std::vector<Topic>> topics_of(std::string_view text) {
  MemoryStream stream(text);
  return read_topics(stream);
}
template <class T>
void expect_fault(const Result<T>& result, const std::string& says) {
  ASSERT_FALSE(result.has_value()) << says;
  EXPECT_NE(result.error().message.find(says), std::string::npos) << result.error().message << " instead of " << says;
}
/// "q1: d1=2 d2=0; q2: …"
std::string shown(const Qrels& qrels, const Ids& ids) {
  std::string out;
  for (std::size_t i = 0; i < qrels.size(); ++i) {
    out += std::string(ids.queries.name(qrels.query(i))) + ":";
    for (const auto& [document, grade] : qrels.items(i)) {
      out += " " + std::string(ids.documents.name(document)) + "=" + std::to_string(grade);
    }
    out += ";";
  }
  return out;
}

TEST(EvalFiles, judgements_of_trec_ms_marco_and_beir_are_the_same) {
  const std::string wanted = "q1: d1=2 d2=0;q2: d1=-1;";
  for (const char* text :
       {"q1 0 d1 2\nq2 0 d1 -1\nq1 0 d2 0\n", "q1\t0\td1\t2\r\n\r\nq2\t0\td1\t-1\r\nq1\t0\td2\t0",
        "query-id\tcorpus-id\tscore\nq1\td1\t+2\nq1\td2\t0\nq2\td1\t-1\n",
        "\xEF\xBB\xBFq1  0  d1  2 \n q1 Q0 d2 0\n\n  \nq2 x d1 -1\n", "q1\td1\t2\nq1\td2\t0\nq2\td1\t-1\n"}) {
    Ids ids;
    const auto qrels = qrels_of(text, ids, 7);
    ASSERT_TRUE(qrels.has_value()) << text << qrels.error().message;
    EXPECT_EQ(shown(*qrels, ids), wanted) << text;
  }
  Ids ids;
  EXPECT_EQ(shown(qrels_of("query7\td1\t1\n", ids).value(), ids), "query7: d1=1;");
  EXPECT_EQ(qrels_of("", ids).value().size(), 0U);
  EXPECT_EQ(qrels_of("query-id\tcorpus-id\tscore\n", ids).value().size(), 0U);
}

TEST(EvalFiles, beir_ids_may_hold_blanks) {
  Ids ids;
  EXPECT_EQ(shown(qrels_of("query-id\tcorpus-id\tscore\nq 1\tmy doc\t1\n", ids).value(), ids), "q 1: my doc=1;");
}

TEST(EvalFiles, bad_judgements_are_named_by_line) {
  Ids ids;
  expect_fault(qrels_of("q 0 d 1\nq 0 e\n", ids), "line 2: 3 columns (wanted 4");
  expect_fault(qrels_of("q 0 d 1\nq 0 e 1 7\n", ids), "line 2: 5 columns");
  expect_fault(qrels_of("q 0 d 1\n\nq 0 e one\n", ids), "line 3: the grade \"one\"");
  expect_fault(qrels_of("q 0 d 1.5\n", ids), "line 1: the grade \"1.5\"");
  expect_fault(qrels_of("q 0 d nan\n", ids), "line 1: the grade \"nan\"");
  expect_fault(qrels_of("q 0 d 99999999999\n", ids), "line 1: the grade");
  expect_fault(qrels_of("q 0 d -2000000000\n", ids), "line 1: the grade");
  expect_fault(qrels_of("q d\n", ids), "line 1: 2 columns");
  expect_fault(qrels_of("query-id\tcorpus-id\tscore\nq\td\t1\nq\t\t1\n", ids), "line 3: an empty id");
  expect_fault(qrels_of("query-id\tcorpus-id\tscore\nq 0 d 1\n", ids), "line 2: 1 columns (wanted 3");
  expect_fault(qrels_of("q 0 d 1\nr 0 d 1\nq 0 e 1\nq 0 d 0\n", ids),
               "line 4: query \"q\" has the document \"d\" a second time (first in line 1)");
  expect_fault(qrels_of("q 0 d 1\n" + std::string(70000, 'x') + "\n", ids), "line 2: longer than");
}

TEST(EvalFiles, runs_are_read_and_bad_ones_named_by_line) {
  Ids ids;
  const auto run = run_of("q Q0 d 1 2.5 x\nq Q0 e 2 -1e-3 x\np Q0 d 0 +7 x\n", ids).value();
  ASSERT_EQ(run.size(), 2U);
  EXPECT_EQ(run.items(0)[1].score, -1e-3);
  EXPECT_EQ(run.items(1)[0].score, 7.0);
  expect_fault(run_of("q Q0 d 1 2.5\n", ids), "line 1: 5 columns (wanted 6");
  expect_fault(run_of("q Q0 d 1 2.5 my run\n", ids), "line 1: 7 columns");
  expect_fault(run_of("q Q0 d 1 2 x\nq Q0 e -2 1 x\n", ids), "line 2: the rank \"-2\"");
  expect_fault(run_of("q Q0 d one 1 x\n", ids), "line 1: the rank \"one\"");
  for (const char* score : {"nan", "NaN", "inf", "-inf", "1e999", "high", "1,5", "0x10", "--1"}) {
    expect_fault(run_of("q Q0 d 1 " + std::string(score) + " x\n", ids), "line 1: the score \"" + std::string(score));
  }
  expect_fault(run_of("q Q0 d 1 2 x\nq Q0 d 2 1 x\n", ids), "line 2: query \"q\" has the document \"d\" a second time");
}

TEST(EvalFiles, lines_of_a_query_need_not_stand_together) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    std::vector<std::vector<std::string>> wanted(1 + rng() % 5);
    std::vector<std::string> lines;
    std::string text;
    for (std::size_t n = 0; n < 30; ++n) {
      const std::size_t query = rng() % wanted.size();
      wanted[query].push_back("d" + std::to_string(n));
      text += "q" + std::to_string(query) + " 0 d" + std::to_string(n) + " 1\n";
    }
    Ids ids;
    const auto qrels = qrels_of(text, ids, 1 + rng() % 40).value();
    EXPECT_EQ(qrels.num_items(), 30U);
    for (std::size_t query = 0; query < wanted.size(); ++query) {
      const auto number = ids.queries.find("q" + std::to_string(query));
      ASSERT_EQ(number.has_value(), !wanted[query].empty()) << "seed=" << seed;
      if (!number) continue;
      std::vector<std::string> read;
      for (const auto& item : qrels.items(qrels.find(*number).value())) {
        read.emplace_back(ids.documents.name(item.document));
      }
      EXPECT_EQ(read, wanted[query]) << "seed=" << seed;
    }
  }
}

TEST(EvalFiles, many_names_keep_their_numbers) {
  IdTable table;
  for (std::uint32_t i = 0; i < 20000; ++i) EXPECT_EQ(table.intern("name " + std::to_string(i)).value(), i);
  for (std::uint32_t i = 0; i < 20000; ++i) {
    EXPECT_EQ(table.find("name " + std::to_string(i)), i);
    EXPECT_EQ(table.name(i), "name " + std::to_string(i));
    EXPECT_EQ(table.intern("name " + std::to_string(i)).value(), i);
  }
  EXPECT_EQ(table.find("name 20000"), std::nullopt);
  EXPECT_EQ(table.intern("").value(), 20000U);
  EXPECT_EQ(IdTable().find("x"), std::nullopt);
}

TEST(EvalFiles, questions_of_json_lines_and_columns) {
  const auto json = topics_of("{\"_id\": \"a\", \"text\": \"what is it\"}\n{\"qid\": 7, \"query\": \"why\"}\n").value();
  ASSERT_EQ(json.size(), 2U);
  EXPECT_EQ(json[0].title, "what is it");
  EXPECT_EQ(json[1].id, "7");
  const auto columns = topics_of("a\twhat is it\r\n7\twhy\n").value();
  ASSERT_EQ(columns.size(), 2U);
  EXPECT_EQ(columns[1].title, "why");
  EXPECT_EQ(columns[1].line, 2U);
  EXPECT_TRUE(topics_of("").value().empty());
  const auto filtered = topics_of(
                            "{\"_id\": \"a\", \"text\": \"x\", \"filter\": \"id:a/*\"}\n\n{\"_id\": \"b\", \"text\": "
                            "\"y\", \"filter\": null}\n")
                            .value();
  EXPECT_EQ(filtered[0].filter, "id:a/*");
  EXPECT_EQ(filtered[1].filter, "");
  EXPECT_EQ(filtered[1].line, 3U);
  expect_fault(topics_of("{\"_id\": \"a\", \"text\": \"x\", \"filter\": [1]}\n"), "line 1: \"filter\" is no text");
  expect_fault(topics_of("{\"_id\": \"a\", \"text\": \"x\"}\n{\"_id\": \"b\"}\n"), "line 2: none of the keys text");
  expect_fault(topics_of("{\"_id\": \"a\", \"text\": \"x\"}\nnonsense\n"), "line 2: not a JSON object");
  expect_fault(topics_of("{\"_id\": \"\", \"text\": \"x\"}\n"), "line 1: an empty id");
  expect_fault(topics_of("a\tx\nb\n"), "line 2: 1 columns");
  expect_fault(topics_of("a\tx\nb\ty\na\tz\n"),
               "question 3: the id \"a\" is there a second time (first as question 1)");
}

TEST(EvalFiles, topics_of_trec_old_and_new) {
  const auto old =
      topics_of(
          "<top>\n\n<num> Number: 301\n<title> International Organized Crime\n\n<desc> Description:\n"
          "Identify organizations that\nparticipate in crime.\n\n<narr> Narrative:\nA relevant one\n</top>\n"
          "<top>\n<num> Number: 302 </num>\n<title> Poliomyelitis </title>\n</top>\n")
          .value();
  ASSERT_EQ(old.size(), 2U);
  EXPECT_EQ(old[0].id, "301");
  EXPECT_EQ(old[0].title, "International Organized Crime");
  EXPECT_EQ(old[0].description, "Identify organizations that participate in crime.");
  EXPECT_EQ(old[0].narrative, "A relevant one");
  EXPECT_EQ(old[1].id, "302");
  EXPECT_EQ(old[1].title, "Poliomyelitis");
  const auto recent = topics_of(
                          "<topics task=\"x\">\n<topic number=\"1\">\n<query>coronavirus origin</query>\n"
                          "<question>what is the origin</question><narrative>a < b</narrative>\n</topic>\n"
                          "<topic number='2'><title>second</title></topic></topics>\n")
                          .value();
  ASSERT_EQ(recent.size(), 2U);
  EXPECT_EQ(recent[0].title, "coronavirus origin what is the origin");
  EXPECT_EQ(recent[1].id, "2");
  expect_fault(topics_of("<top>\n<title> x\n</top>\n"), "line 3: a topic without a number");
  expect_fault(topics_of("<top>\n<num> 7\n</top>\n"), "line 3: topic \"7\" has no title");
  expect_fault(topics_of("<num> 7\n"), "line 1: <num> outside of a topic");
}

TEST(EvalFiles, an_absent_file_is_named) {
  Ids ids;
  expect_fault(read_qrels("/nowhere/qrels.txt", ids), "/nowhere/qrels.txt");
  expect_fault(read_run("/nowhere/a.trec", ids), "/nowhere/a.trec");
  expect_fault(read_topics("/nowhere/q.jsonl"), "/nowhere/q.jsonl");
}

}  // namespace
}  // namespace tamis::eval
