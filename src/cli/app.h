#pragma once

#include <tamis/base/result.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "command.h"

namespace tamis::cli {

/// What the words after "tamis <command>" turned out to be.
struct Parsed {
  bool help = false;  ///< only --help counts then
};
/// Sets the command's options from its words. kInvalidArgument says what was wrong and what may have been meant.
[[nodiscard]] Result<Parsed> parse_options(const Command& command, const std::vector<std::string>& words);

/// The candidate that a mistyped word comes nearest to; "" when none is near.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// The program: picks the command, parses, runs, reports errors. Returns the exit code.
[[nodiscard]] int run_program(const std::vector<std::string>& words);

}  // namespace tamis::cli
