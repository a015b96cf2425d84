#include "passage_codec.h"

#include <algorithm>
#include <limits>

namespace tamis::store {
namespace {

void put_near(std::string& out, std::uint32_t value, std::uint32_t base) {
  put_signed_varint(out, std::int64_t{value} - std::int64_t{base});
}

}  // namespace

void pack_passages(std::span<const PassageRow> passages, std::string& out) {
  std::uint32_t last_end = 0;
  std::uint32_t last_origin = 1;
  std::string_view last_heading;
  for (const auto& row : passages) {
    put_near(out, row.begin, last_end);
    put_near(out, row.end, row.begin);
    put_near(out, row.origin, last_origin);
    out += static_cast<char>(row.language);
    put_varint(out, row.length);
    const std::string_view heading = row.heading;
    const auto differs = std::mismatch(last_heading.begin(), last_heading.end(), heading.begin(), heading.end()).first;
    const auto shared = static_cast<std::size_t>(differs - last_heading.begin());
    put_varint(out, shared);
    put_varint(out, heading.size() - shared);
    out.append(heading.substr(shared));
    last_end = row.end;
    last_origin = row.origin;
    last_heading = heading;
  }
}

bool PassageUnpacker::take_near(std::uint32_t base, std::uint32_t& value) {
  constexpr std::int64_t kLargest = std::numeric_limits<std::uint32_t>::max();
  std::int64_t difference = 0;
  if (!reader_.signed_varint(difference) || difference > kLargest || difference < -kLargest) return false;
  const auto sum = std::int64_t{base} + difference;
  if (sum < 0 || sum > kLargest) return false;
  value = static_cast<std::uint32_t>(sum);
  return true;
}

bool PassageUnpacker::take_heading() {
  std::uint64_t shared = 0;
  std::uint64_t size = 0;
  std::string_view added;
  if (!reader_.varint(shared) || !reader_.varint(size) || !reader_.text(size, added)) return false;
  if (shared > last_.heading.size() || shared + size > kMaxHeadingBytes) return false;
  last_.heading.resize(static_cast<std::size_t>(shared));
  last_.heading.append(added);
  return true;
}

Status PassageUnpacker::next(PassageRow& row) {
  std::uint64_t length = 0;
  const bool taken = take_near(last_.end, last_.begin) && take_near(last_.begin, last_.end) &&
                     take_near(last_.origin, last_.origin) && reader_.byte(last_.language) && reader_.varint(length) &&
                     length <= std::numeric_limits<std::uint32_t>::max() && take_heading();
  if (!taken) return Error{Code::kCorrupt, "packed passages are damaged"};
  last_.length = static_cast<std::uint32_t>(length);
  ++last_.id;
  row = last_;
  return ok();
}

Result<std::vector<PassageRow>> unpack_passages(std::span<const std::byte> packed, PassageId first,
                                                std::uint32_t count) {
  std::vector<PassageRow> rows;
  rows.reserve(std::min<std::size_t>(count, packed.size() / 7));  // a passage takes 7 bytes or more
  PassageUnpacker unpacker(packed, first);
  for (std::uint32_t i = 0; i < count; ++i) TAMIS_TRY_OK(unpacker.next(rows.emplace_back()));
  if (!unpacker.at_end()) return Error{Code::kCorrupt, "packed passages go on after the last one"};
  return rows;
}

}  // namespace tamis::store
