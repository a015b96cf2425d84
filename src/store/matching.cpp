// Which documents pass a condition. SQL finds candidates by index where it can; text is decided here, because SQLite
// knows neither Unicode case nor our globs.
#include <fmt/format.h>
#include <tamis/store/catalogue.h>
#include <tamis/text/unicode.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "catalogue_impl.h"
#include "glob.h"

namespace tamis::store {
namespace {

using Condition = Catalogue::Condition;
using Op = Condition::Op;
using Ranges = std::vector<std::pair<PassageId, std::uint32_t>>;

template <class T>
bool holds(Op op, const T& seen, const T& wanted) {
  switch (op) {
    case Op::kEqual:
      return seen == wanted;
    case Op::kLess:
      return seen < wanted;
    case Op::kLessEqual:
      return seen <= wanted;
    case Op::kGreater:
      return seen > wanted;
    case Op::kGreaterEqual:
      return seen >= wanted;
    case Op::kGlob:
      return false;
  }
  return false;
}

/// A text condition, ready to be asked many times: comparisons look at folded text, bytewise.
class TextTest {
 public:
  static Result<TextTest> make(Op op, std::string_view wanted, Glob::Kind kind) {
    TextTest test;
    test.op_ = op;
    test.folds_ = op != Op::kGlob || kind == Glob::Kind::kValue;  // the case of a path's glob counts, as in a shell
    test.wanted_ = test.folds_ ? text::fold(wanted) : std::string(wanted);
    if (op == Op::kGlob) {
      TAMIS_TRY(test.glob_, Glob::compile(test.wanted_, kind));
    }
    return test;
  }
  [[nodiscard]] bool operator()(std::string_view seen) const {
    if (!folds_) return glob_->matches(seen);
    const auto folded = text::fold(seen);
    return glob_ ? glob_->matches(folded) : holds<std::string_view>(op_, folded, wanted_);
  }

