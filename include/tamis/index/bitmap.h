#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace tamis::index {

/// A set of local passage numbers, one bit each.
class Bitmap {
 public:
  Bitmap() = default;
  explicit Bitmap(std::uint32_t size, bool value = false)
      : words_((size + 63ULL) / 64, value ? ~0ULL : 0ULL), size_(size) {
    trim();
  }
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  [[nodiscard]] bool test(std::uint32_t i) const noexcept { return (words_[i >> 6] >> (i & 63)) & 1U; }
  void set(std::uint32_t i) noexcept { words_[i >> 6] |= 1ULL << (i & 63); }
  void reset(std::uint32_t i) noexcept { words_[i >> 6] &= ~(1ULL << (i & 63)); }
  [[nodiscard]] std::uint64_t count() const noexcept {
    std::uint64_t n = 0;
    for (const auto word : words_) n += static_cast<std::uint64_t>(std::popcount(word));
    return n;
  }
  /// Intersection, union, difference with a set of the same size.
  Bitmap& operator&=(const Bitmap& other) noexcept {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }
  Bitmap& operator|=(const Bitmap& other) noexcept {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  Bitmap& operator-=(const Bitmap& other) noexcept {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
    return *this;
  }
  [[nodiscard]] const std::vector<std::uint64_t>& words() const noexcept { return words_; }

 private:
  void trim() {
    if (size_ % 64 != 0) words_.back() &= (1ULL << (size_ % 64)) - 1;
  }
  std::vector<std::uint64_t> words_;
  std::uint32_t size_ = 0;
};

}  // namespace tamis::index
