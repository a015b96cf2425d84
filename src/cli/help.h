#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "command.h"

namespace tamis::cli {

inline constexpr std::string_view kProgramSummary = "search your own documents: fast, exact, no model needed";

/// "tamis search [OPTION]... [WORD]..."
[[nodiscard]] std::string usage(const Command& command);
/// "-k, --k N"
[[nodiscard]] std::string option_line(const Option& option);
/// The help text of an option with its choices and default.
[[nodiscard]] std::string option_text(const Option& option);
/// Groups of a command's options in order of appearance, arguments first.
[[nodiscard]] std::vector<std::string> option_groups(const Command& command);

/// What --help prints.
[[nodiscard]] std::string command_help(const Command& command, std::size_t columns);
[[nodiscard]] std::string program_help(std::span<const Command> commands);

}  // namespace tamis::cli
