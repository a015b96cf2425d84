#include "vocabulary.h"

#include <fmt/format.h>

#include <algorithm>

namespace tamis::text {

Result<Vocabulary> Vocabulary::make(const ModelSpec& spec) {
  const TokenList& tokens = spec.vocabulary;
  Vocabulary made;
  made.letters_ = tokens.letters();
  made.count_ = static_cast<std::uint32_t>(tokens.size());
  const auto& ids = tokens.ids();
  constexpr Range kFree{1, 0};
  made.spelling_.resize(ids.empty() ? 0 : *std::ranges::max_element(ids) + 1, kFree);
  std::uint32_t begin = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Range& place = made.spelling_[ids[i]];
    if (place.begin <= place.end) {
      return Error{Code::kCorrupt, fmt::format("model.vocab: id {} is given twice (\"{}\" and \"{}\")", ids[i],
                                               made.spelling(ids[i]), tokens[i].token)};
    }
    place = {begin, tokens.ends()[i]};
    begin = place.end;
  }
  for (Range& place : made.spelling_) place.begin = std::min(place.begin, place.end);
  std::size_t slots = 16;
  while (slots < 2 * ids.size()) slots *= 2;
  made.slots_.resize(slots);
  for (const std::uint32_t id : ids) made.put(made.spelling(id), id);
  return made;
}

void Vocabulary::put(std::string_view spelling, std::uint32_t id) {
  if (spelling.empty()) return;
  longest_ = std::max(longest_, spelling.size());
  const SpellingHash hash(spelling);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = place(hash) & mask;
  while (slots_[at].id != kNone && !(slots_[at].tag == tag(hash) && spells(slots_[at].id, {}, spelling)))
    at = (at + 1) & mask;
  slots_[at] = {tag(hash), id};
}

}  // namespace tamis::text
