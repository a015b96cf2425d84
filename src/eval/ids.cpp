#include <tamis/eval/ids.h>

#include <functional>
#include <limits>

namespace tamis::eval {

std::string_view IdTable::name(std::uint32_t number) const {
  const std::uint64_t begin = number == 0 ? 0 : ends_[number - 1];
  return std::string_view(letters_).substr(begin, ends_[number] - begin);
}

/// Where the name is, or where it would go. There is always a free slot.
std::size_t IdTable::slot_of(std::string_view wanted) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(wanted)&mask;
  while (slots_[slot] != 0 && name(slots_[slot] - 1) != wanted) slot = (slot + 1) & mask;
  return slot;
}

void IdTable::grow() {
  constexpr std::size_t kFirst = 1024;
  slots_.assign(slots_.empty() ? kFirst : 2 * slots_.size(), 0);
  for (std::uint32_t number = 0; number < ends_.size(); ++number) slots_[slot_of(name(number))] = number + 1;
}

Result<std::uint32_t> IdTable::intern(std::string_view wanted) {
  if (3 * (ends_.size() + 1) > 2 * slots_.size()) grow();
  const std::size_t slot = slot_of(wanted);
  if (slots_[slot] != 0) return slots_[slot] - 1;
  if (ends_.size() >= std::numeric_limits<std::uint32_t>::max() - 1) {
    return Error{Code::kExhausted, "more than 2^32 - 2 different ids"};
  }
  letters_ += wanted;
  ends_.push_back(letters_.size());
  slots_[slot] = static_cast<std::uint32_t>(ends_.size());
  return slots_[slot] - 1;
}

std::optional<std::uint32_t> IdTable::find(std::string_view wanted) const {
  if (slots_.empty()) return std::nullopt;
  const std::size_t slot = slot_of(wanted);
  if (slots_[slot] == 0) return std::nullopt;
  return slots_[slot] - 1;
}

}  // namespace tamis::eval
