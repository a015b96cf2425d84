#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace tamis::text {

/// Terms and their numbers 0, 1, 2, … in the order of first meeting. Views stay valid until clear().
class TermTable {
 public:
  TermTable() { clear(); }

  /// The number of a term, new or not.
  [[nodiscard]] std::uint32_t intern(std::string_view term);
  /// @pre number < size()
  [[nodiscard]] std::string_view operator[](std::uint32_t number) const noexcept { return terms_[number]; }
  [[nodiscard]] std::size_t size() const noexcept { return terms_.size(); }
  void clear();

 private:
  struct Slot {
    std::uint32_t tag = 0;     ///< upper half of the hash
    std::uint32_t number = 0;  ///< plus one; 0: empty
  };
  [[nodiscard]] std::string_view keep(std::string_view term);
  void grow();

  std::vector<Slot> slots_;
  std::vector<std::string_view> terms_;
  std::vector<std::unique_ptr<char[]>> blocks_;  ///< the bytes of terms; blocks never move
  std::size_t block_used_ = 0;
};

}  // namespace tamis::text
