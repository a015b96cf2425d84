#include "questions.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <tamis/docs/reader.h>
#include <unistd.h>

#include <initializer_list>
#include <utility>

#include "display.h"

namespace tamis::cli {
namespace {

namespace dom = simdjson::dom;

constexpr std::uint64_t kMaxFileBytes = 1ULL << 32;

/// The first of the keys that is there, as text; numbers count as text.
Result<std::string> take_text(const dom::object& line, std::initializer_list<std::string_view> keys) {
  for (const auto key : keys) {
    dom::element value;
    if (line.at_key(key).get(value) != simdjson::SUCCESS) continue;
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) return std::string(text);
    std::int64_t number = 0;
    if (value.get(number) == simdjson::SUCCESS) return std::to_string(number);
    return Error{Code::kCorrupt, fmt::format("\"{}\" is no text", key)};
  }
  return Error{Code::kCorrupt, fmt::format("none of the keys {}", fmt::join(keys, ", "))};
}

Result<Question> parse_json(dom::parser& parser, std::string_view line) {
  dom::element root;
  if (const auto error = parser.parse(line.data(), line.size()).get(root); error != simdjson::SUCCESS) {
    return Error{Code::kCorrupt, fmt::format("not JSON ({})", simdjson::error_message(error))};
  }
  dom::object object;
  if (root.get(object) != simdjson::SUCCESS) return Error{Code::kCorrupt, "not a JSON object"};
  Question question;
  TAMIS_TRY(question.id, take_text(object, {"_id", "id", "qid"}));
  TAMIS_TRY(question.text, take_text(object, {"text", "query", "question"}));
  if (dom::element filter; object.at_key("filter").get(filter) == simdjson::SUCCESS && !filter.is_null()) {
    TAMIS_TRY(question.filter, take_text(object, {"filter"}));
  }
  return question;
}

Question parse_columns(std::string_view line, std::uint64_t number) {
  Question question;
  const auto tab = line.find('\t');
  if (tab == std::string_view::npos) {
    question.id = std::to_string(number);
    question.text = line;
  } else {
    question.id = line.substr(0, tab);
    question.text = line.substr(tab + 1, line.find('\t', tab + 1) - tab - 1);
  }
  return question;
}

Result<std::string> read_whole(const std::string& path) {
  if (path == "-") {
    TAMIS_TRY(const auto stream, docs::open_stream(STDIN_FILENO));
    return docs::read_all(*stream, kMaxFileBytes);
  }
  TAMIS_TRY(const auto stream, docs::open_stream(std::filesystem::path(path)));
  return docs::read_all(*stream, kMaxFileBytes);
}

}  // namespace

Result<std::vector<Question>> read_questions(const std::string& path) {
  TAMIS_TRY(const std::string content, read_whole(path));
  std::vector<Question> questions;
  dom::parser parser;
  const auto first = content.find_first_not_of(" \t\r\n");
  const bool json = first != std::string::npos && content[first] == '{';
  std::string_view rest = content;
  for (std::uint64_t number = 1; !rest.empty(); ++number) {
    const auto end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(rest.size(), end + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    if (!json) {
      questions.push_back(parse_columns(line, number));
      continue;
    }
    auto question = parse_json(parser, line);
    if (!question) return within(fmt::format("{}: line {}", path, number), std::move(question).error());
    questions.push_back(std::move(*question));
  }
  return questions;
}

Result<search::ParsedQuery> parse_question(std::string_view text, std::string_view filter, bool syntax,
                                           const std::vector<std::string>& fields) {
  TAMIS_TRY(auto parsed, syntax ? search::parse_query(text, fields) : search::plain_query(text));
  if (filter.empty()) return parsed;
  TAMIS_TRY(auto filters, search::parse_query(filter, fields));
  for (auto& clause : filters.clauses) {
    if (clause.kind != search::Clause::Kind::kField) {
      return Error{Code::kInvalidArgument,
                   fmt::format("filter: \"{}\" is no filter (wanted field:value; the fields are {})",
                               harmless(clause.text), fmt::join(fields, ", "))};
    }
    parsed.clauses.push_back(std::move(clause));
  }
  return parsed;
}

Result<std::vector<Question>> read_question_vectors(const std::string& path, sparse::VectorFormat format) {
  std::vector<Question> questions;
  TAMIS_TRY_OK(sparse::read_vector_file(path, format, [&](sparse::NamedVector&& vector) {
    Question question;
    question.id = vector.id;
    question.vector = std::move(vector);
    questions.push_back(std::move(question));
    return ok();
  }));
  return questions;
}

}  // namespace tamis::cli
