// Which documents pass a condition. Metadata is compared by SQL over folded values; paths, titles and globs are decided
// here, because SQLite knows neither Unicode case nor our globs.
#include <fmt/format.h>
#include <tamis/store/catalogue.h>
#include <tamis/text/unicode.h>

#include <algorithm>
#include <optional>

#include "catalogue_impl.h"
#include "field_values.h"
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

/// One bound of the table's order and a comparison; the other bound is the end of the field's values of that type.
const char* comparison_sql(Op op) {
#define TAMIS_COMPARE(operator)                                                                             \
  "SELECT d.first_passage, d.num_passages FROM field_values AS v JOIN documents AS d ON d.id = v.document " \
  "WHERE v.field = ?1 AND v.type = ?2 AND v.value "                                                         \
  operator" ?3"
  switch (op) {
    case Op::kEqual:
      return TAMIS_COMPARE("=");
    case Op::kLess:
      return TAMIS_COMPARE("<");
    case Op::kLessEqual:
      return TAMIS_COMPARE("<=");
    case Op::kGreater:
      return TAMIS_COMPARE(">");
    case Op::kGreaterEqual:
      return TAMIS_COMPARE(">=");
    case Op::kGlob:
      return nullptr;
  }
  return nullptr;
#undef TAMIS_COMPARE
}

Status match_values(const Catalogue::Impl& impl, std::int64_t field, Op op, const docs::MetaValue& wanted,
                    Ranges& out) {
  const auto key = index_key(wanted);
  const char* sql = comparison_sql(op);
  if (!key || sql == nullptr) return ok();
  TAMIS_TRY(auto query, impl.use(sql));
  bind_key(*query, field, *key);
  return for_each_row(*query, [&] {
    add(out, *query, 0);
    return ok();
  });
}

Status match_field_glob(const Catalogue::Impl& impl, std::int64_t field, std::string_view pattern, Ranges& out) {
  TAMIS_TRY(const auto glob, Glob::compile(text::fold(pattern), Glob::Kind::kValue));
  TAMIS_TRY(auto values, impl.use("SELECT value, document FROM field_values WHERE field = ?1 AND type = 0"));
  values->bind(1, field);
  return for_each_row(*values, [&]() -> Status {
    if (!glob.matches(values->text(0))) return ok();
    TAMIS_TRY(auto document, impl.use("SELECT first_passage, num_passages FROM documents WHERE id = ?1"));
    document->bind(1, values->integer(1));
    TAMIS_TRY(const bool found, document->step());
    if (found) add(out, *document, 0);
    return ok();
  });
}

Status match_metadata(const Catalogue::Impl& impl, const Condition& condition, Ranges& out) {
  TAMIS_TRY(auto query, impl.use("SELECT id FROM fields WHERE name = ?1"));
  TAMIS_TRY(const bool known, query->bind(1, condition.field).step());
  if (!known) return ok();
  const auto field = query->integer(0);
  const auto* text = std::get_if<std::string>(&condition.value);
  if (condition.op == Op::kGlob) return text == nullptr ? ok() : match_field_glob(impl, field, *text, out);
  TAMIS_TRY_OK(match_values(impl, field, condition.op, condition.value, out));
  if (text == nullptr) return ok();
  // What a user types is text; where it reads as a number or a date, it is compared with those too.
  const auto typed = docs::typed_value(*text);
  return std::holds_alternative<std::string>(typed) ? ok() : match_values(impl, field, condition.op, typed, out);
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
