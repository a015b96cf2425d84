#include <tamis/docs/passages.h>
#include <tamis/text/unicode.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "passage_units.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

/// The line or page of growing offsets: origin_of() with a memory, so that a whole document costs one pass.
class OriginCursor {
 public:
  explicit OriginCursor(const ExtractedDocument& document) : document_(document) {}
  std::uint32_t at(std::uint32_t offset) {
    const auto& marks = document_.origins;
    while (next_ < marks.size() && marks[next_].offset <= offset) {
      number_ = marks[next_].number;
      counted_ = marks[next_++].offset;
    }
    if (document_.origin_kind == OriginKind::kLine) {
      const auto* text = document_.text.data();
      number_ += static_cast<std::uint32_t>(std::count(text + counted_, text + offset, '\n'));
      counted_ = offset;
    }
    return number_;
  }

 private:
  const ExtractedDocument& document_;
  std::size_t next_ = 0;
  std::uint32_t counted_ = 0;
  std::uint32_t number_ = 1;
};

/// Units [first, last) that stand under one innermost heading, together with the headings that open them.
struct Section {
  std::size_t first = 0, last = 0;
  std::vector<std::uint32_t> path;
};

class Splitter {
 public:
  Splitter(const ExtractedDocument& document, const PassageConfig& config)
      : document_(document), config_(config), units_(passage_units(document, config)), words_before_(1, 0) {
    for (const auto& unit : units_) words_before_.push_back(words_before_.back() + unit.words);
  }

  std::vector<Passage> run() {
    std::vector<Passage> passages;
    OriginCursor origins(document_);
    for (const auto& section : join_small(sections())) {
      auto starts = borders(section);
      starts.push_back(section.last);
      for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
        const auto begin = units_[starts[i]].begin;
        passages.push_back({begin, units_[starts[i + 1] - 1].end, origins.at(begin), section.path});
      }
    }
    return passages;
  }

 private:
  [[nodiscard]] bool is_heading(std::size_t unit) const { return units_[unit].kind == BlockKind::kHeading; }
  /// Of the text from the first to the last of units [first, last).
  [[nodiscard]] std::size_t length(std::size_t first, std::size_t last) const {
    if (first == last) return 0;
    return passage_length(words_before_[last] - words_before_[first], units_[last - 1].end - units_[first].begin);
  }
  [[nodiscard]] std::size_t length(const Section& section) const { return length(section.first, section.last); }
  /// What follows belongs to this unit: to a heading its text, to "as follows:" what follows.
  [[nodiscard]] bool announces(std::size_t unit) const {
    return is_heading(unit) || document_.text[units_[unit].end - 1] == ':';
  }

  std::vector<Section> sections() const;
  std::vector<Section> join_small(std::vector<Section> sections) const;
  std::vector<std::size_t> borders(const Section& section) const;

  const ExtractedDocument& document_;
  const PassageConfig& config_;
  std::vector<Unit> units_;
  std::vector<std::size_t> words_before_;  ///< sum of words of the units before each
};

std::vector<Section> Splitter::sections() const {
  const auto& blocks = document_.blocks;
  std::vector<Section> sections;
  std::vector<std::uint32_t> path;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    const bool after_heading = i > 0 && is_heading(i - 1);
    // A long heading is several units; only the first one changes the path.
    if (is_heading(i) && !(after_heading && units_[i - 1].block == units_[i].block)) {
      const auto level = blocks[units_[i].block].level;
      while (!path.empty() && blocks[path.back()].level >= level) path.pop_back();
      path.push_back(units_[i].block);
    }
    // Headings in a row open one section: none of them goes alone.
    if (sections.empty() || (is_heading(i) && !after_heading)) sections.push_back({i, i, {}});
    sections.back().last = i + 1;
    sections.back().path = path;
  }
  return sections;
}

/// Joins sections that are too small to say much with the next one, under the headings that both share.
std::vector<Section> Splitter::join_small(std::vector<Section> sections) const {
  std::vector<Section> joined;
  for (auto& section : sections) {
    if (!joined.empty()) {
      Section& last = joined.back();
      const bool small = std::min(length(last), length(section)) < config_.min_words;
      if (small && length(last.first, section.last) <= config_.target_words) {
        const auto shared = static_cast<std::size_t>(
            std::mismatch(last.path.begin(), last.path.end(), section.path.begin(), section.path.end()).first -
            last.path.begin());
        // A short introduction takes the path of the part that it introduces.
        const bool introduces = shared == last.path.size() && length(last) < config_.min_words;
        if (introduces) {
          last.path = std::move(section.path);
        } else {
          last.path.resize(shared);
        }
        last.last = section.last;
        continue;
      }
    }
    joined.push_back(std::move(section));
  }
  return joined;
}

