#include "row_store.h"

#include <algorithm>
#include <cstring>

namespace tamis::sieve {

void RowStore::add(PassageId id, std::span<const TermId> terms, std::span<const std::uint16_t> levels) {
  const bool wide = !terms.empty() && terms.back() > 0xFFFF;
  const std::size_t bytes = 4 + terms.size() * (wide ? 6U : 4U);
  const std::size_t room = (bytes + 3) / 4 * 4;
  if (pieces_.empty() || pieces_.back().size() - used_ < room) {
    pieces_.emplace_back(std::max(kPieceBytes, room));
    used_ = 0;
  }
  std::byte* const begin = pieces_.back().data() + used_;
  const auto count = static_cast<std::uint32_t>(terms.size()) | (wide ? kWide : 0U);
  std::memcpy(begin, &count, 4);
  std::byte* out = begin + 4;
  if (wide) {
    std::memcpy(out, terms.data(), terms.size() * 4);
    out += terms.size() * 4;
  } else {
    for (const auto term : terms) {
      const auto narrow = static_cast<std::uint16_t>(term);
      std::memcpy(out, &narrow, 2);
      out += 2;
    }
  }
  if (!levels.empty()) std::memcpy(out, levels.data(), levels.size() * 2);
  used_ += room;
  ids_.push_back(id);
  begins_.push_back(begin);
}

Status RowStore::read(std::uint64_t row, std::vector<TermId>& terms, std::vector<std::uint16_t>& levels) const {
  const std::byte* in = begins_[row];
  std::uint32_t count = 0;
  std::memcpy(&count, in, 4);
  in += 4;
  const bool wide = (count & kWide) != 0;
  count &= ~kWide;
  terms.resize(count);
  levels.resize(count);
  if (count == 0) return ok();
  if (wide) {
    std::memcpy(terms.data(), in, std::size_t{count} * 4);
    in += std::size_t{count} * 4;
  } else {
    const auto* const narrow = reinterpret_cast<const std::uint16_t*>(in);
    std::copy(narrow, narrow + count, terms.begin());
    in += std::size_t{count} * 2;
  }
  std::memcpy(levels.data(), in, std::size_t{count} * 2);
  return ok();
}

}  // namespace tamis::sieve
