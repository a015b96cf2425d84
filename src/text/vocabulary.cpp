#include "vocabulary.h"

#include <fmt/format.h>

#include <algorithm>

namespace tamis::text {

Result<Vocabulary> Vocabulary::make(const ModelSpec& spec) {
  Vocabulary made;
  std::uint32_t size = 0;
  std::size_t letters = 0;
  for (const ModelSpec::Entry& entry : spec.vocabulary) {
    size = std::max(size, entry.id + 1);
    letters += entry.token.size();
  }
  made.letters_.reserve(letters);
  made.spelling_.resize(size);
  std::vector<bool> taken(size);
  for (const ModelSpec::Entry& entry : spec.vocabulary) {
    if (taken[entry.id]) {
      return Error{Code::kCorrupt, fmt::format("model.vocab: id {} is given twice (\"{}\" and \"{}\")", entry.id,
                                               made.spelling(entry.id), entry.token)};
    }
    taken[entry.id] = true;
    const auto begin = static_cast<std::uint32_t>(made.letters_.size());
    made.letters_ += entry.token;
    made.spelling_[entry.id] = {begin, static_cast<std::uint32_t>(made.letters_.size())};
  }
  std::vector<ByteTrie::Entry> entries;
  entries.reserve(spec.vocabulary.size());
  for (const ModelSpec::Entry& entry : spec.vocabulary) entries.push_back({made.spelling(entry.id), entry.id});
  made.trie_ = ByteTrie(std::move(entries));
  made.count_ = static_cast<std::uint32_t>(spec.vocabulary.size());
  return made;
}

}  // namespace tamis::text
