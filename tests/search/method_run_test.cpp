#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tamis/search/pipeline.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>

#include "fuse_lists.h"
#include "world.h"

namespace tamis::search {
namespace {

constexpr const char* kWords[] = {"ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen", "ibis", "jay"};

/// A vector of how often a text has each letter.
sparse::SparseVector letters_of(std::string_view text) {
  std::map<TermId, float> counts;
  for (const char c : text) {
    if (c >= 'a' && c <= 'z') counts[static_cast<TermId>(c - 'a')] += 1;
  }
  sparse::SparseVector out;
  for (const auto& [term, count] : counts) {
    out.terms.push_back(term);
    out.weights.push_back(count);
  }
  return out;
}

class Letters final : public sparse::TextEncoder::Worker {
 public:
  Status encode(std::span<const std::string_view> texts, std::span<sparse::SparseVector> out) override {
    for (std::size_t i = 0; i < texts.size(); ++i) out[i] = letters_of(texts[i]);
    return ok();
  }
  Status explain(std::string_view, sparse::SparseVector&, std::vector<sparse::TermOrigin>&) override { return ok(); }
};

/// The number of letters e, and how often it was asked.
class CountsE final : public Reranker {
 public:
  Status score(std::string_view, std::span<const Candidate> candidates, std::span<float> out) override {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      out[i] = static_cast<float>(std::count(candidates[i].text.begin(), candidates[i].text.end(), 'e'));
      asked.insert(candidates[i].id);
    }
    return ok();
  }
  std::set<PassageId> asked;
};

struct World {
  explicit World(std::mt19937& rng) : collection(passages(rng), 1 + rng() % 3, 0.0F) {
    std::map<PassageId, sparse::SparseVector> vectors;
    for (const auto& one : collection.passages()) vectors[one.id] = letters_of(one.body);
    collection.add_vectors("letters", vectors);
  }
  static std::string words(std::mt19937& rng, std::size_t count) {
    std::string text;
    while (count-- > 0) text += (text.empty() ? "" : " ") + std::string(kWords[rng() % std::size(kWords)]);
    return text;
  }
  static std::vector<TestPassage> passages(std::mt19937& rng) {
    text::Analyzer analyzer;
    std::vector<TestPassage> out;
    for (PassageId id = 1; id <= 40; ++id) {
      TestPassage passage;
      passage.id = id;
      passage.body = words(rng, 1 + rng() % 8);
      passage.year = static_cast<int>(rng() % 2);
      passage.document = id / 3;
      passage.deleted = rng() % 8 == 0;
      index_passage(analyzer, rng, 4, passage);
      out.push_back(passage);
    }
    return out;
  }
  ParsedQuery random_query(std::mt19937& rng) const {
    auto text = words(rng, 1 + rng() % 3);
    if (rng() % 4 == 0) text += " \"" + words(rng, 2) + "\"";
    if (rng() % 3 == 0) text += " year:1";
    if (rng() % 4 == 0) text += " -" + words(rng, 1);
    return parse_query(text, collection.field_names()).value();
  }
  SearchOptions options(std::string_view method, std::uint32_t k = 100) {
    SearchOptions out;
    out.k = k;
    out.method = parse_method(method).value();
    out.encoders.push_back({"letters", &worker});
    out.rerankers.push_back({"counts-e", &reranker});
    return out;
  }
  std::vector<ScoredPassage> run(const ParsedQuery& query, const SearchOptions& options) {
    return searcher.search(collection, query, options).value().passages;
  }
  std::vector<ScoredPassage> run(const ParsedQuery& query, std::string_view method, std::uint32_t k = 100) {
    return run(query, options(method, k));
  }
  TestCollection collection;
  Letters worker;
  CountsE reranker;
  Searcher searcher;
};

std::string show(const std::vector<ScoredPassage>& passages) {
  std::string out;
  for (const auto& one : passages) out += fmt::format("{}:{:.5f} ", one.id, one.score);
  return out;
}
std::set<PassageId> ids_of(const std::vector<ScoredPassage>& passages) {
  std::set<PassageId> out;
  for (const auto& one : passages) out.insert(one.id);
  return out;
}

TEST(MethodRun, fuses_the_lists_that_its_fields_find_alone) {
  for (std::uint32_t seed = 0; seed < 80; ++seed) {
    std::mt19937 rng(seed);
    World world(rng);
    const auto query = world.random_query(rng);
    for (const auto& info : known_fusions().subspan(1)) {
      const auto method = fmt::format("letters*2+bm25:{}", info.name);
      const auto options = world.options(method);
      const std::vector<WeightedList> lists = {{world.run(query, "letters"), 2}, {world.run(query, "bm25"), 1}};
      const bool phrased = std::any_of(query.clauses.begin(), query.clauses.end(),
                                       [](const auto& one) { return one.kind == Clause::Kind::kPhrase; });
      const auto found = world.run(query, options);
      if (phrased) {  // the same passages; their values are those of longer lists
        EXPECT_EQ(ids_of(found), ids_of(fuse(lists, options.method.fusion))) << method << " seed=" << seed;
      } else {
        EXPECT_EQ(show(found), show(fuse(lists, options.method.fusion))) << method << " seed=" << seed;
      }
      const auto few = world.run(query, method, 3);
      EXPECT_EQ(few.size(), std::min<std::size_t>(3, found.size())) << method << " seed=" << seed;
      for (std::size_t i = 0; i < few.size() && !phrased; ++i) EXPECT_EQ(few[i].id, found[i].id) << method;
      auto grouped = world.options(method);
      grouped.group_documents = true;
      std::set<DocumentId> documents;
      for (const auto& one : world.run(query, grouped)) {
        EXPECT_TRUE(documents.insert(world.collection.document_of(one.id).value()).second) << method;
      }
    }
  }
}

TEST(MethodRun, feedback_of_nothing_changes_nothing) {
  struct Same {
    const char *plain, *fancy;
    bool scores = true;
  };
  constexpr Same kSame[] = {{"bm25", "bm25>rm3(beta=0)"},
                            {"bm25", "bm25>bo1(docs=0)"},
                            {"bm25", "bm25>prune(terms=100)"},
                            {"letters", "letters>rocchio(docs=0)"},
                            {"letters+bm25:minmax", "letters+bm25:minmax>rocchio(beta=0)"},
                            {"letters+bm25:rrf", "(letters>rocchio(beta=0))+(bm25>rm3(docs=0)):rrf>rocchio(docs=0)"},
                            {"bm25", "letters+bm25>only:bm25"},
                            {"letters+bm25:rrf", "letters*4+bm25*4:rrf", false},
                            {"letters*3+bm25:minmax", "letters*3+bm25:minmax>rerank:counts-e(weight=0,n=1000)", false}};
  for (std::uint32_t seed = 0; seed < 80; ++seed) {
    std::mt19937 rng(seed);
    World world(rng);
    const auto query = world.random_query(rng);
    for (const auto& [plain, fancy, scores] : kSame) {
      const auto wanted = world.run(query, plain);
      const auto found = world.run(query, fancy);
      ASSERT_EQ(found.size(), wanted.size()) << fancy << " seed=" << seed;
      for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_EQ(found[i].id, wanted[i].id) << fancy << " seed=" << seed << " rank " << i;
        if (scores) {
          ASSERT_EQ(found[i].score, wanted[i].score) << fancy << " seed=" << seed;
        }
      }
    }
  }
}

