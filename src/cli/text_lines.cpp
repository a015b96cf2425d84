#include "text_lines.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "display.h"
#include "terminal.h"

namespace tamis::cli {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kReadBytes = 1U << 18U;
constexpr std::size_t kMaxLineBytes = 64U << 20U;
/// Bad lines that are named; more are only counted.
constexpr std::uint64_t kMaxComplaints = 20;

/// The first of the keys that is there, as text; whole numbers count as text. "" when there is none.
Result<std::string> take_text(const dom::object& line, std::initializer_list<std::string_view> keys) {
  for (const auto key : keys) {
    dom::element value;
    if (line.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) continue;
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) return std::string(text);
    std::int64_t number = 0;
    if (value.get(number) == simdjson::SUCCESS) return std::to_string(number);
    return Error{Code::kCorrupt, fmt::format("\"{}\" is no text", key)};
  }
  return std::string();
}

bool has_any(const dom::object& line, std::initializer_list<std::string_view> keys) {
  return std::any_of(keys.begin(), keys.end(),
                     [&](std::string_view key) { return line.at_key(key).error() == simdjson::SUCCESS; });
}

}  // namespace

struct TextLines::Parser {
  dom::parser parser;
  std::string padded;

  Result<NamedText> parse(std::string_view line, std::uint64_t number, bool questions) {
    padded.assign(line);
    padded.reserve(line.size() + simdjson::SIMDJSON_PADDING);
    dom::element root;
    if (const auto error = parser.parse(padded.data(), line.size(), false).get(root); error != simdjson::SUCCESS) {
      return Error{Code::kCorrupt, fmt::format("not JSON ({})", simdjson::error_message(error))};
    }
    dom::object object;
    if (root.get(object) != simdjson::SUCCESS) return Error{Code::kCorrupt, "not a JSON object"};
    NamedText out;
    if (questions) {
      TAMIS_TRY(out.id, take_text(object, {"_id", "id", "qid"}));
      TAMIS_TRY(out.text, take_text(object, {"text", "query", "question"}));
      if (!has_any(object, {"text", "query", "question"})) return Error{Code::kCorrupt, "no \"text\""};
    } else {
      TAMIS_TRY(out.id, take_text(object, {"_id", "id"}));
      TAMIS_TRY(out.text, take_text(object, {"title"}));
      TAMIS_TRY(const std::string text, take_text(object, {"text"}));
      if (!has_any(object, {"title", "text"})) return Error{Code::kCorrupt, "no \"text\" and no \"title\""};
      if (!out.text.empty() && !text.empty()) out.text += ' ';
      out.text += text;
    }
    if (out.id.find_first_of("\r\n") != std::string::npos) return Error{Code::kCorrupt, "the id holds a line break"};
    if (out.id.empty()) out.id = std::to_string(number);
    return out;
  }
};

TextLines::TextLines(std::unique_ptr<docs::ByteStream> stream, bool questions, std::string_view command)
    : stream_(std::move(stream)), parser_(std::make_unique<Parser>()), questions_(questions), command_(command) {}
TextLines::~TextLines() = default;
TextLines::TextLines(TextLines&&) noexcept = default;

Result<bool> TextLines::next_line(std::string_view& line) {
  for (std::size_t searched = 0;;) {
    const auto end = buffer_.find('\n', begin_ + searched);
    const bool last = end == std::string::npos && ended_;
    if (last && begin_ == buffer_.size()) return false;
    if (end != std::string::npos || last) {
      line = std::string_view(buffer_).substr(begin_, last ? std::string::npos : end - begin_);
      begin_ = last ? buffer_.size() : end + 1;
      if (line.ends_with('\r')) line.remove_suffix(1);
      ++number_;
      return true;
    }
    searched = buffer_.size() - begin_;
    if (searched > kMaxLineBytes) {
      return Error{Code::kExhausted,
                   fmt::format("line {}: longer than {} bytes (the limit)", number_ + 1, kMaxLineBytes)};
    }
    buffer_.erase(0, begin_);
    begin_ = 0;
    buffer_.resize(searched + kReadBytes);
    TAMIS_TRY(const std::size_t got, stream_->read(buffer_.data() + searched, kReadBytes));
    buffer_.resize(searched + got);
    ended_ = got == 0;
  }
}

void TextLines::complain(std::string_view what) {
  if (++bad_ <= kMaxComplaints) say(fmt::format("{}: line {}: {}", command_, number_, harmless(what)));
  if (bad_ == kMaxComplaints) say(fmt::format("{}: more bad lines are only counted", command_));
}

Result<bool> TextLines::next(NamedText& out) {
  std::string_view line;
  while (true) {
    TAMIS_TRY(const bool more, next_line(line));
    if (!more) return false;
    if (number_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    const auto first = line.find_first_not_of(" \t");
    if (!first_seen_ && first != std::string_view::npos) {
      first_seen_ = true;
      json_ = line[first] == '{';
    }
    if (!json_) break;
    if (first == std::string_view::npos) continue;
    auto parsed = parser_->parse(line, number_, questions_);
    if (parsed) {
      out = std::move(*parsed);
      return true;
    }
    complain(parsed.error().message);
  }
  const auto tab = questions_ ? line.find('\t') : std::string_view::npos;
  if (tab == std::string_view::npos || tab == 0) {
    out.id = std::to_string(number_);
    out.text = line;
  } else {
    out.id = line.substr(0, tab);
    out.text = line.substr(tab + 1);
  }
  return true;
}

std::uint64_t count_lines(int descriptor) {
  struct stat info {};
  const auto begin = ::lseek(descriptor, 0, SEEK_CUR);
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode) || begin < 0) return 0;
  std::vector<char> block(kReadBytes);
  std::uint64_t lines = 0;
  char last = '\n';
  for (off_t at = begin;;) {
    const auto got = ::pread(descriptor, block.data(), block.size(), at);
    if (got <= 0) break;
    const std::string_view seen(block.data(), static_cast<std::size_t>(got));
    if (at == begin && (seen.starts_with("\x1f\x8b") || seen.starts_with("\x28\xb5\x2f\xfd"))) return 0;
    lines += static_cast<std::uint64_t>(std::count(seen.begin(), seen.end(), '\n'));
    last = seen.back();
    at += got;
  }
  return lines + (last == '\n' ? 0 : 1);
}

}  // namespace tamis::cli
