#include <gtest/gtest.h>
#include <tamis/search/pipeline.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "naive.h"
#include "world.h"

namespace tamis::search {
namespace {

// Words whose stems differ between the languages and meet in some.
constexpr const char* kWords[] = {"run",    "running", "runs", "haus",   "hauses", "rain",      "raining",
                                  "houses", "house",   "die",  "dies",   "log",    "logs",      "logging",
                                  "file",   "files",   "42",   "straße", "日本語", "getLogFile"};
constexpr text::Language kLanguages[] = {text::Language::kEnglish, text::Language::kGerman, text::Language::kNone};

std::string random_text(std::mt19937& rng, std::size_t max_words) {
  std::string text;
  for (auto count = rng() % (max_words + 1); count > 0; --count) {
    if (!text.empty()) text += rng() % 5 == 0 ? ", " : " ";
    text += kWords[rng() % (rng() % 2 == 0 ? 6 : std::size(kWords) - 1)];  // without getLogFile: see PhraseCheck
  }
  return text;
}

std::vector<TestPassage> random_passages(std::mt19937& rng, std::size_t num_segments) {
  text::Analyzer analyzer;
  std::vector<TestPassage> passages;
  const std::uint32_t max_level = rng() % 2 == 0 ? 1 : 5;
  PassageId id = rng() % 3;
  for (auto count = 1 + rng() % 40; count > 0; --count) {
    TestPassage passage;
    passage.id = id += 1 + rng() % 3;
    passage.language = kLanguages[rng() % 8 < 5 ? 0 : rng() % 3];
    passage.title = random_text(rng, 2);
    passage.body = random_text(rng, 12);
    passage.year = static_cast<int>(rng() % 4);
    passage.document = id / 4;
    passage.segment = rng() % num_segments;
    passage.deleted = rng() % 6 == 0;
    index_passage(analyzer, rng, max_level, passage);
    passages.push_back(passage);
  }
  return passages;
}

Clause random_clause(std::mt19937& rng) {
  Clause clause;
  const auto kind = rng() % 8;
  clause.kind = kind < 4 ? Clause::Kind::kWords : kind < 6 ? Clause::Kind::kPhrase : Clause::Kind::kField;
  clause.need = static_cast<Clause::Need>(rng() % 3);
  if (clause.kind == Clause::Kind::kField) {
    if (clause.need == Clause::Need::kShould) clause.need = Clause::Need::kMust;
    clause.field = "year";
    clause.compare = static_cast<Clause::Compare>(rng() % 5);
    clause.text = std::to_string(rng() % 4);
    return clause;
  }
  clause.text = random_text(rng, clause.kind == Clause::Kind::kPhrase ? 2 : 3);
  if (rng() % 20 == 0) clause.text += " xyzzy";
  if (clause.text.empty()) clause.text = rng() % 2 == 0 ? "!" : kWords[rng() % std::size(kWords)];
  return clause;
}

ParsedQuery random_query(std::mt19937& rng) {
  ParsedQuery query;
  for (auto count = 1 + rng() % 3; count > 0; --count) query.clauses.push_back(random_clause(rng));
  return query;
}

std::string show(const std::vector<ScoredPassage>& passages) {
  std::string out;
  for (const auto& passage : passages) out += std::to_string(passage.id) + ':' + std::to_string(passage.score) + ' ';
  return out;
}
std::string show(const ParsedQuery& query) {
  std::string out;
  for (const auto& clause : query.clauses) {
    out += std::string(1, "?+-"[static_cast<int>(clause.need)]) + "wpf"[static_cast<int>(clause.kind)] + '<' +
           clause.text + "> ";
  }
  return out;
}
bool asks_for_something(const ParsedQuery& query) {
  text::Analyzer analyzer;
  return std::any_of(query.clauses.begin(), query.clauses.end(), [&](const Clause& clause) {
    return clause.kind == Clause::Kind::kField || !terms_of(analyzer, clause.text, text::Language::kNone).empty();
  });
}

TEST(Searcher, every_combination_of_clauses_finds_what_its_definition_finds) {
  Searcher searcher;
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    std::mt19937 rng(seed);
    const std::size_t num_segments = 1 + rng() % 4;
    const TestCollection collection(random_passages(rng, num_segments), num_segments, rng() % 2 == 0 ? 0.0F : 0.5F);
    Naive naive(collection);
    for (int i = 0; i < 12; ++i) {
      const auto query = random_query(rng);
      SearchOptions options;
      options.k = static_cast<std::uint32_t>(rng() % 13);
      options.group_documents = rng() % 3 == 0;
      const auto found = searcher.search(collection, query, options);
      if (!asks_for_something(query)) {
        ASSERT_FALSE(found) << show(query) << " seed=" << seed;
        EXPECT_EQ(found.error().code, Code::kInvalidArgument);
        continue;
      }
      ASSERT_TRUE(found) << found.error().message << " seed=" << seed;
      ASSERT_EQ(show(found->passages), show(naive.search(query, options)))
          << show(query) << " k=" << options.k << " group=" << options.group_documents << " seed=" << seed;
    }
  }
}

TEST(Searcher, segments_do_not_show_in_answers) {
  Searcher searcher;
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 rng(seed);
    auto passages = random_passages(rng, 4);
    const TestCollection split(passages, 4, 0.5F);
    for (auto& passage : passages) passage.segment = 0;
    const TestCollection whole(passages, 1, 0.5F);
    for (int i = 0; i < 4; ++i) {
      const auto query = random_query(rng);
      if (!asks_for_something(query)) continue;
      const auto a = searcher.search(split, query, {}).value();
      const auto b = searcher.search(whole, query, {}).value();
      EXPECT_EQ(show(a.passages), show(b.passages)) << show(query) << " seed=" << seed;
      EXPECT_EQ(a.unknown_words, b.unknown_words) << show(query) << " seed=" << seed;
    }
  }
}

