#include <gtest/gtest.h>
#include <tamis/base/buffer.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>
#include <utility>

namespace tamis {
namespace {

TEST(AlignedBuffer, is_aligned_zeroed_and_writable_to_the_last_element) {
  constexpr std::size_t kMiB = 1 << 20;
  for (const std::size_t size : {1UL, 63UL, 64UL, 65UL, 4096UL, 4 * kMiB - 1, 4 * kMiB, 4 * kMiB + 1, 9 * kMiB}) {
    AlignedBuffer<std::uint8_t> buffer(size);
    ASSERT_EQ(buffer.size(), size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0U) << size;
    if (size >= 4 * kMiB) {
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % (2 * kMiB), 0U) << size;
    }
    const auto span = buffer.span();
    EXPECT_TRUE(std::all_of(span.begin(), span.end(), [](auto byte) { return byte == 0; })) << size;
    std::fill(span.begin(), span.end(), std::uint8_t{7});
    EXPECT_EQ(buffer[size - 1], 7);
  }
}

TEST(AlignedBuffer, moving_keeps_the_storage_and_empties_the_source) {
  AlignedBuffer<std::uint32_t> first(100);
  auto* const data = first.data();
  AlignedBuffer<std::uint32_t> second = std::move(first);
  EXPECT_EQ(second.data(), data);
  EXPECT_EQ(first.size(), 0U);  // NOLINT(bugprone-use-after-move): a moved-from buffer is empty
  AlignedBuffer<std::uint32_t> third(5);
  third = std::move(second);
  EXPECT_EQ(third.data(), data);
  EXPECT_EQ(third.size(), 100U);
}

TEST(AlignedBuffer, nothing_and_too_much_are_both_safe) {
  EXPECT_EQ(AlignedBuffer<double>(0).data(), nullptr);
  EXPECT_EQ(AlignedBuffer<double>().size(), 0U);
  EXPECT_THROW(AlignedBuffer<double>(std::numeric_limits<std::size_t>::max() / 8 + 1), std::bad_alloc);
  EXPECT_THROW(AlignedBuffer<double>(std::numeric_limits<std::size_t>::max() / 16), std::bad_alloc);
  EXPECT_THROW(AlignedBuffer<char>(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
}

}  // namespace
}  // namespace tamis
