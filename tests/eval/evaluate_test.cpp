#include <gtest/gtest.h>
#include <tamis/eval/evaluate.h>
#include <tamis/eval/files.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <string>

#include "memory_stream.h"

namespace tamis::eval {
namespace {

Qrels qrels_of(std::string_view text, Ids& ids) {
  MemoryStream stream(text);
  return read_qrels(stream, ids).value();
}
Run run_of(std::string_view text, Ids& ids) {
  MemoryStream stream(text);
  return read_run(stream, ids).value();
}
std::string order(std::string_view text, TieRule ties) {
  Ids ids;
  const auto run = run_of(text, ids);
  std::vector<Hit> hits(run.items(0).begin(), run.items(0).end());
  sort_hits(hits, ties, ids);
  std::string out;
  for (const auto& hit : hits) out += std::string(ids.documents.name(hit.document)) + " ";
  return out;
}
/// "d=score d=score" of the first query, in its order.
std::string shown(const Run& run, const Ids& ids) {
  std::string out;
  if (run.size() == 0) return out;
  for (const auto& hit : run.items(0)) {
    out += std::string(ids.documents.name(hit.document)) + "=" + std::to_string(hit.score).substr(0, 4) + " ";
  }
  return out;
}

TEST(Evaluate, each_rule_breaks_ties_in_its_own_way) {
  const std::string run = "q Q0 b 1 1 x\nq Q0 a 2 2 x\nq Q0 c 3 2 x\nq Q0 B 4 1 x\n";
  EXPECT_EQ(order(run, TieRule::kTrecEval), "c a b B ");
  EXPECT_EQ(order(run, TieRule::kIdAscending), "a c B b ");
  EXPECT_EQ(order(run, TieRule::kAsGiven), "b a c B ");
  // Apart as float64, equal as float32: trec_eval keeps scores as the latter.
  const std::string close = "q Q0 a 1 1.00000000001 x\nq Q0 b 2 1 x\n";
  EXPECT_EQ(order(close, TieRule::kTrecEval), "b a ");
  EXPECT_EQ(order(close, TieRule::kIdAscending), "a b ");
}

TEST(Evaluate, runs_measured_in_pieces_have_the_values_of_the_whole) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    Ids ids;
    std::string judged, whole;
    std::vector<std::string> pieces(1 + rng() % 4);
    for (std::uint32_t query = 0; query < 12; ++query) {
      const std::string name = "q" + std::to_string(query);
      if (rng() % 4 != 0) judged += name + " 0 d" + std::to_string(rng() % 6) + " 1\n";
      std::string lines;
      for (std::uint32_t hit = 0; hit < rng() % 5; ++hit) {
        lines += name + " Q0 d" + std::to_string(hit) + " 1 " + std::to_string(rng() % 3) + " x\n";
      }
      whole += lines;
      pieces[rng() % pieces.size()] += lines;
    }
    const auto qrels = qrels_of(judged + "z 0 d 1\n", ids);
    const auto measures = parse_measures("RR nDCG@3").value();
    const auto expected = evaluate(run_of(whole, ids), qrels, measures, TieRule::kTrecEval, ids);
    auto sum = evaluate(eval::Run(), qrels, measures, TieRule::kTrecEval, ids);
    for (const auto& piece : pieces) sum.add(evaluate(run_of(piece, ids), qrels, measures, TieRule::kTrecEval, ids));
    EXPECT_EQ(sum.values, expected.values) << "seed=" << seed;
    EXPECT_EQ(sum.answered, expected.answered) << "seed=" << seed;
    EXPECT_EQ(sum.num_unjudged_queries, expected.num_unjudged_queries) << "seed=" << seed;
  }
}