TEST(Searcher, every_algorithm_gives_the_same_answer) {
  Searcher searcher;
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 rng(seed);
    const TestCollection collection(random_passages(rng, 2), 2, 0.0F);
    const auto query = random_query(rng);
    if (!asks_for_something(query)) continue;
    const auto expected = searcher.search(collection, query, {}).value();
    for (const auto name : index::query_algorithm_names()) {
      SearchOptions options;
      options.algorithm = name;
      EXPECT_EQ(show(searcher.search(collection, query, options).value().passages), show(expected.passages))
          << name << ' ' << show(query) << " seed=" << seed;
    }
  }
}

/// Passages with the given bodies and ids 1, 2, …
TestCollection collection_of(const std::vector<std::pair<std::string, text::Language>>& bodies,
                             float title_weight = 0) {
  text::Analyzer analyzer;
  std::mt19937 rng(1);
  std::vector<TestPassage> passages;
  for (const auto& [body, language] : bodies) {
    TestPassage passage;
    passage.id = passages.size() + 1;
    passage.document = passage.id;
    passage.language = language;
    const auto cut = body.find('|');
    if (cut != std::string::npos) passage.title = body.substr(0, cut);
    passage.body = cut == std::string::npos ? body : body.substr(cut + 1);
    index_passage(analyzer, rng, 1, passage);
    passages.push_back(passage);
  }
  return TestCollection(std::move(passages), 1, title_weight);
}
std::vector<PassageId> ids(const SearchResult& result) {
  std::vector<PassageId> out;
  for (const auto& passage : result.passages) out.push_back(passage.id);
  return out;
}
SearchResult run(const TestCollection& collection, std::string_view text, SearchOptions options = {}) {
  return Searcher().search(collection, parse_query(text, collection.field_names()).value(), options).value();
}
SearchOptions top(std::uint32_t k) {
  SearchOptions options;
  options.k = k;
  return options;
}
using Ids = std::vector<PassageId>;
constexpr auto kEn = text::Language::kEnglish;
constexpr auto kDe = text::Language::kGerman;
constexpr auto kNo = text::Language::kNone;

TEST(Searcher, a_word_weighs_the_same_in_all_its_spellings) {
  // "proteins" is a rare spelling (one passage has no language), but the word is a common one.
  std::vector<std::pair<std::string, text::Language>> bodies(30, {"protein", kEn});
  bodies.push_back({"proteins", kNo});
  bodies.push_back({"rare protein", kEn});
  const auto collection = collection_of(bodies);
  const auto found = run(collection, "rare proteins");
  EXPECT_EQ(found.passages.front().id, 32U);
  EXPECT_EQ(found.passages[1].score, found.passages[2].score);
  EXPECT_EQ(ids(run(collection, "proteins", top(31))).back(), 31U);
}

TEST(Searcher, a_repeated_word_counts_as_often_as_it_occurs) {
  const auto collection = collection_of({{"rain", kEn}, {"log", kEn}, {"log rain", kEn}});
  EXPECT_EQ(ids(run(collection, "log rain rain")), (Ids{3, 1, 2}));
  EXPECT_EQ(ids(run(collection, "log log rain")), (Ids{3, 2, 1}));
}