/// Where the passages of a section begin (numbers of units).
std::vector<std::size_t> Splitter::borders(const Section& section) const {
  std::vector<std::size_t> starts{section.first};
  std::size_t body = section.first;  // the first unit of the open passage behind its headings
  const auto open = [&](std::size_t start, std::size_t last) {
    body = start;
    while (body < last && is_heading(body)) ++body;
  };
  open(section.first, section.first + 1);
  for (std::size_t i = section.first + 1; i < section.last; ++i) {
    if (body == i) {  // so far only headings: they wait for a text, which may then be as long as any other
      const std::size_t limit = is_heading(i) ? config_.max_words : std::size_t{2} * config_.max_words;
      if (length(starts.back(), i + 1) > limit) starts.push_back(i);
      open(starts.back(), i + 1);
      continue;
    }
    const bool full = length(body, i) >= config_.target_words && !announces(i - 1);
    if (!full && length(body, i + 1) <= config_.max_words) continue;
    const bool take_along = announces(i - 1) && i - 1 > body && length(i - 1, i + 1) <= config_.max_words;
    starts.push_back(take_along ? i - 1 : i);
    open(starts.back(), i + 1);
  }
  // A few words left over at the end go with what stands before them.
  if (starts.size() > 1 && length(body, section.last) < config_.min_words) {
    std::size_t before = starts[starts.size() - 2];
    while (before < section.last && is_heading(before)) ++before;
    if (length(before, section.last) <= config_.max_words) starts.pop_back();
  }
  return starts;
}

/// A heading on one line, without the line of signs that underlines it in plain text.
std::string heading_words(std::string_view heading) {
  const std::size_t last = heading.rfind('\n');
  if (last != std::string_view::npos && ruler(heading.substr(last + 1), 2) != 0) heading = heading.substr(0, last);
  return one_line(heading);
}

Error out_of_range(const char* field, std::uint32_t seen, const std::string& wanted) {
  return {Code::kInvalidArgument, std::string(field) + ": " + std::to_string(seen) + " (wanted: " + wanted + ")"};
}

}  // namespace

Status PassageConfig::validate() const {
  constexpr std::uint32_t kMost = 1'000'000;
  if (max_words == 0 || max_words > kMost) return out_of_range("max_words", max_words, "1 to 1000000");
  if (target_words == 0 || target_words > max_words) {
    return out_of_range("target_words", target_words, "1 to max_words, " + std::to_string(max_words));
  }
  if (min_words > target_words) {
    return out_of_range("min_words", min_words, "at most target_words, " + std::to_string(target_words));
  }
  return ok();
}

std::vector<Passage> split_passages(const ExtractedDocument& document, const PassageConfig& config) {
  if (!config.whole_document) return Splitter(document, config).run();
  std::vector<Passage> passages;
  const auto whole = trimmed(document.text, 0, static_cast<std::uint32_t>(document.text.size()));
  if (whole.begin < whole.end) passages.push_back({whole.begin, whole.end, OriginCursor(document).at(whole.begin), {}});
  return passages;
}

std::string heading_path(const ExtractedDocument& document, const Passage& passage) {
  constexpr std::size_t kMaxBytes = 200;
  constexpr std::string_view kSeparator = " \xE2\x80\xBA ";
  std::string path;
  for (std::size_t i = 0; i < passage.path.size() && path.size() <= kMaxBytes; ++i) {
    const auto& block = document.blocks[passage.path[i]];
    const auto heading = heading_words(std::string_view(document.text).substr(block.begin, block.end - block.begin));
    if (heading.empty() || (i == 0 && heading == one_line(document.title))) continue;
    if (!path.empty()) path += kSeparator;
    path += heading;
  }
  if (path.size() > kMaxBytes) path.resize(text::utf8_floor(path, kMaxBytes));
  return path;
}

}  // namespace tamis::docs
