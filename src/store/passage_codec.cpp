#include "passage_codec.h"

#include <algorithm>
#include <limits>

namespace tamis::store {
namespace {

void put(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

/// Small differences of either sign become small numbers: 0, -1, 1, -2, 2 … → 0, 1, 2, 3, 4 …
void put_difference(std::string& out, std::uint32_t value, std::uint32_t base) {
  const auto difference = std::int64_t{value} - std::int64_t{base};
  put(out, (static_cast<std::uint64_t>(difference) << 1) ^ static_cast<std::uint64_t>(difference >> 63));
}

}  // namespace

void pack_passages(std::span<const PassageRow> passages, std::string& out) {
  PassageRow last;
  std::string_view heading;
  for (const auto& row : passages) {
    put_difference(out, row.begin, last.end);
    put_difference(out, row.end, row.begin);
    put_difference(out, row.origin, last.origin);
    out += static_cast<char>(row.language);
    put(out, row.length);
    const auto same = std::mismatch(heading.begin(), heading.end(), row.heading.begin(), row.heading.end()).first;
    const auto shared = static_cast<std::size_t>(same - heading.begin());
    put(out, shared);
    put(out, row.heading.size() - shared);
    out.append(row.heading, shared);
    heading = row.heading;
    last.end = row.end;
    last.origin = row.origin;
  }
}

PassageUnpacker::PassageUnpacker(std::span<const std::byte> packed, PassageId first) : packed_(packed) {
  last_.id = first - 1;
}

bool PassageUnpacker::take(std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && at_ < packed_.size(); shift += 7) {
    const auto byte = static_cast<std::uint64_t>(packed_[at_++]);
    value |= (byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool PassageUnpacker::take_signed_sum(std::uint32_t base, std::uint32_t& sum) {
  std::uint64_t folded = 0;
  if (!take(folded) || folded > std::uint64_t{1} << 34) return false;
  const auto difference = static_cast<std::int64_t>(folded >> 1) ^ -static_cast<std::int64_t>(folded & 1);
  const auto value = std::int64_t{base} + difference;
  if (value < 0 || value > std::numeric_limits<std::uint32_t>::max()) return false;
  sum = static_cast<std::uint32_t>(value);
  return true;
}

bool PassageUnpacker::take_heading() {
  std::uint64_t shared = 0;
  std::uint64_t added = 0;
  if (!take(shared) || !take(added)) return false;
  if (shared > last_.heading.size() || added > packed_.size() - at_ || shared + added > kMaxHeadingBytes) return false;
  last_.heading.resize(static_cast<std::size_t>(shared));
  last_.heading.append(reinterpret_cast<const char*>(packed_.data()) + at_, static_cast<std::size_t>(added));
  at_ += static_cast<std::size_t>(added);
  return true;
}

Status PassageUnpacker::next(PassageRow& row) {
  const Error damaged{Code::kCorrupt, "packed passages are damaged"};
  if (!take_signed_sum(last_.end, last_.begin) || !take_signed_sum(last_.begin, last_.end)) return damaged;
  if (!take_signed_sum(last_.origin, last_.origin) || at_ == packed_.size()) return damaged;
  last_.language = static_cast<std::uint8_t>(packed_[at_++]);
  std::uint64_t length = 0;
  if (!take(length) || length > std::numeric_limits<std::uint32_t>::max() || !take_heading()) return damaged;
  last_.length = static_cast<std::uint32_t>(length);
  ++last_.id;
  row = last_;
  return ok();
}

Result<std::vector<PassageRow>> unpack_passages(std::span<const std::byte> packed, PassageId first,
                                                std::uint32_t count) {
  std::vector<PassageRow> rows;
  rows.reserve(std::min<std::size_t>(count, packed.size()));  // a passage takes more than a byte
  PassageUnpacker unpacker(packed, first);
  for (std::uint32_t i = 0; i < count; ++i) TAMIS_TRY_OK(unpacker.next(rows.emplace_back()));
  if (!unpacker.at_end()) return Error{Code::kCorrupt, "packed passages go on after the last one"};
  return rows;
}

}  // namespace tamis::store