TEST(Searcher, words_are_found_in_the_language_of_each_passage) {
  const auto collection = collection_of({{"the houses", kEn}, {"die häuser", kDe}, {"houses", kNo}, {"house", kNo}});
  EXPECT_EQ(ids(run(collection, "house")), (Ids{1, 4}));
  EXPECT_EQ(ids(run(collection, "houses")), (Ids{1, 3}));
  EXPECT_EQ(ids(run(collection, "Haus")), (Ids{2}));
  EXPECT_EQ(ids(run(collection, "+houses the")), (Ids{1, 3}));
}

TEST(Searcher, phrases_want_consecutive_stems_in_the_language_of_the_passage) {
  const auto collection = collection_of({{"logging of rotated files", kEn},
                                         {"rotate the file", kEn},
                                         {"rotating files", kEn},
                                         {"rotated files", kNo},
                                         {"files, rotating", kEn}});
  EXPECT_EQ(ids(run(collection, "\"rotate file\"")), (Ids{1, 3}));
  EXPECT_EQ(ids(run(collection, "\"rotated files\"")), (Ids{1, 3, 4}));
  EXPECT_EQ(ids(run(collection, "files -\"rotating files\"")), (Ids{2, 4, 5}));
  EXPECT_EQ(ids(run(collection, "\"rotate unheard\"")), Ids{});
  EXPECT_EQ(run(collection, "\"rotate unheard\"").unknown_words, std::vector<std::string>{"unheard"});
}

TEST(Searcher, phrases_go_deeper_until_k_are_found) {
  std::vector<std::pair<std::string, text::Language>> bodies(200, {"b a", kEn});
  for (const std::size_t at : {50U, 120U, 199U}) bodies[at].first = "a b";
  const auto collection = collection_of(bodies);
  EXPECT_EQ(ids(run(collection, "\"a b\"", top(2))), (Ids{51, 121}));
  EXPECT_EQ(collection.texts_read, 121U);  // none twice, none further than needed
  EXPECT_EQ(ids(run(collection, "\"a b\"")), (Ids{51, 121, 200}));
}

TEST(Searcher, phrases_read_only_texts_that_have_their_words) {
  const auto wanted = collection_of({{"a c", kEn}, {"a b", kEn}, {"b", kEn}, {"b a", kEn}});
  EXPECT_EQ(ids(run(wanted, "\"a b\"")), (Ids{2}));
  EXPECT_EQ(wanted.texts_read, 2U);
  const auto collection = collection_of({{"a c", kEn}, {"b c", kEn}, {"a b c", kEn}, {"b a c", kEn}});
  EXPECT_EQ(ids(run(collection, "c -\"a b\"")), (Ids{1, 2, 4}));
  EXPECT_EQ(collection.texts_read, 2U);
}

TEST(Searcher, identifiers_and_bigrams_can_stand_in_phrases) {
  const auto collection = collection_of({{"call getLogFile now", kEn}, {"get a log file", kEn}, {"東京都庁前", kNo}});
  EXPECT_EQ(ids(run(collection, "\"log file\"")), (Ids{1, 2}));
  EXPECT_EQ(ids(run(collection, "\"get log file now\"")), (Ids{1}));
  EXPECT_EQ(ids(run(collection, "\"call getLogFile now\"")), (Ids{1}));
  EXPECT_EQ(ids(run(collection, "\"call now\"")), Ids{});
  EXPECT_EQ(ids(run(collection, "\"都庁\"")), (Ids{3}));
  EXPECT_EQ(ids(run(collection, "\"東京都\"")), (Ids{3}));
  EXPECT_EQ(ids(run(collection, "\"東京 庁前\"")), Ids{});
}

TEST(Searcher, title_weight_lifts_titles) {
  const auto collection = collection_of({{"rain", kEn}, {"rain|x", kEn}}, 0);
  EXPECT_EQ(ids(run(collection, "rain")), (Ids{1, 2}));
  SearchOptions options;
  options.title_weight = 0.5F;
  EXPECT_EQ(ids(run(collection, "rain", options)), (Ids{2, 1}));
}

TEST(Searcher, filters_alone_rank_by_id) {
  const auto collection = collection_of({{"a", kEn}, {"b", kEn}, {"a b", kEn}});
  const auto found = run(collection, "-b");
  EXPECT_EQ(ids(found), (Ids{1}));
  EXPECT_EQ(found.passages.front().score, 0.0F);
  EXPECT_EQ(ids(run(collection, "year:0")), (Ids{1, 2, 3}));
  EXPECT_EQ(ids(run(collection, "-\"a b\"", top(2))), (Ids{1, 2}));
}