TEST(MethodRun, feedback_finds_more_and_keeps_filters_and_phrases) {
  std::size_t more = 0;
  for (std::uint32_t seed = 0; seed < 80; ++seed) {
    std::mt19937 rng(seed);
    World world(rng);
    const auto query = world.random_query(rng);
    for (const auto* method : {"bm25>rm3(common=1)", "bm25>bo1", "bm25>rocchio", "letters+bm25>rocchio",
                               "(letters>rocchio)+bm25:rrf", "(bm25>rm3)+letters:percentile>bo1>rocchio"}) {
      const auto before = world.run(query, to_string(without_steps(parse_method(method).value())));
      const auto found = world.run(query, method);
      more += found.size() > before.size() ? 1 : 0;
      for (const auto id : ids_of(before)) {
        EXPECT_TRUE(ids_of(found).contains(id)) << method << " seed=" << seed << " lost " << id;
      }
      for (const auto& one : found) {
        const auto& all = world.collection.passages();
        const auto& passage = all[one.id - 1];
        EXPECT_FALSE(passage.deleted) << method << " seed=" << seed;
        for (const auto& clause : query.clauses) {
          if (clause.kind == Clause::Kind::kField) {
            EXPECT_EQ(passage.year, 1) << method << " seed=" << seed;
          }
          const bool has = (' ' + passage.body + ' ').find(' ' + clause.text + ' ') != std::string::npos;
          if (clause.kind == Clause::Kind::kPhrase) {
            EXPECT_TRUE(has) << method << " seed=" << seed;
          }
          if (clause.need == Clause::Need::kNot) {
            EXPECT_FALSE(has) << method << " seed=" << seed;
          }
        }
      }
    }
  }
  EXPECT_GT(more, 50U) << "expanded questions find what the plain ones do not";
}

