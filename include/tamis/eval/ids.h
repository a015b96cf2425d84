#pragma once

#include <tamis/base/result.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::eval {

/// Names as numbers 0, 1, 2, … in the order in which they were first seen. About 25 bytes a name beside its letters.
/// Reading is safe from several threads, interning is not.
class IdTable {
 public:
  /// The name's number; a new one if it is not known yet.
  /// @par Errors  kExhausted: more than 2^32 - 2 names
  [[nodiscard]] Result<std::uint32_t> intern(std::string_view name);
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const;
  /// Valid until the next intern().
  [[nodiscard]] std::string_view name(std::uint32_t number) const;
  [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }

 private:
  struct Slot {
    std::uint32_t number_and_one = 0;  ///< 0 = free
    std::uint32_t tag = 0;             ///< of the name's hash: most other names are told apart without reading them
  };
  [[nodiscard]] std::size_t slot_of(std::string_view name, std::uint64_t hash) const;
  void grow();
  std::string letters_;              // all names, one after the other
  std::vector<std::uint64_t> ends_;  // [size] where each name ends
  std::vector<Slot> slots_;          // open addressing; a power of two, at most 2/3 full
};

/// The names of one evaluation: judgements and all runs share them, so that their numbers can be compared.
struct Ids {
  IdTable queries, documents;
};

}  // namespace tamis::eval
