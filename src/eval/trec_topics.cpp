#include "trec_topics.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

namespace tamis::eval {
namespace {

constexpr std::size_t kMaxFieldBytes = 16 << 20;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// What the classic topics write before a field: "<num> Number: 301".
std::string_view without_label(std::string_view text) {
  for (const std::string_view label : {"Number:", "Topic:", "Description:", "Narrative:"}) {
    if (text.starts_with(label)) return trimmed(text.substr(label.size()));
  }
  return text;
}

/// The value of number="…" in a tag; "" without one.
std::string_view number_of(std::string_view tag) {
  constexpr std::string_view kName = "number=";
  const auto name = tag.find(kName);
  if (name == std::string_view::npos || name + kName.size() >= tag.size()) return {};
  const auto begin = name + kName.size() + 1;
  const auto end = tag.find(tag[begin - 1], begin);
  return end == std::string_view::npos ? std::string_view() : trimmed(tag.substr(begin, end - begin));
}

}  // namespace

Status TrecTopics::close_topic() {
  if (!inside_) return ok();
  inside_ = false;
  field_ = Field::kNone;
  if (topic_.id.empty()) return Error{Code::kCorrupt, "a topic without a number (wanted <num> or number=\"…\")"};
  if (topic_.title.empty() && topic_.description.empty()) {
    return Error{Code::kCorrupt, fmt::format("topic \"{}\" has no title and no description", topic_.id)};
  }
  topics_.push_back(std::exchange(topic_, {}));
  return ok();
}

Status TrecTopics::open_tag(std::string_view tag) {
  const auto name = tag.substr(0, tag.find_first_of(" \t/", 1));
  if (name == "top" || name == "topic") {
    TAMIS_TRY_OK(close_topic());  // the one before may lack its end
    inside_ = true;
    topic_ = {};
    topic_.id = number_of(tag);
    return ok();
  }
  if (name == "/top" || name == "/topic") return close_topic();
  struct Tag {
    std::string_view name;
    Field field;
  };
  constexpr std::array<Tag, 8> kTags = {{{"num", Field::kNumber},
                                         {"title", Field::kTitle},
                                         {"query", Field::kTitle},
                                         {"question", Field::kTitle},
                                         {"desc", Field::kDescription},
                                         {"description", Field::kDescription},
                                         {"narr", Field::kNarrative},
                                         {"narrative", Field::kNarrative}}};
  field_ = Field::kNone;  // also at an end or at a tag that says nothing here
  for (const auto& known : kTags) {
    if (known.name == name) field_ = known.field;
  }
  if (field_ != Field::kNone && !inside_) {
    return Error{Code::kCorrupt, fmt::format("<{}> outside of a topic (wanted <top> first)", name)};
  }
  return ok();
}

Status TrecTopics::add_text(std::string_view text) {
  text = trimmed(text);
  std::string* const field = field_ == Field::kNumber        ? &topic_.id
                             : field_ == Field::kTitle       ? &topic_.title
                             : field_ == Field::kDescription ? &topic_.description
                             : field_ == Field::kNarrative   ? &topic_.narrative
                                                             : nullptr;
  if (field == nullptr) return ok();
  if (field->empty()) text = without_label(text);
  if (text.empty()) return ok();
  if (field->size() + text.size() > kMaxFieldBytes) {
    return Error{Code::kExhausted, fmt::format("a field of more than {} bytes", kMaxFieldBytes)};
  }
  if (!field->empty()) *field += ' ';
  *field += text;
  return ok();
}

Status TrecTopics::take(std::string_view line) {
  while (!line.empty()) {
    const auto tag = line.find('<');
    TAMIS_TRY_OK(add_text(line.substr(0, tag)));
    if (tag == std::string_view::npos) break;
    const auto end = line.find('>', tag);
    if (end == std::string_view::npos) {  // a plain "less than"
      TAMIS_TRY_OK(add_text(line.substr(tag)));
      break;
    }
    TAMIS_TRY_OK(open_tag(line.substr(tag + 1, end - tag - 1)));
    line.remove_prefix(end + 1);
  }
  return ok();
}

Result<std::vector<Topic>> TrecTopics::finish() && {
  TAMIS_TRY_OK(close_topic());
  return std::move(topics_);
}

}  // namespace tamis::eval
