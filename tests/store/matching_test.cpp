#include <gtest/gtest.h>
#include <tamis/store/catalogue.h>
#include <tamis/text/unicode.h>

#include <cmath>
#include <limits>

#include "naive_glob.h"
#include "sql/child_process.h"
#include "world.h"

namespace tamis::store {
namespace {

using namespace test;
using Condition = Catalogue::Condition;
using Op = Condition::Op;
using Ranges = std::vector<std::pair<PassageId, std::uint32_t>>;

template <class T>
bool compare(Op op, const T& seen, const T& wanted) {
  return op == Op::kEqual          ? seen == wanted
         : op == Op::kLess         ? seen < wanted
         : op == Op::kLessEqual    ? seen <= wanted
         : op == Op::kGreater      ? seen > wanted
         : op == Op::kGreaterEqual ? seen >= wanted
                                   : false;
}

bool text_passes(Op op, const std::string& seen, const std::string& wanted) {
  if (op == Op::kGlob) return naive_glob(text::fold(wanted), text::fold(seen), false);
  return compare(op, text::fold(seen), text::fold(wanted));
}

bool value_passes(Op op, const docs::MetaValue& seen, const docs::MetaValue& wanted) {
  const auto* wanted_text = std::get_if<std::string>(&wanted);
  if (const auto* text = std::get_if<std::string>(&seen)) {
    return wanted_text != nullptr && text_passes(op, *text, *wanted_text);
  }
  const auto typed = wanted_text != nullptr ? docs::typed_value(*wanted_text) : wanted;
  if (const auto* number = std::get_if<double>(&seen)) {
    return std::holds_alternative<double>(typed) && compare(op, *number, std::get<double>(typed));
  }
  return std::holds_alternative<docs::Date>(typed) &&
         compare(op, std::get<docs::Date>(seen), std::get<docs::Date>(typed));
}

bool passes(const DocumentRow& row, const Condition& condition) {
  const auto* text = std::get_if<std::string>(&condition.value);
  if (condition.field == "path") {
    if (text == nullptr) return false;
    return condition.op == Op::kGlob ? naive_path_glob(*text, row.path) : text_passes(condition.op, row.path, *text);
  }
  if (condition.field == "title") return text != nullptr && text_passes(condition.op, row.title, *text);
  if (condition.field == "id") return text != nullptr && text_passes(condition.op, row.external_id(), *text);
  return std::any_of(row.metadata.begin(), row.metadata.end(), [&](const auto& field) {
    return field.name == condition.field && value_passes(condition.op, field.value, condition.value);
  });
}

Condition random_condition(Worlds& worlds) {
  static const char* const kFields[] = {"path", "title", "id", "m0", "m1", "m2", "none"};
  static const char* const kGlobs[] = {"*",     "docs/*", "**/f1.md", "*.md",  "?",   "[a-c]",
                                       "*pfel", "ä*",     "f?.jsonl", "docs/", "*/*", "log*"};
  Condition condition;
  condition.field = kFields[worlds.below(7)];
  condition.op = static_cast<Op>(worlds.below(6));
  condition.value = worlds.value();
  if (condition.field == "path" && worlds.below(2) == 0) condition.value = worlds.path();
  if (worlds.below(4) == 0) condition.value = std::to_string(static_cast<int>(worlds.below(5)) + 4);
  if (condition.op == Op::kGlob && worlds.below(5) != 0) condition.value = std::string(kGlobs[worlds.below(12)]);
  return condition;
}

TEST(Matching, conditions_equal_asking_every_document) {
  std::size_t hits = 0;
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    const tamis::test::TempFolder folder;
    Worlds worlds(seed);
    Model model;
    auto catalogue = Catalogue::create(folder / "catalogue.db").value();
    for (int step = 0; step < 10; ++step) {
      const auto publication = worlds.publication(model);
      ASSERT_TRUE(catalogue.publish(publication)) << "seed=" << seed;
      model.publish(publication);
      for (int i = 0; i < 30; ++i) {
        const auto condition = random_condition(worlds);
        Ranges expected;
        for (const auto& [id, document] : model.documents) {
          const auto& row = document.row;
          if (row.num_passages > 0 && passes(row, condition))
            expected.emplace_back(row.first_passage, row.num_passages);
        }
        std::sort(expected.begin(), expected.end());
        const auto seen = catalogue.matching(condition);
        ASSERT_TRUE(seen) << seen.error().message;
        ASSERT_EQ(*seen, expected) << "field " << condition.field << " op " << static_cast<int>(condition.op)
                                   << " seed=" << seed << " step=" << step;
        hits += expected.size();
      }
    }
    std::vector<std::string> names;
    for (const char* name : {"m0", "m1", "m2"}) {
      const bool used = std::any_of(model.documents.begin(), model.documents.end(), [&](const auto& entry) {
        const auto& fields = entry.second.row.metadata;
        // NaN is the only value that cannot be searched for, and the worlds have none.
        return std::any_of(fields.begin(), fields.end(), [&](const auto& field) { return field.name == name; });
      });
      if (used) names.emplace_back(name);
    }
    EXPECT_EQ(catalogue.metadata_names().value(), names) << "seed=" << seed;
  }
  EXPECT_GT(hits, 5000U) << "the worlds are too poor to show anything";
}

TEST(Matching, case_and_accents_do_not_count_but_types_do) {
  const tamis::test::TempFolder folder;
  auto catalogue = Catalogue::create(folder / "catalogue.db").value();
  Publication p;
  p.sources.push_back({1, "folder", "/docs", ""});
  p.added_segments.push_back({1, {}, 1, 0});
  Publication::NewDocument d;
  d.row.id = 1;
  d.row.source = 1;
  d.row.path = "books.jsonl";
  d.row.item = "B-7";
  d.row.segment = 1;
  d.row.num_passages = 1;
  d.passages.resize(1);
  d.row.metadata = {{"author", std::string("Jörg MÜLLER")},
                    {"year", 1999.0},
                    {"shelf", std::string("1999")},
                    {"nothing", std::numeric_limits<double>::quiet_NaN()},
                    {"added", docs::Date{1714521600}}};
  p.documents.push_back(d);
  ASSERT_TRUE(catalogue.publish(p));
  ASSERT_TRUE(catalogue.verify());
  const auto found = [&](const char* field, Op op, docs::MetaValue value) {
    return catalogue.matching({field, op, std::move(value)}).value().size() == 1;
  };
  EXPECT_TRUE(found("author", Op::kEqual, "jörg müller"));
  EXPECT_FALSE(found("author", Op::kEqual, "jörg"));
  EXPECT_TRUE(found("author", Op::kGlob, "*müll*"));
  EXPECT_TRUE(found("id", Op::kEqual, "b-7"));
  EXPECT_TRUE(found("path", Op::kEqual, "Books.jsonl"));
  EXPECT_TRUE(found("year", Op::kEqual, "1999"));
  EXPECT_TRUE(found("year", Op::kGreater, 1998.5));
  EXPECT_FALSE(found("year", Op::kGlob, "19*")) << "a number is no text";
  EXPECT_TRUE(found("shelf", Op::kEqual, "1999"));
  EXPECT_FALSE(found("shelf", Op::kEqual, 1999.0)) << "a text is no number";
  EXPECT_TRUE(found("added", Op::kLessEqual, "2024-05-01"));
  EXPECT_FALSE(found("added", Op::kLess, "2024-05-01"));
  EXPECT_FALSE(found("added", Op::kLess, 1e18)) << "a date is no number";
  EXPECT_FALSE(found("nothing", Op::kEqual, std::numeric_limits<double>::quiet_NaN()));
  EXPECT_TRUE(std::isnan(std::get<double>(catalogue.document(1).value().metadata[3].value)));
  EXPECT_EQ(catalogue.matching({"author", Op::kGlob, "[x"}).error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace tamis::store
