#include "added_tokens.h"

#include <algorithm>

#include "code_points.h"
#include "utf8.h"

namespace tamis::text {

namespace {

/// The character that ends at `end`. @pre 0 < end, well-formed
[[nodiscard]] Decoded before(std::string_view text, std::size_t end) noexcept {
  std::size_t begin = end - 1;
  while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
  return decode_utf8(text, begin);
}

[[nodiscard]] bool stands_alone(std::string_view text, std::size_t begin, std::size_t end) noexcept {
  if (begin > 0 && is_word(before(text, begin).point)) return false;
  return end == text.size() || !is_word(decode_utf8(text, end).point);
}

[[nodiscard]] std::size_t over_spaces_left(std::string_view text, std::size_t begin) noexcept {
  while (begin > 0) {
    const Decoded c = before(text, begin);
    if (!is_space(c.point)) break;
    begin -= c.size;
  }
  return begin;
}

[[nodiscard]] std::size_t over_spaces_right(std::string_view text, std::size_t end) noexcept {
  while (end < text.size()) {
    const Decoded c = decode_utf8(text, end);
    if (!is_space(c.point)) break;
    end += c.size;
  }
  return end;
}

}  // namespace

AddedTokenFinder::AddedTokenFinder(std::vector<AddedToken> tokens, std::span<const std::string> spellings)
    : tokens_(std::move(tokens)) {
  std::vector<ByteTrie::Entry> entries;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (spellings[i].empty()) continue;
    entries.push_back({spellings[i], static_cast<std::uint32_t>(i)});
    begins_[static_cast<unsigned char>(spellings[i][0])] = true;
  }
  trie_ = ByteTrie(std::move(entries));
  if (std::ranges::count(begins_, true) == 1)
    only_.push_back(static_cast<char>(std::ranges::find(begins_, true) - begins_.begin()));
}

std::size_t AddedTokenFinder::next_start(std::string_view text, std::size_t at) const noexcept {
  if (!only_.empty()) return std::min(text.find(only_[0], at), text.size());
  while (at < text.size() && !begins_[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

void AddedTokenFinder::find(std::string_view text, std::uint32_t offset, std::vector<Piece>& out) const {
  const auto push = [&](std::size_t begin, std::size_t end, std::uint32_t token) {
    out.push_back({offset + static_cast<std::uint32_t>(begin), offset + static_cast<std::uint32_t>(end), token});
  };
  std::size_t done = 0;  // what lies before is in `out`
  std::size_t at = tokens_.empty() ? text.size() : next_start(text, 0);
  while (at < text.size()) {
    const ByteTrie::Match match = trie_.longest(ByteTrie::kRoot, text.substr(at));
    if (match.size == 0) {
      at = next_start(text, at + 1);
      continue;
    }
    std::size_t begin = at;
    std::size_t end = at + match.size;
    at = next_start(text, end);
    const AddedToken& token = tokens_[match.value];
    if (token.spec.single_word && !stands_alone(text, begin, end)) continue;
    if (token.spec.left_strip) begin = std::max(over_spaces_left(text, begin), done);
    if (token.spec.right_strip) end = over_spaces_right(text, end);
    if (done < begin) push(done, begin, Piece::kNoToken);
    push(begin, end, token.id);
    done = end;
  }
  if (done < text.size()) push(done, text.size(), Piece::kNoToken);
}

}  // namespace tamis::text
