#include <gtest/gtest.h>
#include <tamis/eval/ledger.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace tamis::eval {
namespace {

/// A folder that is gone after the test.
class EvalLedger : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "tamis-ledger-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::filesystem::path path() const { return folder_ / "ledger.db"; }
  std::filesystem::path folder_;
};

LedgerEntry random_entry(std::mt19937& rng) {
  LedgerEntry out;
  const auto word = [&] {
    std::string text;
    for (auto i = rng() % 6; i > 0; --i) text += static_cast<char>("ab\n\t'\";-\xC3\xA9"[rng() % 9]);
    return text;
  };
  out.date = "2026-01-31T12:00:00Z";
  out.collection = word();
  out.index = word();
  out.passages = rng();
  out.method = word() + "+bm25";
  out.parameters = "{\"depth\":1000}";
  out.version = "0.1";
  out.machine = word();
  out.threads = rng() % 9;
  out.p50_ms = static_cast<double>(rng()) / 1e6;
  out.p90_ms = 2 * out.p50_ms;
  for (auto i = rng() % 5; i > 0; --i) out.queries.push_back(std::to_string(i) + word());
  for (auto m = rng() % 4; m > 0; --m) {
    LedgerMeasure measure{"nDCG@" + std::to_string(m), static_cast<double>(rng()) / 7e9, {}};
    for (std::size_t i = 0; i < out.queries.size(); ++i) {
      measure.values.push_back(rng() % 4 == 0 ? std::numeric_limits<double>::quiet_NaN()
                                              : static_cast<double>(rng()) / 3e9);
    }
    out.measures.push_back(std::move(measure));
  }
  return out;
}

void expect_same(const LedgerEntry& a, const LedgerEntry& b, bool whole) {
  EXPECT_EQ(a.date, b.date);
  EXPECT_EQ(a.collection, b.collection);
  EXPECT_EQ(a.index, b.index);
  EXPECT_EQ(a.passages, b.passages);
  EXPECT_EQ(a.method, b.method);
  EXPECT_EQ(a.parameters, b.parameters);
  EXPECT_EQ(a.version, b.version);
  EXPECT_EQ(a.machine, b.machine);
  EXPECT_EQ(a.threads, b.threads);
  EXPECT_EQ(a.p50_ms, b.p50_ms);
  EXPECT_EQ(a.p90_ms, b.p90_ms);
  ASSERT_EQ(a.measures.size(), b.measures.size());
  for (std::size_t m = 0; m < a.measures.size(); ++m) {
    EXPECT_EQ(a.measures[m].name, b.measures[m].name);
    EXPECT_EQ(a.measures[m].mean, b.measures[m].mean);
    if (!whole) continue;
    ASSERT_EQ(a.measures[m].values.size(), b.measures[m].values.size());
    for (std::size_t i = 0; i < a.measures[m].values.size(); ++i) {
      const double x = a.measures[m].values[i], y = b.measures[m].values[i];
      EXPECT_TRUE(x == y || (std::isnan(x) && std::isnan(y))) << x << " " << y;
    }
  }
  if (whole) {
    EXPECT_EQ(a.queries, b.queries);
  }
}

TEST_F(EvalLedger, gives_back_what_was_appended_also_when_opened_again) {
  std::mt19937 rng(5);
  std::vector<LedgerEntry> all;
  for (int round = 0; round < 20; ++round) {
    std::vector<LedgerEntry> some(1 + rng() % 4);
    for (auto& entry : some) entry = random_entry(rng);
    if (some.size() > 1) {
      some[1].queries = some[0].queries;
      some[1].measures = some[0].measures;
    }
    auto ledger = Ledger::open(path(), true).value();
    EXPECT_EQ(ledger.append(some).value(), static_cast<std::int64_t>(all.size()) + 1);
    all.insert(all.end(), some.begin(), some.end());
  }
  const auto ledger = Ledger::open(path(), false).value();
  const auto listed = ledger.list().value();
  ASSERT_EQ(listed.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(listed[i].number, static_cast<std::int64_t>(i) + 1);
    expect_same(listed[i], all[i], false);
    expect_same(ledger.entry(listed[i].number).value(), all[i], true);
  }
  EXPECT_EQ(ledger.entry(999).error().code, Code::kNotFound);
}

TEST_F(EvalLedger, a_faulty_entry_leaves_nothing_of_its_call) {
  std::mt19937 rng(1);
  auto ledger = Ledger::open(path(), true).value();
  LedgerEntry good;
  good.queries = {"a", "b"};
  good.measures = {{"AP", 0.5, {0, 1}}};
  LedgerEntry fewer = good, twice = good, measures = good;
  fewer.measures[0].values.pop_back();
  twice.queries[1] = "a";
  measures.measures.push_back(measures.measures[0]);
  for (const auto& bad : {fewer, twice, measures}) {
    EXPECT_EQ(ledger.append({good, bad}).error().code, Code::kInvalidArgument);
  }
  EXPECT_TRUE(ledger.list().value().empty());
  EXPECT_EQ(ledger.append({good}).value(), 1);
}

TEST_F(EvalLedger, other_files_are_no_ledgers) {
  EXPECT_EQ(Ledger::open(path(), false).error().code, Code::kNotFound);
  std::ofstream(path()) << "this is a text that is long enough to be no database at all, and it is no ledger either";
  EXPECT_FALSE(Ledger::open(path(), true).has_value());
  std::filesystem::remove(path());
  {
    const auto other = sql::Connection::open(path(), sql::OpenMode::kCreate).value();
    ASSERT_TRUE(other.execute("CREATE TABLE t (x)"));
  }
  EXPECT_EQ(Ledger::open(path(), true).error().code, Code::kCorrupt);
  std::filesystem::remove(path());
  ASSERT_TRUE(Ledger::open(path(), true).has_value());
  {
    const auto newer = sql::Connection::open(path(), sql::OpenMode::kReadWrite).value();
    ASSERT_TRUE(newer.execute("PRAGMA user_version = 2"));
  }
  EXPECT_EQ(Ledger::open(path(), true).error().code, Code::kUnsupported);
}

TEST_F(EvalLedger, values_that_are_cut_are_errors) {
  {
    auto ledger = Ledger::open(path(), true).value();
    LedgerEntry entry;
    entry.queries = {"a", "b"};
    entry.measures = {{"AP", 0.5, {0, 1}}};
    ASSERT_TRUE(ledger.append({entry}).has_value());
  }
  for (const char* damage : {"UPDATE measured SET query_values = x'00'", "UPDATE query_lists SET ids = x'050000'",
                             "UPDATE query_lists SET ids = x'0500000061'"}) {
    const auto copy = folder_ / "copy.db";
    std::filesystem::copy_file(path(), copy, std::filesystem::copy_options::overwrite_existing);
    {
      const auto connection = sql::Connection::open(copy, sql::OpenMode::kReadWrite).value();
      ASSERT_TRUE(connection.execute(damage));
    }
    EXPECT_EQ(Ledger::open(copy, false).value().entry(1).error().code, Code::kCorrupt) << damage;
  }
}

}  // namespace
}  // namespace tamis::eval
