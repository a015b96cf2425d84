#include "pdf_text.h"

#include <tamis/text/unicode.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "document_builder.h"
#include "entities.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

using Page = std::vector<std::string>;  // lines without white space at their ends

/// The text between two marks, "" if either is missing.
std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
  const std::size_t begin = text.find(open);
  if (begin == std::string_view::npos) return {};
  const std::size_t from = begin + open.size();
  const std::size_t end = text.find(close, from);
  return end == std::string_view::npos ? std::string_view() : text.substr(from, end - from);
}

std::string without_entities(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const std::size_t used = text.front() == '&' ? decode_entity(text, plain) : 0;
    if (used == 0) plain += text.front();
    text.remove_prefix(std::max<std::size_t>(used, 1));
  }
  return text::repair_utf8(trim(plain));
}

void read_head(std::string_view head, ExtractedDocument& document) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {{"Author", "author"},
                                                                      {"Subject", "subject"},
                                                                      {"Keywords", "keywords"},
                                                                      {"CreationDate", "created"},
                                                                      {"ModDate", "modified"}};
  document.title = without_entities(between(head, "<title>", "</title>"));
  std::replace(document.title.begin(), document.title.end(), '\0', ' ');
  for (const auto& [theirs, ours] : kNames) {
    auto value = without_entities(between(head, "<meta name=\"" + std::string(theirs) + "\" content=\"", "\"/>"));
    std::replace(value.begin(), value.end(), '\0', ' ');
    if (!value.empty()) document.metadata.push_back({std::string(ours), typed_value(value)});
  }
}

/// The letters of a ligature U+FB00 to U+FB06, by its last byte.
std::string_view ligature(unsigned char last) {
  constexpr std::array<std::string_view, 7> kLetters = {"ff", "fi", "fl", "ffi", "ffl", "st", "st"};
  return last >= 0x80 && last <= 0x86 ? kLetters[last - 0x80] : std::string_view();
}

/// Ligatures as letters, no soft hyphens, no control characters, "…" for the dots that lead to a page number.
std::string clean_line(std::string_view line) {
  std::string clean;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const auto c = static_cast<unsigned char>(line[at]);
    const auto rest = line.substr(at);
    if (rest.starts_with("\xEF\xAC") && rest.size() > 2 && !ligature(static_cast<unsigned char>(rest[2])).empty()) {
      clean += ligature(static_cast<unsigned char>(rest[2]));
      at += 2;
    } else if (rest.starts_with("\xC2\xAD")) {
      ++at;
    } else if (rest.starts_with(". . . . ") || rest.starts_with(".....")) {
      while (at < line.size() && (line[at] == '.' || line[at] == ' ')) ++at;
      --at;
      clean += "\xE2\x80\xA6 ";
    } else {
      clean += c < 0x20 || c == 0x7F ? ' ' : line[at];
    }
  }
  return std::string(trim(clean));
}

std::vector<Page> pages_of(std::string_view body) {
  std::vector<Page> pages;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\f'), body.size());
    auto page = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    pages.emplace_back();
    while (!page.empty()) {
      const std::size_t line_end = std::min(page.find('\n'), page.size());
      pages.back().push_back(clean_line(page.substr(0, line_end)));
      page.remove_prefix(std::min(line_end + 1, page.size()));
    }
    while (!pages.back().empty() && pages.back().back().empty()) pages.back().pop_back();
  }
  return pages;
}

/// Numbers as '#': what the page number changes is the same.
std::string without_numbers(std::string_view line) {
  std::string shape;
  for (const char c : line) {
    if (!is_digit(c)) {
      shape += c;
    } else if (shape.empty() || shape.back() != '#') {
      shape += '#';
    }
  }
  return shape;
}

