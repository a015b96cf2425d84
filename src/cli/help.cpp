#include "help.h"

#include <fmt/format.h>

#include <algorithm>

#include "display.h"

namespace tamis::cli {
namespace {

constexpr std::size_t kTextColumn = 28;
constexpr std::size_t kMaxColumns = 100;

/// "-k, --k N    text text\n             text"
std::string two_columns(const std::string& left, const std::string& right, std::size_t columns) {
  std::string out = "  " + left;
  const std::size_t width = display_width(out);
  if (width + 2 > kTextColumn) {
    out += '\n' + std::string(kTextColumn, ' ');
  } else {
    out += std::string(kTextColumn - width, ' ');
  }
  return out + fill_plain(right, columns, kTextColumn) + '\n';
}

}  // namespace

std::string usage(const Command& command) {
  std::string line = "tamis " + command.name + " [OPTION]...";
  for (const auto& option : command.options) {
    if (option.is_argument()) line += " [" + option.value + "]...";
  }
  return line;
}

std::string option_line(const Option& option) {
  if (option.is_argument()) return option.value;
  std::string line = option.short_name().empty() ? "    " : option.short_name() + ", ";
  line += option.long_name();
  if (!option.value.empty()) line += ' ' + option.value;
  return line;
}

std::string option_text(const Option& option) {
  std::string text = option.help;
  if (!option.choices.empty()) text += fmt::format(": {}", fmt::join(option.choices, ", "));
  if (!option.normal.empty() && option.normal != "0") text += fmt::format(" (default {})", option.normal);
  if (option.repeated && !option.is_argument()) text += "; may be repeated";
  return text;
}

std::vector<std::string> option_groups(const Command& command) {
  std::vector<std::string> groups;
  for (const bool arguments : {true, false}) {
    for (const auto& option : command.options) {
      if (option.is_argument() != arguments) continue;
      if (std::find(groups.begin(), groups.end(), option.group) == groups.end()) groups.push_back(option.group);
    }
  }
  return groups;
}

std::string command_help(const Command& command, std::size_t columns) {
  columns = std::min(columns, kMaxColumns);
  std::string out = fmt::format("tamis {}: {}\n\nUsage: {}\n", command.name, command.summary, usage(command));
  std::string_view rest = command.description;
  while (!rest.empty()) {
    const auto end = std::min(rest.find("\n\n"), rest.size());
    out += '\n' + fill_plain(rest.substr(0, end), columns, 0) + '\n';
    rest.remove_prefix(std::min(rest.size(), end + 2));
  }
  for (const auto& group : option_groups(command)) {
    out += '\n' + group + ":\n";
    for (const auto& option : command.options) {
      if (option.group == group) out += two_columns(option_line(option), option_text(option), columns);
    }
  }
  if (!command.examples.empty()) out += "\nExamples:\n";
  for (const auto& [line, what] : command.examples) out += fmt::format("  {}\n      {}\n", line, what);
  return out;
}

std::string program_help(std::span<const Command> commands) {
  std::string out =
      fmt::format("tamis: {}\n\nUsage: tamis COMMAND [OPTION]... [ARGUMENT]...\n\nCommands:\n", kProgramSummary);
  for (const auto& command : commands) out += fmt::format("  {:<12}{}\n", command.name, command.summary);
  out +=
      "\nStart:\n"
      "  tamis index ~/docs\n"
      "  tamis search \"how do I rotate a log file\"\n"
      "\n\"tamis COMMAND --help\" explains a command, \"tamis --version\" prints the version.\n"
      "Exit status: 0 found, 1 nothing found, 2 error.\n";
  return out;
}

}  // namespace tamis::cli
