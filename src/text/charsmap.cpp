#include <tamis/text/unicode.h>

#include <cstring>
#include <optional>

#include "edit_rules.h"
#include "graphemes.h"
#include "normalizer.h"

namespace tamis::text {

namespace {

/// Sentencepiece's table of replacements: a double-array trie (Darts-clone) of UTF-8 strings, each leading to a place
/// in a block of texts that end with a zero byte.
class CharsMap final : public Normalizer {
 public:
  CharsMap(std::vector<std::uint32_t> units, std::string texts) : units_(std::move(units)), texts_(std::move(texts)) {}

  void run(AlignedText& text) const override {
    auto& edits = text.edits();
    edits.clear();
    const std::string_view bytes = text.bytes();
    bool modified = false;
    // Short graphemes are looked up whole and, where that finds nothing, by character. The shortest prefix that is in
    // the table decides, for the whole grapheme too: this is what the models were trained with.
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t end = grapheme_end(bytes, at);
      if (end - at < kLongGrapheme && replace(bytes.substr(at, end - at), edits)) {
        modified = true;
        at = end;
        continue;
      }
      while (at < end) {
        const Decoded c = decode_utf8(bytes, at);
        if (replace(bytes.substr(at, c.size), edits)) {
          modified = true;
        } else {
          edits.push_back({c.point, 0});
        }
        at += c.size;
      }
    }
    if (modified) {
      text.apply(0);
    } else {
      edits.clear();
    }
  }

 private:
  static constexpr std::size_t kLongGrapheme = 6;  // bytes

  /// The text for the shortest prefix of `part` that the table has.
  [[nodiscard]] std::optional<std::string_view> look_up(std::string_view part) const noexcept {
    const auto offset = [](std::uint32_t unit) -> std::size_t { return (unit >> 10U) << ((unit & (1U << 9U)) >> 6U); };
    std::size_t node = offset(units_[0]);
    for (const char byte : part) {
      const auto label = static_cast<unsigned char>(byte);
      if (label == 0) break;
      node ^= label;
      if (node >= units_.size() || (units_[node] & ((1U << 31U) | 0xFFU)) != label) return std::nullopt;
      const std::uint32_t unit = units_[node];
      node ^= offset(unit);
      if (((unit >> 8U) & 1U) == 0) continue;
      if (node >= units_.size()) return std::nullopt;
      const std::size_t begin = units_[node] & ((1U << 31U) - 1);
      if (begin > texts_.size() || utf8_floor(texts_, begin) != begin) return std::nullopt;
      return std::string_view(texts_).substr(begin, texts_.find('\0', begin) - begin);
    }
    return std::nullopt;
  }

  /// Appends the edits that replace `part`, if the table has it.
  [[nodiscard]] bool replace(std::string_view part, std::vector<Edit>& edits) const {
    const auto content = look_up(part);
    if (!content) return false;
    std::int32_t more = 0;  // characters than before
    each_point(*content, [&](std::uint32_t point) {
      edits.push_back({point, 0});
      ++more;
    });
    each_point(part, [&](std::uint32_t) { --more; });
    if (more < 0 && !edits.empty()) edits.back().change += more;
    for (std::int32_t i = 0; i < more; ++i) edits[edits.size() - 1 - static_cast<std::size_t>(i)].change = 1;
    return true;
  }

  std::vector<std::uint32_t> units_;
  std::string texts_;
};

}  // namespace

Result<std::unique_ptr<Normalizer>> make_charsmap(std::string_view bytes) {
  const auto corrupt = [](const char* what) {
    return Error{Code::kCorrupt, std::string("normalizer.precompiled_charsmap: ") + what};
  };
  if (bytes.size() < 4) return corrupt("shorter than its head");
  const auto number_at = [&](std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i)
      number |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    return number;
  };
  const std::size_t units = number_at(0) / 4;
  if (units == 0 || units > (bytes.size() - 4) / 4) return corrupt("a table longer than the whole");
  std::vector<std::uint32_t> table(units);
  for (std::size_t i = 0; i < units; ++i) table[i] = number_at(4 + 4 * i);
  std::string texts(bytes.substr(4 + 4 * units));
  if (!is_valid_utf8(texts)) return corrupt("texts that are not UTF-8");
  return std::unique_ptr<Normalizer>(std::make_unique<CharsMap>(std::move(table), std::move(texts)));
}

}  // namespace tamis::text
