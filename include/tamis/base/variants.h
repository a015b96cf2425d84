#pragma once

#include <tamis/base/result.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis {

/// Instruction sets in the order of preference. A machine that has one has all before it.
enum class Isa : int { kRef = 0, kPortable = 1, kAvx2 = 2, kAvx512 = 3, kAmx = 4 };
[[nodiscard]] std::string_view to_string(Isa isa) noexcept;
/// The best set that this machine has and that TAMIS_MAX_ISA (ref|portable|avx2|avx512|amx) allows. Asked once.
/// kAvx2 means AVX2+FMA+BMI2+F16C; kAvx512 means F, BW, DQ, VL, VBMI2, VNNI; kAmx means TILE, BF16, INT8, AVX512_BF16.
[[nodiscard]] Isa usable_isa() noexcept;
/// kInvalidArgument when TAMIS_MAX_ISA or TAMIS_KERNEL cannot be read; such a setting is ignored. For the program to
/// ask.
[[nodiscard]] Status check_isa_settings();
/// The CPU's own name, e.g. "Intel(R) Xeon(R) …".
[[nodiscard]] std::string cpu_name();

/// One implementation of a kernel.
template <class Fn>
struct Variant {
  std::string_view name;  ///< "ref", "avx2", "avx512" …
  Isa isa;                ///< what it needs
  Fn* run;
  [[nodiscard]] bool usable() const noexcept { return isa <= usable_isa(); }
};

/// The variant's name that TAMIS_KERNEL=<kernel>=<variant>[,…] asks for; empty if none.
[[nodiscard]] std::string_view forced_variant(std::string_view kernel) noexcept;
/// Remembers the choice, so that `tamis cpu` can list it.
void record_choice(std::string_view kernel, std::string_view variant, std::span<const std::string_view> known);
struct KernelChoice {
  std::string kernel, variant;
  std::vector<std::string> known;
};
[[nodiscard]] std::vector<KernelChoice> kernel_choices();

/// Picks from a table (best first, `ref` last): the forced variant if usable, else the first usable one.
template <class Fn, std::size_t N>
[[nodiscard]] const Variant<Fn>& choose(std::string_view kernel, const Variant<Fn> (&table)[N]) {
  std::string_view names[N];
  for (std::size_t i = 0; i < N; ++i) names[i] = table[i].name;
  const auto forced = forced_variant(kernel);
  const Variant<Fn>* best = &table[N - 1];
  for (std::size_t i = N; i-- > 0;) {
    if (table[i].usable()) best = &table[i];
  }
  for (const auto& variant : table) {
    if (!forced.empty() && variant.name == forced && variant.usable()) best = &variant;
  }
  record_choice(kernel, best->name, names);
  return *best;
}

}  // namespace tamis