TEST(MethodRun, reranks_by_another_field_as_that_field_scores) {
  for (std::uint32_t seed = 0; seed < 80; ++seed) {
    std::mt19937 rng(seed);
    World world(rng);
    const auto query = world.random_query(rng);
    const auto n = 1 + rng() % 12;
    const auto before = world.run(query, "bm25");
    std::map<PassageId, Score> letters;
    for (const auto& [id, score] : world.run(query, "letters", 1000)) letters[id] = score;
    std::vector<ScoredPassage> wanted;
    for (std::size_t i = 0; i < std::min<std::size_t>(n, before.size()); ++i) {
      wanted.push_back({before[i].id, letters[before[i].id]});
    }
    std::stable_sort(wanted.begin(), wanted.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    const auto found = world.run(query, fmt::format("bm25>rerank:letters(n={})", n));
    ASSERT_EQ(found.size(), before.size()) << "seed=" << seed;
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i].id, i < wanted.size() ? wanted[i].id : before[i].id) << "seed=" << seed << " n=" << n;
      if (i < wanted.size()) {
        ASSERT_EQ(found[i].score, wanted[i].score);
      }
      if (i > 0) {
        ASSERT_LE(found[i].score, found[i - 1].score);
      }
    }
  }
}

TEST(MethodRun, short_questions_rescored_whole_have_the_whole_scores) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 rng(seed);
    World world(rng);
    const auto query = plain_query(World::words(rng, 4)).value();
    std::map<PassageId, Score> whole;
    for (const auto& [id, score] : world.run(query, "letters")) whole[id] = score;
    // The question is asked whole again by a field that only reranks.
    const auto found = world.run(query, "bm25>prune(terms=1)>rerank:letters(n=1000)");
    ASSERT_FALSE(found.empty());
    for (const auto& [id, score] : found) ASSERT_EQ(score, whole[id]) << "seed=" << seed;
  }
}

TEST(MethodRun, a_reranker_sees_only_what_passes_and_only_the_first) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 rng(seed);
    World world(rng);
    const auto query = world.random_query(rng);
    const auto before = world.run(query, "letters+bm25");
    const auto found = world.run(query, "letters+bm25>rerank:counts-e(n=5,weight=1)");
    EXPECT_EQ(ids_of(found), ids_of(before)) << "seed=" << seed;
    EXPECT_EQ(world.reranker.asked.size(), std::min<std::size_t>(5, before.size())) << "seed=" << seed;
    for (std::size_t i = 0; i < std::min<std::size_t>(5, before.size()); ++i) {
      EXPECT_TRUE(world.reranker.asked.contains(before[i].id)) << "seed=" << seed;
    }
  }
}