TEST(Evaluate, queries_without_hits_count_as_0_or_not_at_all) {
  Ids ids;
  const auto qrels = qrels_of("q1 0 d 1\nq2 0 d 1\nq3 0 d 0\n", ids);
  const auto run = run_of("q1 Q0 d 1 1 x\nq3 Q0 d 1 1 x\nq9 Q0 d 1 1 x\n", ids);
  const auto measures = parse_measures("RR P@1").value();
  const auto values = evaluate(run, qrels, measures, TieRule::kTrecEval, ids);
  EXPECT_DOUBLE_EQ(values.mean(0, MissingQueries::kZero), 1.0 / 3);
  EXPECT_DOUBLE_EQ(values.mean(0, MissingQueries::kSkip), 1.0 / 2);
  EXPECT_EQ(values.num_unjudged_queries, 1U);
  EXPECT_EQ(values.answered, (std::vector<bool>{true, false, true}));
  const auto none = evaluate(run_of("", ids), qrels, measures, TieRule::kTrecEval, ids);
  EXPECT_EQ(none.mean(0, MissingQueries::kSkip), 0.0);
  EXPECT_EQ(paired_differences(values, none, 0, MissingQueries::kZero).values, (std::vector<double>{-1, 0, 0}));
  EXPECT_TRUE(paired_differences(values, none, 0, MissingQueries::kSkip).values.empty());
  const auto some = evaluate(run_of("q2 Q0 d 1 1 x\nq3 Q0 e 1 1 x\n", ids), qrels, measures, TieRule::kTrecEval, ids);
  EXPECT_EQ(paired_differences(values, some, 0, MissingQueries::kSkip).queries, (std::vector<std::size_t>{2}));
}

TEST(Evaluate, the_order_of_lines_and_of_ids_changes_nothing) {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    std::mt19937 rng(seed);
    std::vector<std::string> judged, hits;
    for (std::uint32_t d = 0; d < 20; ++d) {
      for (const char* query : {"q1", "q2"}) {
        if (rng() % 2 == 0)
          judged.push_back(std::string(query) + " 0 d" + std::to_string(d) + " " + std::to_string(rng() % 3) + "\n");
        if (rng() % 2 == 0)
          hits.push_back(std::string(query) + " Q0 d" + std::to_string(d) + " 1 " + std::to_string(rng() % 4) + " x\n");
      }
    }
    judged.emplace_back("q1 0 z 1\n");
    judged.emplace_back("q2 0 z 1\n");
    const auto measures = parse_measures("nDCG@5 AP Bpref infAP R@3").value();
    std::vector<double> means;
    for (int round = 0; round < 2; ++round) {
      std::string qrels_text, run_text;
      for (const auto& line : judged) qrels_text += line;
      for (const auto& line : hits) run_text += line;
      Ids ids;
      if (round == 1) (void)run_of(run_text, ids);  // ids come in another order
      const auto qrels = qrels_of(qrels_text, ids);
      const auto values = evaluate(run_of(run_text, ids), qrels, measures, TieRule::kTrecEval, ids);
      for (std::size_t m = 0; m < measures.size(); ++m) {
        const double mean = values.mean(m, MissingQueries::kZero);
        if (round == 0) means.push_back(mean);
        EXPECT_NEAR(mean, means[m], 1e-12) << "seed=" << seed;
      }
      std::shuffle(judged.begin(), judged.end(), rng);
      std::shuffle(hits.begin(), hits.end(), rng);
    }
  }
}

TEST(Evaluate, documents_have_the_scores_of_their_passages) {
  Ids ids;
  const auto run =
      run_of("q Q0 a#10 1 5 x\nq Q0 b#1 2 4 x\nq Q0 a#9 3 3 x\nq Q0 a#11 4 1 x\nq Q0 c 5 2 x\nq Q0 b#b#2 6 1 x\n", ids);
  const auto documents = [&](PassageOptions options) {
    return shown(documents_of_passages(run, options, ids).value(), ids);
  };
  EXPECT_EQ(documents({PassageRule::kMax}), "a=5.00 b=4.00 c=2.00 b#b=1.00 ");
  EXPECT_EQ(documents({PassageRule::kFirst}), "a=3.00 b=4.00 c=2.00 b#b=1.00 ");
  EXPECT_EQ(documents({PassageRule::kSum}), "a=9.00 b=4.00 c=2.00 b#b=1.00 ");
  EXPECT_EQ(documents({PassageRule::kTopMean, "#", 2}), "a=4.00 b=4.00 c=2.00 b#b=1.00 ");
  EXPECT_EQ(documents({PassageRule::kMax, "%%"}), shown(run, ids));
  EXPECT_FALSE(documents_of_passages(run, {PassageRule::kMax, ""}, ids));
  EXPECT_FALSE(documents_of_passages(run, {PassageRule::kTopMean, "#", 0}, ids));
  EXPECT_FALSE(documents_of_passages(run_of("q Q0 #1 1 5 x\n", ids), {}, ids));
}