 private:
  Op op_ = Op::kEqual;
  bool folds_ = true;
  std::string wanted_;
  std::optional<Glob> glob_;
};

void add(Ranges& out, const sql::Statement& row, int first_column) {
  const auto first = row.integer(first_column);
  const auto count = row.integer(first_column + 1);
  const bool sound = first >= 0 && count > 0 && count <= std::numeric_limits<std::uint32_t>::max();
  if (sound) out.emplace_back(from_sql(first), static_cast<std::uint32_t>(count));
}

Status match_path(const Catalogue::Impl& impl, const TextTest& test, Ranges& out) {
  TAMIS_TRY(auto files, impl.use("SELECT id, path FROM files"));
  return for_each_row(*files, [&]() -> Status {
    if (!test(files->text(1))) return ok();
    TAMIS_TRY(auto documents, impl.use("SELECT first_passage, num_passages FROM documents WHERE file = ?1"));
    documents->bind(1, files->integer(0));
    return for_each_row(*documents, [&] {
      add(out, *documents, 0);
      return ok();
    });
  });
}

Status match_column(const Catalogue::Impl& impl, const char* sql, const TextTest& test, Ranges& out) {
  TAMIS_TRY(auto query, impl.use(sql));
  return for_each_row(*query, [&] {
    if (test(query->text(0))) add(out, *query, 1);
    return ok();
  });
}

Status match_text_field(const Catalogue::Impl& impl, std::int64_t field, Op op, std::string_view wanted, Ranges& out) {
  TAMIS_TRY(const auto test, TextTest::make(op, wanted, Glob::Kind::kValue));
  const bool indexed = op == Op::kEqual;
  TAMIS_TRY(auto query, impl.use(indexed ? "SELECT m.text, d.first_passage, d.num_passages FROM metadata AS m "
                                           "JOIN documents AS d ON d.id = m.document "
                                           "WHERE m.type = 0 AND m.field = ?1 AND m.text_hash = ?2"
                                         : "SELECT m.text, d.first_passage, d.num_passages FROM metadata AS m "
                                           "JOIN documents AS d ON d.id = m.document "
                                           "WHERE m.type = 0 AND m.field = ?1"));
  query->bind(1, field);
  if (indexed) query->bind(2, folded_hash(wanted));
  return for_each_row(*query, [&] {
    if (test(query->text(0))) add(out, *query, 1);
    return ok();
  });
}

/// The index is walked from one end to where the values stop passing; a bound of -infinity or the smallest date is
/// none.
constexpr const char* kNumbersFrom =
    "SELECT m.number, d.first_passage, d.num_passages FROM metadata AS m JOIN documents AS d ON d.id = m.document "
    "WHERE m.type = 1 AND m.field = ?1 AND m.number >= ?2 AND m.number <= ?3";
constexpr const char* kDatesFrom =
    "SELECT m.date, d.first_passage, d.num_passages FROM metadata AS m JOIN documents AS d ON d.id = m.document "
    "WHERE m.type = 2 AND m.field = ?1 AND m.date >= ?2 AND m.date <= ?3";

template <class T>
Status match_ordered(const Catalogue::Impl& impl, const char* sql, std::int64_t field, Op op, T wanted, T lowest,
                     T highest, Ranges& out) {
  const bool bounded_above = op == Op::kEqual || op == Op::kLess || op == Op::kLessEqual;
  const bool bounded_below = op == Op::kEqual || op == Op::kGreater || op == Op::kGreaterEqual;
  TAMIS_TRY(auto query, impl.use(sql));
  query->bind(1, field).bind(2, bounded_below ? wanted : lowest).bind(3, bounded_above ? wanted : highest);
  return for_each_row(*query, [&] {
    T seen{};
    if constexpr (std::is_same_v<T, double>) {
      seen = query->real(0);
    } else {
      seen = query->integer(0);
    }
    if (holds(op, seen, wanted)) add(out, *query, 1);
    return ok();
  });
}

Status match_number(const Catalogue::Impl& impl, std::int64_t field, Op op, double wanted, Ranges& out) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (op == Op::kGlob || std::isnan(wanted)) return ok();
  return match_ordered<double>(impl, kNumbersFrom, field, op, wanted, -kInfinity, kInfinity, out);
}

Status match_date(const Catalogue::Impl& impl, std::int64_t field, Op op, docs::Date wanted, Ranges& out) {
  if (op == Op::kGlob) return ok();
  using Limits = std::numeric_limits<std::int64_t>;
  return match_ordered<std::int64_t>(impl, kDatesFrom, field, op, wanted.seconds, Limits::min(), Limits::max(), out);
}

Status match_metadata(const Catalogue::Impl& impl, const Condition& condition, Ranges& out) {
  TAMIS_TRY(auto query, impl.use("SELECT id FROM fields WHERE name = ?1"));
  query->bind(1, condition.field);
  TAMIS_TRY(const bool known, query->step());
  if (!known) return ok();
  const auto field = query->integer(0);
  docs::MetaValue typed = condition.value;
  if (const auto* text = std::get_if<std::string>(&condition.value)) {
    TAMIS_TRY_OK(match_text_field(impl, field, condition.op, *text, out));
    typed = docs::typed_value(*text);
  }
  if (const auto* number = std::get_if<double>(&typed)) return match_number(impl, field, condition.op, *number, out);
  if (const auto* date = std::get_if<docs::Date>(&typed)) return match_date(impl, field, condition.op, *date, out);
  return ok();
}

Status match_built_in(const Catalogue::Impl& impl, const Condition& condition, std::string_view wanted, Ranges& out) {
  const bool is_path = condition.field == "path";
  TAMIS_TRY(const auto test, TextTest::make(condition.op, wanted, is_path ? Glob::Kind::kPath : Glob::Kind::kValue));
  if (is_path) return match_path(impl, test, out);
  if (condition.field == "title") {
    return match_column(impl, "SELECT title, first_passage, num_passages FROM documents", test, out);
  }
  return match_column(impl,
                      "SELECT CASE d.item WHEN '' THEN f.path ELSE d.item END, d.first_passage, d.num_passages "
                      "FROM documents AS d JOIN files AS f ON f.id = d.file",
                      test, out);
}

}  // namespace

Result<std::vector<std::pair<PassageId, std::uint32_t>>> Catalogue::matching(const Condition& condition) const {
  TAMIS_TRY(const auto view, View::begin(*impl_));
  Ranges out;
  const bool built_in = condition.field == "path" || condition.field == "title" || condition.field == "id";
  if (!built_in) {
    TAMIS_TRY_OK(match_metadata(*impl_, condition, out));
  } else if (const auto* text = std::get_if<std::string>(&condition.value)) {
    TAMIS_TRY_OK(match_built_in(*impl_, condition, *text, out));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());  // a document may have a field twice
  return out;
}

}  // namespace tamis::store