TEST(MethodRun, marked_passages_are_a_question_of_their_own) {
  std::mt19937 rng(1);
  World world(rng);
  std::size_t first = 0, last = 0, asked = 0;
  for (const auto& passage : world.collection.passages()) {
    if (passage.deleted) continue;
    ++asked;
    for (const auto* method : {"bm25", "letters", "letters+bm25:minmax", "letters+bm25:rrf"}) {
      auto options = world.options(method);
      options.like = {passage.id};
      const auto like = world.run(ParsedQuery(), options);
      ASSERT_FALSE(like.empty()) << method;
      const auto place = std::find_if(like.begin(), like.end(), [&](const auto& one) { return one.id == passage.id; });
      first += place - like.begin() < 8 ? 1 : 0;
      options.like = {};
      options.unlike = {passage.id};
      const auto query = plain_query(passage.body).value();
      const auto with = world.run(query, options);
      const auto without = world.run(query, method);
      const auto score_in = [&](const std::vector<ScoredPassage>& hits) {
        const auto at = std::find_if(hits.begin(), hits.end(), [&](const auto& one) { return one.id == passage.id; });
        return at == hits.end() ? 1000 : at - hits.begin();
      };
      last += score_in(with) >= score_in(without) ? 1 : 0;
    }
  }
  EXPECT_GT(first, 4 * asked * 8 / 10) << "a passage is like itself";
  EXPECT_GT(last, 4 * asked * 7 / 10) << "of " << 4 * asked;
  auto options = world.options("bm25");
  options.like = {12345};
  const auto unknown = world.searcher.search(world.collection, ParsedQuery(), options);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::kNotFound);
  options.like = {};
  EXPECT_FALSE(world.searcher.search(world.collection, ParsedQuery(), options)) << "an empty query";
}

TEST(MethodRun, what_it_cannot_do_is_said) {
  std::mt19937 rng(2);
  World world(rng);
  const auto query = plain_query("ant").value();
  for (const auto& [method, what] :
       std::initializer_list<std::pair<const char*, const char*>>{{"letters>rm3", "field of words"},
                                                                  {"(letters>bo1)+bm25", "field of words"},
                                                                  {"bm25>rerank:nobody", "no field nobody"},
                                                                  {"nobody", "no field nobody"}}) {
    const auto result = world.searcher.search(world.collection, query, world.options(method));
    ASSERT_FALSE(result) << method;
    EXPECT_EQ(result.error().code, Code::kInvalidArgument);
    EXPECT_NE(result.error().message.find(what), std::string::npos) << result.error().message;
  }
}

TEST(MethodRun, explains_what_each_field_and_reranking_brought) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 rng(seed);
    World world(rng);
    const auto query = plain_query(World::words(rng, 3)).value();
    for (const auto* method : {"bm25", "letters*3+bm25:minmax", "letters+bm25*2:rrf", "letters+bm25:combmnz>rocchio",
                               "letters+bm25:rrf>rerank:counts-e(n=4)"}) {
      const auto options = world.options(method, 10);
      for (const auto& hit : world.run(query, options)) {
        const auto shares = world.searcher.explain(world.collection, query, options, hit.id).value();
        double sum = 0;
        bool reranked = false;
        for (const auto& share : shares) {
          reranked = reranked || share.field == "rerank:counts-e";
          if (share.field == "rerank:counts-e") {
            EXPECT_EQ(share.share, hit.score) << method;
          } else {
            sum += static_cast<double>(share.share);
          }
        }
        const bool may_be_reranked = options.method.steps.size() == 1 && options.method.steps[0].name != "rocchio";
        if (!may_be_reranked) {
          EXPECT_NEAR(sum, static_cast<double>(hit.score), 1e-4 * (1 + sum)) << method << " seed=" << seed;
        }
        EXPECT_TRUE(!reranked || may_be_reranked);
      }
    }
  }
}

}  // namespace
}  // namespace tamis::search
