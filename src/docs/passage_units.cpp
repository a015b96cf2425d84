#include "passage_units.h"

#include <algorithm>

namespace tamis::docs {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

class UnitMaker {
 public:
  UnitMaker(const ExtractedDocument& document, const PassageConfig& config)
      : document_(document), text_(document.text), max_words_(config.max_words) {
    std::size_t last = 0;
    for (const auto& block : document.blocks) {
      lawful_ = lawful_ && last <= block.begin && block.begin <= block.end && block.end <= text_.size();
      last = block.end;
    }
  }

  std::vector<Unit> run() {
    const auto& blocks = document_.blocks;
    const auto size = static_cast<std::uint32_t>(text_.size());
    std::uint32_t covered = 0;
    for (std::uint32_t i = 0; i < blocks.size() && lawful_;) {
      add(BlockKind::kParagraph, i, covered, blocks[i].begin);
      const std::uint32_t next = blocks[i].kind == BlockKind::kListItem ? end_of_list(i) : i + 1;
      if (next > i + 1) {
        add_list(i, next);
      } else {
        add(blocks[i].kind, i, blocks[i].begin, blocks[i].end);
      }
      covered = blocks[next - 1].end;
      i = next;
    }
    add(BlockKind::kParagraph, 0, covered, size);
    return std::move(units_);
  }

 private:
  [[nodiscard]] std::string_view slice(std::uint32_t begin, std::uint32_t end) const {
    return text_.substr(begin, end - begin);
  }
  [[nodiscard]] std::size_t words(std::uint32_t begin, std::uint32_t end) const {
    return text::count_words(slice(begin, end));
  }
  [[nodiscard]] bool only_space(std::uint32_t begin, std::uint32_t end) const {
    const auto gap = slice(begin, end);
    return std::all_of(gap.begin(), gap.end(), is_space);
  }

  /// The first block behind i that is no item of the same list.
  [[nodiscard]] std::uint32_t end_of_list(std::uint32_t i) const {
    const auto& blocks = document_.blocks;
    std::uint32_t next = i + 1;
    while (next < blocks.size() && blocks[next].kind == BlockKind::kListItem &&
           only_space(blocks[next - 1].end, blocks[next].begin)) {
      ++next;
    }
    return next;
  }

  /// A list that fits is one unit; of a longer one each top item with what hangs below it, and where even that is too
  /// long, each item.
  void add_list(std::uint32_t first, std::uint32_t last) {
    const auto& blocks = document_.blocks;
    if (add_whole(BlockKind::kListItem, first, blocks[first].begin, blocks[last - 1].end)) return;
    auto top = blocks[first].level;
    for (std::uint32_t i = first; i < last; ++i) top = std::min(top, blocks[i].level);
    for (std::uint32_t i = first; i < last;) {
      std::uint32_t next = i + 1;
      while (next < last && blocks[next].level > top) ++next;
      if (!add_whole(BlockKind::kListItem, i, blocks[i].begin, blocks[next - 1].end)) {
        for (; i < next; ++i) add(BlockKind::kListItem, i, blocks[i].begin, blocks[i].end);
      }
      i = next;
    }
  }

  bool add_whole(BlockKind kind, std::uint32_t block, std::uint32_t begin, std::uint32_t end) {
    auto range = trimmed(text_, begin, end);
    if (range.begin == range.end) return true;
    // The first line of code and tables keeps its indentation.
    if (kind == BlockKind::kCode || kind == BlockKind::kTable) {
      while (range.begin > begin && (text_[range.begin - 1] == ' ' || text_[range.begin - 1] == '\t')) --range.begin;
    }
    if ((range.end - range.begin) / kBytesPerWord > max_words_) return false;  // no need to count
    const std::size_t count = words(range.begin, range.end);
    if (count > max_words_) return false;
    units_.push_back({kind, block, range.begin, range.end, count});
    return true;
  }

  void add(BlockKind kind, std::uint32_t block, std::uint32_t begin, std::uint32_t end) {
    if (add_whole(kind, block, begin, end)) return;
    if (kind == BlockKind::kCode || kind == BlockKind::kTable) {
      add_lines(kind, block, begin, end);
    } else {
      add_sentences(kind, block, begin, end);
    }
  }