/// From how many bytes on a line is full, so that its sentence goes on in the next: three quarters of what the longest
/// fifth of the lines reach.
std::size_t full_line_bytes(const std::vector<Page>& pages) {
  std::vector<std::size_t> lengths;
  for (const auto& page : pages) {
    for (const auto& line : page) {
      if (!line.empty()) lengths.push_back(line.size());
    }
  }
  if (lengths.empty()) return 1;
  const auto place = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() * 4 / 5);
  std::nth_element(lengths.begin(), place, lengths.end());
  return *place * 3 / 4 + 1;
}

/// Takes out the first (or last) line of a page when it is a running title or page number: shorter than a full line,
/// and one of the next two pages on either side has the same; or equal but for numbers on at least three pages and a
/// tenth of all, so that "Chapter 1", "Chapter 2" stay.
void drop_repeated_edges(std::vector<Page>& pages, bool top, std::size_t full_line) {
  const auto filled = [](const std::string& line) { return !line.empty(); };
  std::vector<std::string*> edges;
  std::unordered_map<std::string, std::size_t> alike;
  for (auto& page : pages) {
    const auto first = std::ranges::find_if(page, filled);
    const auto last = std::find_if(page.rbegin(), page.rend(), filled);
    edges.push_back(first == page.end() ? nullptr : top ? &*first : &*last);
    if (edges.back() != nullptr) ++alike[without_numbers(*edges.back())];
  }
  const std::size_t enough_alike = std::max<std::size_t>(3, pages.size() / 10);
  std::vector<std::string*> dropped;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    if (edges[i] == nullptr || edges[i]->size() >= full_line) continue;
    bool repeated = alike[without_numbers(*edges[i])] >= enough_alike;
    for (std::size_t j = i < 2 ? 0 : i - 2; j < std::min(i + 3, edges.size()); ++j) {
      repeated = repeated || (j != i && edges[j] != nullptr && *edges[j] == *edges[i]);
    }
    if (repeated) dropped.push_back(edges[i]);
  }
  for (auto* line : dropped) line->clear();
}

/// Bytes of a bullet and the white space behind it; 0 = none. `alone`: nothing follows.
std::size_t bullet_bytes(std::string_view line, bool& alone) {
  for (const std::string_view bullet : {"\xE2\x80\xA2", "\xE2\x96\xAA", "\xE2\x96\xA0", "\xE2\x97\xA6", "\xE2\x80\xA3",
                                        "\xE2\x97\x8F", "\xE2\x97\x8B", "\xC2\xB7", "\xEF\x82\xB7"}) {
    if (!line.starts_with(bullet)) continue;
    const auto rest = line.substr(bullet.size());
    alone = trim(rest).empty();
    if (alone || is_blank_char(rest.front())) return line.size() - trim(rest).size();
  }
  alone = false;
  return 0;
}

/// How many numbers stand in front of a heading like "2.1 Naming"; 0 = it is none.
std::uint32_t heading_level(std::string_view line) {
  if (line.size() > 80 || line.find("\xE2\x80\xA6") != std::string_view::npos) return 0;
  std::uint32_t level = 0;
  std::size_t at = 0;
  while (at < line.size() && is_digit(line[at])) {
    const std::size_t first = at;
    while (at < line.size() && is_digit(line[at])) ++at;
    if (at - first > 2) return 0;
    ++level;
    if (at < line.size() && line[at] == '.') ++at;
  }
  if (level == 0 || at + 2 >= line.size() || line[at] != ' ') return 0;
  const char first = line[at + 1];
  const bool upper = first >= 'A' && first <= 'Z';
  const bool sentence = std::string_view(".,;:?!").find(line.back()) != std::string_view::npos;
  return upper && !sentence ? std::min<std::uint32_t>(level, 6) : 0;
}

class ParagraphMaker {
 public:
  explicit ParagraphMaker(std::size_t full_line) : full_line_(full_line) {}

  void page(std::uint32_t number, const Page& lines) {
    page_ = number;
    top_of_page_ = true;
    for (const auto& line : lines) {
      bool lone_bullet = false;
      const std::size_t bullet = bullet_bytes(line, lone_bullet);
      if (lone_bullet) continue;
      if (line.empty()) {
        blank_ = true;
        continue;
      }
      take(std::string_view(line).substr(bullet), bullet > 0);
      blank_ = false;
      top_of_page_ = false;
    }
  }
  Result<ExtractedDocument> finish() {
    flush_hyphen();
    return builder_.take();
  }