TEST(Evaluate, with_one_passage_a_document_all_rules_are_the_run_itself) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 rng(seed);
    std::string text, wanted;
    for (std::uint32_t d = 0; d < 1 + rng() % 20; ++d) {
      const std::string score = std::to_string(rng() % 100);
      text += "q Q0 d" + std::to_string(d) + "#" + std::to_string(rng() % 9) + " 1 " + score + " x\n";
      wanted += "q Q0 d" + std::to_string(d) + " 1 " + score + " x\n";
    }
    Ids ids;
    const auto passages = run_of(text, ids);
    const std::string expected = shown(run_of(wanted, ids), ids);
    for (const auto rule : {PassageRule::kMax, PassageRule::kFirst, PassageRule::kSum, PassageRule::kTopMean}) {
      EXPECT_EQ(shown(documents_of_passages(passages, {rule}, ids).value(), ids), expected) << "seed=" << seed;
    }
  }
}

TEST(Evaluate, hits_with_the_own_id_of_a_query_are_taken_out) {
  Ids ids;
  const auto run = run_of("a Q0 a 1 5 x\na Q0 b 2 4 x\nb Q0 a 1 1 x\nc Q0 c 1 1 x\n", ids);
  const auto cleaned = without_self_matches(run, ids).value();
  EXPECT_EQ(cleaned.size(), 2U);
  EXPECT_EQ(cleaned.num_items(), 2U);
  EXPECT_EQ(shown(cleaned, ids), "b=4.00 ");
}

TEST(Evaluate, rules_have_names) {
  EXPECT_EQ(tie_rule_from("given").value(), TieRule::kAsGiven);
  EXPECT_FALSE(tie_rule_from("random"));
  EXPECT_EQ(passage_rule_from("mean").value(), PassageRule::kTopMean);
  EXPECT_FALSE(passage_rule_from("median"));
  EXPECT_EQ(missing_queries_from("skip").value(), MissingQueries::kSkip);
  EXPECT_FALSE(missing_queries_from("maybe"));
}

/// Reference runs over the judgements of a pool, whose values are known to four digits.
TEST(Evaluate, known_values_of_the_trec_dl19_pool) {
  const char* set = std::getenv("TAMIS_DATA");
  const auto folder = std::filesystem::path(set != nullptr ? set : "../shared/data") / "trec-dl19-pool";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "no judged collections in " << folder << ": set TAMIS_DATA; NOTHING WAS COMPARED";
  }
  Ids ids;
  const auto qrels = read_qrels(folder / "qrels/test.tsv", ids).value();
  EXPECT_EQ(qrels.size(), 43U);
  EXPECT_EQ(qrels.num_items(), 4337U);
  const auto measures = parse_measures("nDCG@10").value();
  const std::map<std::string, double> known = {
      {"bm25", 0.5071}, {"tasb", 0.7235}, {"splade-pp-ed", 0.7332}, {"ada2", 0.7055}};
  for (const auto& [name, value] : known) {
    const auto run = read_run(folder / "runs" / (name + ".trec"), ids).value();
    const auto values = evaluate(run, qrels, measures, TieRule::kTrecEval, ids);
    EXPECT_NEAR(values.mean(0, MissingQueries::kZero), value, 5e-5) << name;
  }
  EXPECT_EQ(read_topics(folder / "queries.jsonl").value().size(), 43U);
}

}  // namespace
}  // namespace tamis::eval
