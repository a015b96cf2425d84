#include "term_table.h"

#define XXH_INLINE_ALL
#include <tamis/base/check.h>
#include <xxhash.h>

#include <algorithm>

namespace tamis::text {

namespace {

constexpr std::size_t kFirstSlots = 512;
constexpr std::size_t kBlockBytes = std::size_t{64} << 10;

[[nodiscard]] std::uint64_t hash_of(std::string_view term) noexcept { return XXH3_64bits(term.data(), term.size()); }
[[nodiscard]] std::uint32_t tag_of(std::uint64_t hash) noexcept { return static_cast<std::uint32_t>(hash >> 32); }

}  // namespace

std::uint32_t TermTable::intern(std::string_view term) {
  if (2 * (terms_.size() + 1) > slots_.size()) grow();
  const std::uint64_t hash = hash_of(term);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at].number != 0; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.tag == tag_of(hash) && terms_[slot.number - 1] == term) return slot.number - 1;
  }
  TAMIS_CHECK(terms_.size() < 0x7FFFFFFF, "an analyzer holds fewer than 2^31 terms");
  terms_.push_back(keep(term));
  slots_[at] = {tag_of(hash), static_cast<std::uint32_t>(terms_.size())};
  return static_cast<std::uint32_t>(terms_.size() - 1);
}

std::string_view TermTable::keep(std::string_view term) {
  if (blocks_.empty() || block_used_ + term.size() > kBlockBytes) {
    blocks_.push_back(std::make_unique<char[]>(std::max(kBlockBytes, term.size())));
    block_used_ = 0;
  }
  char* to = blocks_.back().get() + block_used_;
  std::ranges::copy(term, to);
  block_used_ += term.size();
  return {to, term.size()};
}

void TermTable::grow() {
  slots_.assign(std::max(kFirstSlots, slots_.size() * 2), Slot{});
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t number = 0; number < terms_.size(); ++number) {
    const std::uint64_t hash = hash_of(terms_[number]);
    std::size_t at = hash & mask;
    while (slots_[at].number != 0) at = (at + 1) & mask;
    slots_[at] = {tag_of(hash), number + 1};
  }
}

void TermTable::clear() {
  slots_.assign(kFirstSlots, Slot{});
  terms_.clear();
  blocks_.clear();
  block_used_ = 0;
}

}  // namespace tamis::text