 private:
  void take(std::string_view line, bool bullet) {
    const bool interrupted = blank_ || top_of_page_ || !builder_.open() || !previous_full_;
    const std::uint32_t level = bullet || !interrupted || line.size() >= full_line_ ? 0 : heading_level(line);
    if (bullet) {
      begin(BlockKind::kListItem, 1);
    } else if (level > 0) {
      begin(BlockKind::kHeading, level);
    } else if (!builder_.open() || in_heading_ || ((blank_ || top_of_page_) && !goes_on(line))) {
      begin(BlockKind::kParagraph, 0);
    } else {
      join(line);
    }
    append(line);
    in_heading_ = level > 0;
    previous_full_ = line.size() >= full_line_;
  }

  /// A paragraph crosses a page when its sentence is not at its end and goes on in lower case.
  [[nodiscard]] bool goes_on(std::string_view line) const {
    const auto text = builder_.current();
    const bool open_end = !text.empty() && std::string_view(".!?:;").find(text.back()) == std::string_view::npos;
    return top_of_page_ && previous_full_ && open_end && line.front() >= 'a' && line.front() <= 'z';
  }

  void begin(BlockKind kind, std::uint32_t level) {
    flush_hyphen();
    builder_.begin(kind, level, page_);
  }
  void join(std::string_view next) {
    const bool one_word = hyphen_ && next.front() >= 'a' && next.front() <= 'z';
    if (one_word) {
      hyphen_ = false;
      return;
    }
    flush_hyphen();
    // After a full stop a short line is rather something new than the end of the sentence.
    const auto text = builder_.current();
    const bool stop = !text.empty() && std::string_view(".!?:").find(text.back()) != std::string_view::npos;
    put(previous_full_ && !(stop && next.size() < full_line_ / 2) ? " " : "\n");
  }
  void append(std::string_view line) {
    hyphen_ = line.size() > 1 && line.back() == '-' && is_letter(line[line.size() - 2]);
    if (hyphen_) line.remove_suffix(1);
    put(line);
  }
  void flush_hyphen() {
    if (hyphen_) put("-");
    hyphen_ = false;
  }
  void put(std::string_view text) {
    builder_.at_line(page_);
    builder_.append(text);
  }

  std::size_t full_line_;
  DocumentBuilder builder_;
  std::uint32_t page_ = 1;
  bool blank_ = true, top_of_page_ = true, previous_full_ = false, in_heading_ = false;
  bool hyphen_ = false;  ///< the last line ended in one, not yet written
};

}  // namespace

Result<ExtractedDocument> pdf_document(std::string_view output) {
  constexpr std::string_view kOpen = "<pre>\n", kClose = "</pre>\n</body>\n</html>";
  const std::size_t open = output.find(kOpen);
  if (open == std::string_view::npos) return Error{Code::kCorrupt, "pdftotext: unexpected output"};
  auto body = output.substr(open + kOpen.size());
  body = body.substr(0, body.rfind(kClose));
  const std::string repaired = text::repair_utf8(body);

  auto pages = pages_of(repaired);
  const std::size_t full_line = full_line_bytes(pages);
  for (int round = 0; round < 3; ++round) {  // titles and page numbers may take some lines
    drop_repeated_edges(pages, true, full_line);
    drop_repeated_edges(pages, false, full_line);
  }
  ParagraphMaker maker(full_line);
  for (std::size_t i = 0; i < pages.size(); ++i) maker.page(static_cast<std::uint32_t>(i + 1), pages[i]);
  TAMIS_TRY(ExtractedDocument document, maker.finish());
  document.origin_kind = OriginKind::kPage;
  document.encoding = "UTF-8";
  read_head(output.substr(0, open), document);
  return document;
}

}  // namespace tamis::docs