TEST(Searcher, empty_queries_are_errors_and_unknown_words_are_not) {
  const auto collection = collection_of({{"rain", kEn}});
  for (const char* text : {"", "  ", "!?", "\"\"", "+!", "-?", "\"!\""}) {
    const auto found = Searcher().search(collection, parse_query(text, {}).value(), {});
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().code, Code::kInvalidArgument);
    EXPECT_EQ(found.error().message.substr(0, 12), "empty query:") << found.error().message;
  }
  const auto found = run(collection, "snow rain snow Hail");
  EXPECT_EQ(found.unknown_words, (std::vector<std::string>{"snow", "Hail"}));
  EXPECT_EQ(found.num_query_terms, 1U);
  EXPECT_TRUE(run(collection, "snow").passages.empty());
  EXPECT_TRUE(run(collection, "+snow rain").passages.empty());
  EXPECT_EQ(ids(run(collection, "rain -snow")), (Ids{1}));
}

TEST(Searcher, an_empty_collection_finds_nothing) {
  const TestCollection collection({}, 0, 0.0F);
  const auto found = run(collection, "rain +a \"b c\" -d -\"e f\"");
  EXPECT_TRUE(found.passages.empty());
  EXPECT_EQ(found.unknown_words.size(), 4U);
  EXPECT_TRUE(run(collection, "-a").passages.empty());
  EXPECT_TRUE(run(collection, "year:3").passages.empty());
}

TEST(Searcher, unknown_algorithms_are_named) {
  const auto collection = collection_of({{"rain", kEn}});
  SearchOptions options;
  options.algorithm = "magic";
  const auto found = Searcher().search(collection, plain_query("rain").value(), options);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::kInvalidArgument);
}

TEST(Searcher, a_megabyte_of_words_keeps_the_heaviest) {
  const auto word = [](std::size_t number) {
    std::string out = "w";
    for (; number > 0; number /= 26) out += static_cast<char>('a' + number % 26);
    return out + ' ';
  };
  std::vector<std::pair<std::string, text::Language>> bodies(4, {"common ", kNo});
  std::string query = "common ";
  for (std::size_t i = 0; i < index::kMaxQueryTerms + 100; ++i) {
    bodies[i % 4].first += word(i);
    query += word(i);
  }
  const auto collection = collection_of(bodies);
  const auto found = run(collection, query);
  EXPECT_EQ(found.num_query_terms, index::kMaxQueryTerms);
  EXPECT_EQ(found.passages.size(), 4U);
  std::string megabyte;
  for (std::size_t i = 20'000; megabyte.size() + 12 < kMaxQueryBytes; ++i) megabyte += word(i);
  EXPECT_TRUE(run(collection, megabyte).passages.empty());
}

TEST(Searcher, long_phrases_are_refused) {
  const auto collection = collection_of({{"a b", kEn}});
  std::string words;
  for (int i = 0; i < 600; ++i) words += "a b ";
  const auto found = Searcher().search(collection, parse_query('"' + words, {}).value(), {});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::kExhausted);
  EXPECT_TRUE(run(collection, '"' + words.substr(0, 2 * 1024) + '"').passages.empty());
}

TEST(Searcher, vectors_score_by_their_dot_product) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 rng(seed);
    const TestCollection collection(random_passages(rng, 3), 3, 0.0F);
    std::set<std::string> keys;
    for (const auto& passage : collection.passages()) {
      for (const auto& [key, level] : passage.levels) keys.insert(key);
    }
    std::map<TermId, float> query;
    for (const auto& key : keys) {
      if (rng() % 4 == 0) query[*collection.find_term(key)] = static_cast<float>(1 + rng() % 4);
    }
    sparse::SparseVector vector;
    for (const auto& [term, weight] : query) {
      vector.terms.push_back(term);
      vector.weights.push_back(weight);
    }
    const auto prepared = index::prepare_query(vector, {255.0F, 8}).value();
    std::vector<std::pair<std::int64_t, PassageId>> expected;
    for (const auto& passage : collection.passages()) {
      const std::int64_t units = units_of(passage, prepared);
      if (units > 0 && !passage.deleted) expected.emplace_back(-units, passage.id);
    }
    std::sort(expected.begin(), expected.end());
    const auto found = Searcher().search_vector(collection, vector, top(50)).value();
    ASSERT_EQ(found.passages.size(), expected.size()) << " seed=" << seed;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(found.passages[i].id, expected[i].second) << " seed=" << seed;
      const auto& passages = collection.passages();
      const auto passage =
          std::find_if(passages.begin(), passages.end(), [&](const auto& p) { return p.id == expected[i].second; });
      float dot = 0;
      for (const auto& [term, level] : passage->term_levels) {
        if (query.count(term) > 0) dot += query[term] * static_cast<float>(level);
      }
      EXPECT_NEAR(found.passages[i].score, dot, 1e-3F) << " seed=" << seed;
    }
  }
}

}  // namespace
}  // namespace tamis::search
