#pragma once

#include <tamis/base/result.h>
#include <tamis/base/variants.h>

#include <string_view>

namespace tamis::detail {

/// What the CPU and the operating system offer, TAMIS_MAX_ISA aside. Asks for AMX's permission when `allow_amx`.
[[nodiscard]] Isa detect_isa(bool allow_amx) noexcept;
/// "avx2" → kAvx2; kInvalidArgument for another name.
[[nodiscard]] Result<Isa> parse_isa(std::string_view name);
/// The variant that a list "kernel=variant,kernel=variant" names for `kernel`, the last one if several; "" if none.
[[nodiscard]] std::string_view find_forced(std::string_view list, std::string_view kernel) noexcept;
/// kInvalidArgument unless `list` is empty or of the form above.
[[nodiscard]] Status check_forced_list(std::string_view list);

}  // namespace tamis::detail
