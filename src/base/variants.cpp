// The dispatch file: the one place of the library that reads the environment, and the one process-wide table, both
// because a kernel's choice is made once a process and must be listed by `tamis cpu`.

#include <tamis/base/variants.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>

#include "isa.h"

namespace tamis {
namespace {

constexpr std::array<std::string_view, 5> kIsaNames = {"ref", "portable", "avx2", "avx512", "amx"};

std::string environment(const char* name) {
  const char* const value = std::getenv(name);  // before any thread of ours writes the environment: nobody does
  return value == nullptr ? "" : value;
}
const std::string& max_isa_setting() {
  static const std::string setting = environment("TAMIS_MAX_ISA");
  return setting;
}
const std::string& kernel_setting() {
  static const std::string setting = environment("TAMIS_KERNEL");
  return setting;
}

struct Choices {
  std::mutex mutex;
  std::vector<KernelChoice> list;
};
Choices& choices() {
  static Choices instance;
  return instance;
}

}  // namespace

std::string_view to_string(Isa isa) noexcept { return kIsaNames[static_cast<std::size_t>(isa)]; }

Result<Isa> detail::parse_isa(std::string_view name) {
  const auto found = std::find(kIsaNames.begin(), kIsaNames.end(), name);
  if (found == kIsaNames.end()) {
    return Error{Code::kInvalidArgument,
                 "TAMIS_MAX_ISA: unknown '" + std::string(name) + "', wanted ref, portable, avx2, avx512 or amx"};
  }
  return static_cast<Isa>(found - kIsaNames.begin());
}

std::string_view detail::find_forced(std::string_view list, std::string_view kernel) noexcept {
  std::string_view found;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    const auto entry = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    const auto equals = entry.find('=');
    if (equals != std::string_view::npos && entry.substr(0, equals) == kernel) found = entry.substr(equals + 1);
  }
  return found;
}

Status detail::check_forced_list(std::string_view list) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    const auto entry = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == entry.size()) {
      return Error{Code::kInvalidArgument,
                   "TAMIS_KERNEL: '" + std::string(entry) + "' is not of the form kernel=variant"};
    }
  }
  return ok();
}

Isa usable_isa() noexcept {
  static const Isa usable = [] {
    Isa limit = Isa::kAmx;  // an unknown name limits nothing: check_isa_settings() tells the user
    if (auto parsed = detail::parse_isa(max_isa_setting()); parsed) limit = *parsed;
    return std::min(limit, detail::detect_isa(limit == Isa::kAmx));
  }();
  return usable;
}

Status check_isa_settings() {
  if (!max_isa_setting().empty()) {
    if (auto parsed = detail::parse_isa(max_isa_setting()); !parsed) return std::move(parsed).error();
  }
  return detail::check_forced_list(kernel_setting());
}

std::string_view forced_variant(std::string_view kernel) noexcept {
  return detail::find_forced(kernel_setting(), kernel);
}

void record_choice(std::string_view kernel, std::string_view variant, std::span<const std::string_view> known) {
  auto& [mutex, list] = choices();
  const std::scoped_lock lock(mutex);
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const auto& choice) { return choice.kernel == kernel; });
  KernelChoice choice{std::string(kernel), std::string(variant), {known.begin(), known.end()}};
  if (found != list.end()) {
    *found = std::move(choice);
  } else {
    list.push_back(std::move(choice));
  }
}

std::vector<KernelChoice> kernel_choices() {
  auto& [mutex, list] = choices();
  const std::scoped_lock lock(mutex);
  return list;
}

}  // namespace tamis
