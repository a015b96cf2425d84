#include <tamis/eval/ids.h>

#include <functional>
#include <limits>

namespace tamis::eval {
namespace {

std::uint64_t hash_of(std::string_view name) { return std::hash<std::string_view>{}(name); }

/// Bits that do not choose the slot.
std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32U); }

}  // namespace

std::string_view IdTable::name(std::uint32_t number) const {
  const std::uint64_t begin = number == 0 ? 0 : ends_[number - 1];
  return std::string_view(letters_).substr(begin, ends_[number] - begin);
}

/// Where the name is, or where it would go. There is always a free slot.
std::size_t IdTable::slot_of(std::string_view wanted, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  const std::uint32_t tag = tag_of(hash);
  for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    const Slot& here = slots_[slot];
    if (here.number_and_one == 0) return slot;
    if (here.tag == tag && name(here.number_and_one - 1) == wanted) return slot;
  }
}

void IdTable::grow() {
  constexpr std::size_t kFirst = 1024;
  slots_.assign(slots_.empty() ? kFirst : 2 * slots_.size(), {});
  for (std::uint32_t number = 0; number < ends_.size(); ++number) {
    const std::uint64_t hash = hash_of(name(number));
    slots_[slot_of(name(number), hash)] = {number + 1, tag_of(hash)};
  }
}

Result<std::uint32_t> IdTable::intern(std::string_view wanted) {
  if (3 * (ends_.size() + 1) > 2 * slots_.size()) grow();
  const std::uint64_t hash = hash_of(wanted);
  Slot& slot = slots_[slot_of(wanted, hash)];
  if (slot.number_and_one != 0) return slot.number_and_one - 1;
  if (ends_.size() >= std::numeric_limits<std::uint32_t>::max() - 1) {
    return Error{Code::kExhausted, "more than 2^32 - 2 different ids"};
  }
  letters_ += wanted;
  ends_.push_back(letters_.size());
  slot = {static_cast<std::uint32_t>(ends_.size()), tag_of(hash)};
  return slot.number_and_one - 1;
}

std::optional<std::uint32_t> IdTable::find(std::string_view wanted) const {
  if (slots_.empty()) return std::nullopt;
  const Slot& slot = slots_[slot_of(wanted, hash_of(wanted))];
  if (slot.number_and_one == 0) return std::nullopt;
  return slot.number_and_one - 1;
}

}  // namespace tamis::eval
