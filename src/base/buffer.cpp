#include <sys/mman.h>
#include <tamis/base/buffer.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace tamis {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kHugePage = 2 << 20;
constexpr std::size_t kMapFrom = 4 << 20;  // below, a mapping of its own costs more than huge pages save

constexpr std::size_t round_up(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

void* map_huge(std::size_t bytes) {
  // A mapping starts anywhere: take one huge page more and give the ends back.
  const std::size_t size = round_up(bytes, kHugePage);
  void* mapped = ::mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  auto* const begin = static_cast<char*>(mapped);
  const std::size_t front =
      round_up(reinterpret_cast<std::uintptr_t>(begin), kHugePage) - reinterpret_cast<std::uintptr_t>(begin);
  if (front != 0) ::munmap(begin, front);
  if (front != kHugePage) ::munmap(begin + front + size, kHugePage - front);
  ::madvise(begin + front, size, MADV_HUGEPAGE);  // a wish: without huge pages the memory works all the same
  return begin + front;
}

}  // namespace

void* allocate_aligned(std::size_t bytes) {
  if (bytes > SIZE_MAX - 2 * kHugePage) throw std::bad_alloc();
  if (bytes >= kMapFrom) return map_huge(bytes);
  const std::size_t size = round_up(bytes == 0 ? 1 : bytes, kAlignment);
  void* data = std::aligned_alloc(kAlignment, size);
  if (data == nullptr) throw std::bad_alloc();
  std::memset(data, 0, size);
  return data;
}

void free_aligned(void* data, std::size_t bytes) noexcept {
  if (data == nullptr) return;
  if (bytes >= kMapFrom) {
    ::munmap(data, round_up(bytes, kHugePage));
  } else {
    std::free(data);
  }
}

}  // namespace tamis
