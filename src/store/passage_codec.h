#pragma once

#include <tamis/base/result.h>
#include <tamis/store/catalogue.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "varint.h"

namespace tamis::store {

/// Longest heading path that is stored; splitters make at most 200 bytes.
inline constexpr std::size_t kMaxHeadingBytes = 1024;

/// The passages of one document as one value (docs/formats/catalogue.md, "Packed passages"): differences to the passage
/// before, so that a passage takes 8 to 12 bytes and its heading, where it repeats, two.
/// @param passages  ids are not stored: they are consecutive; headings of at most kMaxHeadingBytes
void pack_passages(std::span<const PassageRow> passages, std::string& out);

/// Reads packed passages one after the other. Hostile bytes give kCorrupt, never more work than their length allows.
class PassageUnpacker {
 public:
  PassageUnpacker(std::span<const std::byte> packed, PassageId first) : reader_(packed) { last_.id = first - 1; }
  /// The next passage; kCorrupt when the bytes end or make no sense.
  [[nodiscard]] Status next(PassageRow& row);
  [[nodiscard]] bool at_end() const noexcept { return reader_.at_end(); }

 private:
  [[nodiscard]] bool take_near(std::uint32_t base, std::uint32_t& value);
  [[nodiscard]] bool take_heading();

  ByteReader reader_;
  PassageRow last_;
};

/// All passages of a document; kCorrupt unless there are exactly `count` of them.
[[nodiscard]] Result<std::vector<PassageRow>> unpack_passages(std::span<const std::byte> packed, PassageId first,
                                                              std::uint32_t count);

}  // namespace tamis::store