  void add_lines(BlockKind kind, std::uint32_t block, std::uint32_t begin, std::uint32_t end) {
    while (begin < end) {
      const auto line = slice(begin, end).find('\n');
      const auto next = line == std::string_view::npos ? end : begin + static_cast<std::uint32_t>(line) + 1;
      if (!add_whole(kind, block, begin, next)) add_sentences(kind, block, begin, next);
      begin = next;
    }
  }

  void add_sentences(BlockKind kind, std::uint32_t block, std::uint32_t begin, std::uint32_t end) {
    // UAX #29 ends a sentence at every line end, but lines of a paragraph are wrapped anywhere.
    std::string lines(slice(begin, end));
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
      if (lines[i] == '\n' && lines[i - 1] != '\n' && lines[i + 1] != '\n') lines[i] = ' ';
    }
    std::vector<text::Range> sentences;
    text::segment_sentences(lines, sentences);
    for (const auto& sentence : sentences) {
      if (!add_whole(kind, block, begin + sentence.begin, begin + sentence.end)) {
        add_words(kind, block, begin + sentence.begin, begin + sentence.end);
      }
    }
  }

  /// Fills pieces with whole words; a word that is too long for a piece is cut between characters.
  void add_words(BlockKind kind, std::uint32_t block, std::uint32_t begin, std::uint32_t end) {
    std::uint32_t piece = begin;  // where the open piece begins
    std::size_t piece_words = 0;
    const auto close = [&](std::uint32_t at) {
      const auto range = trimmed(text_, piece, at);
      if (range.begin < range.end) {
        units_.push_back({kind, block, range.begin, range.end, words(range.begin, range.end)});
      }
      piece = at;
      piece_words = 0;
    };
    for (std::uint32_t at = begin; at < end;) {
      std::uint32_t next = at;
      while (next < end && is_space(text_[next])) ++next;
      const std::uint32_t word = next;
      std::size_t length = 0;
      next = part_of_word(word, end, length);
      if (piece_words + length > max_words_ || next - piece > max_bytes_) close(word);
      piece_words += length;
      at = next;
    }
    close(end);
  }

  /// The end of the word, or of a first part of it that fits into a passage; at least one character.
  std::uint32_t part_of_word(std::uint32_t word, std::uint32_t end, std::size_t& length) {
    while (true) {
      const std::uint32_t limit = word + std::min(end - word, part_bytes_);
      std::uint32_t next = word;
      while (next < limit && !is_space(text_[next])) ++next;
      if (next == limit && next < end) next = std::max(character_floor(next), word + character_bytes(word));
      length = words(word, next);
      if (length <= max_words_ || next - word <= character_bytes(word)) {
        part_bytes_ = std::max(part_bytes_, std::min(max_bytes_, 2 * (next - word)));
        return next;
      }
      part_bytes_ = std::max(1U, (next - word) / 2);
    }
  }

  [[nodiscard]] std::uint32_t character_floor(std::uint32_t at) const {
    return static_cast<std::uint32_t>(text::utf8_floor(text_, at));
  }
  [[nodiscard]] std::uint32_t character_bytes(std::uint32_t at) const {
    const auto lead = static_cast<unsigned char>(text_[at]);
    return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  }

  const ExtractedDocument& document_;
  std::string_view text_;
  std::uint32_t max_words_;
  std::uint32_t max_bytes_ = max_words_ * static_cast<std::uint32_t>(kBytesPerWord);
  std::uint32_t part_bytes_ = max_bytes_;  ///< how much of a long word is tried: what fitted lately, doubled
  bool lawful_ = true;                     ///< of the blocks; those that break their law are not used
  std::vector<Unit> units_;
};

}  // namespace

std::vector<Unit> passage_units(const ExtractedDocument& document, const PassageConfig& config) {
  return UnitMaker(document, config).run();
}

text::Range trimmed(std::string_view text, std::uint32_t begin, std::uint32_t end) {
  while (begin < end && is_space(text[begin])) ++begin;
  while (end > begin && is_space(text[end - 1])) --end;
  return {begin, end};
}

std::string one_line(std::string_view text) {
  std::string line;
  bool gap = false;
  for (const char c : text) {
    if (is_space(c)) {
      gap = !line.empty();
      continue;
    }
    if (gap) line += ' ';
    gap = false;
    line += c;
  }
  return line;
}

}  // namespace tamis::docs
