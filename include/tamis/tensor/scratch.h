#pragma once

#include <tamis/base/buffer.h>

#include <array>
#include <cstddef>
#include <type_traits>

namespace tamis::tensor {

/// Memory that kernels work in, kept from call to call. Grows to the largest call, never shrinks.
/// Not thread-safe: one a worker. Throws std::bad_alloc, as a vector does.
class Scratch {
 public:
  /// Who may hold memory at the same time; each kernel takes slots of its own.
  enum Slot : std::size_t {
    kActivations,
    kScales,
    kProducts,
    kQueries,
    kKeys,
    kValues,
    kScores,
    kHidden,
    kSketch,
    kTiles,
    kWide,
    kWideOut,
    kSlots
  };

  /// Room for `count` values, 64-byte aligned; contents are those of an earlier use. Valid until the slot is asked for
  /// again.
  template <class T>
  requires std::is_trivially_copyable_v<T>
  [[nodiscard]] T* take(Slot slot, std::size_t count) {
    auto& buffer = slots_[slot];
    const std::size_t bytes = count * sizeof(T);
    if (buffer.size() < bytes) {
      buffer = {};  // the old one goes first: both together are never needed
      buffer = AlignedBuffer<std::byte>(bytes + bytes / 4);
    }
    return reinterpret_cast<T*>(buffer.data());
  }
  [[nodiscard]] std::size_t bytes() const noexcept {
    std::size_t sum = 0;
    for (const auto& buffer : slots_) sum += buffer.size();
    return sum;
  }

 private:
  std::array<AlignedBuffer<std::byte>, kSlots> slots_;
};

}  // namespace tamis::tensor
