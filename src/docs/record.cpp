#include "record.h"

#include <tamis/text/unicode.h>

#include <algorithm>

#include "source_text.h"
#include "text_structure.h"

namespace tamis::docs {
namespace {

constexpr std::string_view kIdNames[] = {"_id", "id"};
constexpr std::string_view kTitleNames[] = {"title"};
constexpr std::string_view kTextNames[] = {"text", "body", "content", "contents"};

constexpr std::size_t kMaxFields = 256;
constexpr std::size_t kMaxNameBytes = 256;
constexpr std::size_t kMaxValueBytes = 4096;

bool equal_nocase(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == y; });
}

template <class Names>
bool find_name(const Names& names, std::string_view name, std::uint32_t& rank) {
  rank = 0;
  for (const auto& known : names) {
    if (equal_nocase(name, known)) return true;
    ++rank;
  }
  return false;
}

/// "name: value" lines, for records that have no text of their own.
std::string lines_of(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (trim(value).empty()) continue;
    if (!text.empty()) text += '\n';
    if (!name.empty()) text.append(name).append(": ");
    text += trim(value);
  }
  return text;
}

/// A record may fold many lines of text into one line of the file: every line of its text stands at that line.
std::vector<OriginMark> marks_at(std::uint64_t line, std::string_view text) {
  const auto number = static_cast<std::uint32_t>(std::min<std::uint64_t>(line, 0xFFFFFFFFU));
  std::vector<OriginMark> marks = {{0, number}};
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string_view::npos;) {
    marks.push_back({static_cast<std::uint32_t>(++at), number});
  }
  return marks;
}

}  // namespace

FieldUse FieldRoles::use_of(std::string_view name, bool top) const {
  std::uint32_t rank = 0;
  if (map_.id.empty() ? top && find_name(kIdNames, name, rank) : name == map_.id) return {FieldRole::kId, rank};
  if (map_.title.empty() ? top && find_name(kTitleNames, name, rank) : name == map_.title)
    return {FieldRole::kTitle, 0};
  if (map_.text.empty()) {
    if (top && find_name(kTextNames, name, rank)) return {FieldRole::kText, rank};
  } else if (const auto at = std::find(map_.text.begin(), map_.text.end(), name); at != map_.text.end()) {
    return {FieldRole::kText, static_cast<std::uint32_t>(at - map_.text.begin())};
  }
  return {};
}

std::vector<std::string> FieldRoles::named() const {
  std::vector<std::string> names = map_.text;
  if (!map_.id.empty()) names.push_back(map_.id);
  if (!map_.title.empty()) names.push_back(map_.title);
  return names;
}

void Record::add(std::string_view name, FieldUse use, std::string value) {
  switch (use.role) {
    case FieldRole::kId:
      if (value.empty()) return;
      if (id.empty() || use.rank < id_rank) {
        if (!id.empty()) others.emplace_back("id", std::move(id));
        id = std::move(value);
        id_rank = use.rank;
      } else {
        others.emplace_back(name, std::move(value));
      }
      return;
    case FieldRole::kTitle:
      title = std::move(value);
      return;
    case FieldRole::kText:
      texts.emplace_back(use.rank, std::move(value));
      return;
    case FieldRole::kOther:
      others.emplace_back(name, std::move(value));
      return;
  }
}

ExtractedDocument record_document(Record&& record, std::string_view encoding) {
  ExtractedDocument document;
  document.item = record.id.empty() ? std::to_string(record.line) : std::move(record.id);
  document.title = std::move(record.title);
  std::replace(document.title.begin(), document.title.end(), '\n', ' ');
  document.encoding = encoding;
  if (record.texts.empty()) {
    document.text = lines_of(record.others);
    if (!document.text.empty()) {
      document.blocks = {{BlockKind::kTable, 0, 0, static_cast<std::uint32_t>(document.text.size())}};
    }
  } else {
    std::stable_sort(record.texts.begin(), record.texts.end(), [](auto& a, auto& b) { return a.first < b.first; });
    for (auto& [rank, text] : record.texts) {
      if (document.text.empty()) {
        document.text = std::move(text);
      } else if (!text.empty()) {
        document.text.append("\n\n").append(text);
      }
    }
    document.blocks = text_structure(document.text);
  }
  document.origins = marks_at(record.line, document.text);
  for (auto& [name, value] : record.others) {
    if (document.metadata.size() == kMaxFields) break;
    if (name.size() > kMaxNameBytes || value.empty()) continue;
    if (value.size() > kMaxValueBytes) value.resize(text::utf8_floor(value, kMaxValueBytes));
    document.metadata.push_back({std::move(name), typed_value(value)});
  }
  return document;
}

std::string clean_value(std::string_view text) {
  std::string clean(text);
  if (clean.find('\0') != std::string::npos) std::replace(clean.begin(), clean.end(), '\0', ' ');
  if (clean.find('\r') == std::string::npos) return clean;
  std::size_t to = 0;
  for (std::size_t from = 0; from < clean.size(); ++from) {
    const bool crlf = clean[from] == '\r' && from + 1 < clean.size() && clean[from + 1] == '\n';
    if (!crlf) clean[to++] = clean[from] == '\r' ? '\n' : clean[from];
  }
  clean.resize(to);
  return clean;
}

}  // namespace tamis::docs
