#include <fmt/format.h>
#include <simdjson.h>
#include <tamis/eval/files.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "columns.h"
#include "line_reader.h"
#include "trec_topics.h"

namespace tamis::eval {
namespace {

namespace dom = simdjson::dom;

/// The first of the keys that is there, as text; whole numbers count as text.
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

Result<Topic> parse_json(dom::parser& parser, std::string_view line) {
  dom::object object;
  if (const auto error = parser.parse(line.data(), line.size()).get(object); error != simdjson::SUCCESS) {
    return Error{Code::kCorrupt, fmt::format("not a JSON object ({})", simdjson::error_message(error))};
  }
  Topic topic;
  TAMIS_TRY(topic.id, take_text(object, {"_id", "id", "qid"}));
  TAMIS_TRY(topic.title, take_text(object, {"text", "query", "title"}));
  if (dom::element filter; object.at_key("filter").get(filter) == simdjson::SUCCESS && !filter.is_null()) {
    TAMIS_TRY(topic.filter, take_text(object, {"filter"}));
  }
  return topic;
}

Result<Topic> parse_columns(std::string_view line) {
  const Columns columns = split_tabs(line);
  if (columns.count != 2) return Error{Code::kCorrupt, fmt::format("{} columns (wanted id TAB text)", columns.count)};
  Topic topic;
  topic.id = columns.at[0];
  topic.title = columns.at[1];
  return topic;
}

enum class Layout { kJson, kColumns, kTrec };

Layout layout_of(std::string_view first_line) {
  const auto first = first_line.find_first_not_of(" \t");
  if (first_line[first] == '{') return Layout::kJson;
  return first_line[first] == '<' ? Layout::kTrec : Layout::kColumns;
}

Status check_ids(const std::vector<Topic>& topics) {
  IdTable seen;
  for (std::size_t i = 0; i < topics.size(); ++i) {
    TAMIS_TRY(const std::uint32_t number, seen.intern(topics[i].id));
    if (number == i) continue;
    return Error{Code::kCorrupt, fmt::format("question {}: the id \"{}\" is there a second time (first as question {})",
                                             i + 1, topics[i].id, number + 1)};
  }
  return ok();
}

}  // namespace

Result<std::vector<Topic>> read_topics(docs::ByteStream& stream) {
  LineReader reader(stream, kMaxTopicLineBytes);
  std::vector<Topic> topics;
  TrecTopics trec;
  dom::parser parser;
  std::string_view line;
  Layout layout = Layout::kColumns;
  for (bool first = true;; first = false) {
    TAMIS_TRY(const bool more, reader.next(line));
    if (!more) break;
    const auto where = [&] { return fmt::format("line {}", reader.number()); };
    if (first) layout = layout_of(line);
    if (layout == Layout::kTrec) {
      if (auto status = trec.take(line); !status) return within(where(), std::move(status).error());
      continue;
    }
    auto topic = layout == Layout::kJson ? parse_json(parser, line) : parse_columns(line);
    if (topic && topic->id.empty()) topic = Error{Code::kCorrupt, "an empty id"};
    if (!topic) return within(where(), std::move(topic).error());
    topic->line = reader.number();
    topics.push_back(std::move(*topic));
  }
  if (layout == Layout::kTrec) {
    auto gathered = std::move(trec).finish();
    if (!gathered) return within(fmt::format("line {}", reader.number()), std::move(gathered).error());
    topics = std::move(*gathered);
  }
  TAMIS_TRY_OK(check_ids(topics));
  return topics;
}

Result<std::vector<Topic>> read_topics(const std::filesystem::path& path) {
  TAMIS_TRY(const auto stream, docs::open_stream(path));
  auto topics = read_topics(*stream);
  if (!topics) return within(path.string(), std::move(topics).error());
  return topics;
}

}  // namespace tamis::eval
