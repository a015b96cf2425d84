#include "word_cache.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <utility>

namespace tamis::text {

namespace {
constexpr std::size_t kFirstSlots = 1024;  // a query makes an analyzer too: start small
}

std::uint64_t WordCache::long_hash(std::string_view word) noexcept { return XXH3_64bits(word.data(), word.size()); }

void WordCache::place(const Slot& slot, std::uint64_t hash) noexcept {
  std::size_t at = hash & mask_;
  while (slots_[at].meta != 0) at = (at + 1) & mask_;
  slots_[at] = slot;
}

void WordCache::insert(const Key& key, std::string_view word, std::uint32_t value) {
  if (3 * (num_words_ + 1) > 2 * slots_.size()) grow();
  Slot slot{key.first, key.second, key.meta, value};
  if (word.size() > 16) {
    slot.second = long_words_.size();
    long_words_.append(word);
  }
  place(slot, key.hash);
  ++num_words_;
}

void WordCache::grow() {
  AlignedBuffer<Slot> old(slots_.size() * 2);
  std::swap(old, slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& slot : old.span()) {
    if (slot.meta == 0) continue;
    const std::uint64_t second = (slot.meta & 0xFF) <= 16 ? slot.second : 0;
    place(slot, mix(slot.first ^ kSalt1, second ^ kSalt2 ^ slot.meta));
  }
}

void WordCache::clear() {
  slots_ = AlignedBuffer<Slot>(kFirstSlots);
  mask_ = kFirstSlots - 1;
  num_words_ = 0;
  long_words_.clear();
}

}  // namespace tamis::text
