#include "isa.h"

#include <array>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace tamis {

#if defined(__x86_64__)
namespace {

struct CpuidWords {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

CpuidWords cpuid(unsigned leaf, unsigned subleaf) {
  CpuidWords words;
  if (__get_cpuid_count(leaf, subleaf, &words.eax, &words.ebx, &words.ecx, &words.edx) == 0) return {};
  return words;
}

constexpr bool has_all(unsigned word, std::initializer_list<unsigned> bits) {
  for (const unsigned bit : bits) {
    if ((word >> bit & 1U) == 0) return false;
  }
  return true;
}

/// Which register states the operating system saves (XCR0). A CPU flag alone does not say that the registers survive
/// a context switch.
std::uint64_t saved_states() {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return std::uint64_t{high} << 32 | low;
}

/// Linux gives the 8 KiB of tile registers only to a process that asks for them.
bool permit_amx() {
#if defined(SYS_arch_prctl)
  constexpr int kRequestPermission = 0x1023;
  constexpr int kTileData = 18;
  return ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

}  // namespace

Isa detail::detect_isa(bool allow_amx) noexcept {
  constexpr std::uint64_t kYmm = 0x6;        // SSE and upper halves of ymm
  constexpr std::uint64_t kZmm = 0xE6;       // and mask registers, upper halves of zmm, zmm16–31
  constexpr std::uint64_t kTiles = 0x60000;  // tile configuration and tile data
  const auto basic = cpuid(1, 0);
  const auto extended = cpuid(7, 0);
  if (!has_all(basic.ecx, {27})) return Isa::kPortable;  // OSXSAVE: without it there is no xgetbv
  const std::uint64_t saved = saved_states();
  const bool avx2 = has_all(basic.ecx, {12, 28, 29}) && has_all(extended.ebx, {5, 8});  // FMA AVX F16C; AVX2 BMI2
  if (!avx2 || (saved & kYmm) != kYmm) return Isa::kPortable;
  const bool avx512 =
      has_all(extended.ebx, {16, 17, 30, 31}) && has_all(extended.ecx, {6, 11});  // F DQ BW VL; VBMI2 VNNI
  if (!avx512 || (saved & kZmm) != kZmm) return Isa::kAvx2;
  // Tiles of BF16 and INT8, and the vector instructions that round to bfloat16 beside them.
  const bool amx = has_all(extended.edx, {22, 24, 25}) && has_all(cpuid(7, 1).eax, {5});
  if (!amx || !allow_amx || (saved & kTiles) != kTiles || !permit_amx()) return Isa::kAvx512;
  return Isa::kAmx;
}

std::string cpu_name() {
  std::array<char, 49> text = {};
  for (unsigned i = 0; i < 3; ++i) {
    const auto words = cpuid(0x80000002U + i, 0);
    std::memcpy(text.data() + std::size_t{16} * i, &words, 16);
  }
  std::string name(text.data());
  while (!name.empty() && name.back() == ' ') name.pop_back();
  while (!name.empty() && name.front() == ' ') name.erase(name.begin());
  return name.empty() ? "x86-64" : name;
}
#else
Isa detail::detect_isa(bool) noexcept { return Isa::kPortable; }
std::string cpu_name() { return "not x86-64"; }
#endif

}  // namespace tamis
