#include <fmt/format.h>

#include <memory>

#include "command.h"
#include "help.h"
#include "terminal.h"

namespace tamis::cli {
namespace {

/// 'it'\''s': one word for a POSIX shell.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string words_of(const Command& command) {
  std::string out = "-h --help";
  for (const auto& option : command.options) {
    if (option.is_argument()) continue;
    if (!option.short_name().empty()) out += ' ' + option.short_name();
    out += ' ' + option.long_name();
  }
  return out;
}

std::string bash_action(const Option& option) {
  if (!option.choices.empty())
    return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$word\"))", fmt::join(option.choices, " "));
  if (option.hint == Hint::kFolder) return "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$word\"))";
  if (option.hint == Hint::kNone) return "COMPREPLY=()";
  return "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$word\"))";
}

std::string bash_script(const std::vector<Command>& commands) {
  std::string names;
  std::string cases;
  for (const auto& command : commands) {
    names += (names.empty() ? "" : " ") + command.name;
    std::string values;
    std::string argument = "COMPREPLY=()";
    for (const auto& option : command.options) {
      if (option.is_argument()) {
        argument = bash_action(option);
      } else if (!option.is_flag()) {
        const std::string both = option.short_name().empty() ? "" : option.short_name() + "|";
        values += fmt::format("        {}{}) {}; return ;;\n", both, option.long_name(), bash_action(option));
      }
    }
    cases += fmt::format(
        "    {})\n      case $before in\n{}      esac\n"
        "      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W '{}' -- \"$word\")); else {}; fi\n      ;;\n",
        command.name, values, words_of(command), argument);
  }
  return fmt::format(
      "# bash completion for tamis. Use: source <(tamis completion bash)\n"
      "_tamis() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}\n"
      "  COMPREPLY=()\n"
      "  if ((COMP_CWORD == 1)); then COMPREPLY=($(compgen -W '{} --help --version' -- \"$word\")); return; fi\n"
      "  case ${{COMP_WORDS[1]}} in\n{}  esac\n"
      "}}\n"
      "complete -F _tamis tamis\n",
      names, cases);
}

/// Text inside […] of zsh's _arguments.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const Option& option) {
  if (!option.choices.empty()) return fmt::format("({})", fmt::join(option.choices, " "));
  if (option.hint == Hint::kFolder) return "_files -/";
  return option.hint == Hint::kNone ? " " : "_files";
}

std::string zsh_option(const Option& option) {
  const std::string name = zsh_text(option.value.empty() ? option.long_name() : option.value);
  if (option.is_argument()) return quoted(fmt::format("*:{}:{}", name, zsh_action(option)));
  const std::string value = option.is_flag() ? "" : fmt::format(":{}:{}", name, zsh_action(option));
  const std::string help = fmt::format("[{}]{}", zsh_text(option.help), value);
  const std::string repeat = option.repeated ? "*" : "";
  if (option.short_name().empty()) return quoted(repeat + option.long_name() + help);
  return fmt::format("'({0} {1})'{{{0},{1}}}{2}", option.short_name(), option.long_name(), quoted(help));
}

std::string zsh_script(const std::vector<Command>& commands) {
  std::string names;
  std::string cases;
  for (const auto& command : commands) {
    names += fmt::format("      {}\n", quoted(command.name + ":" + zsh_text(command.summary)));
    cases += fmt::format("    {})\n      _arguments '(-h --help)'{{-h,--help}}'[explain the command]'", command.name);
    for (const auto& option : command.options) cases += " \\\n        " + zsh_option(option);
    cases += "\n      ;;\n";
  }
  return fmt::format(
      "#compdef tamis\n"
      "# zsh completion for tamis. Use: tamis completion zsh > ~/.zfunc/_tamis, with ~/.zfunc in fpath.\n"
      "_tamis() {{\n"
      "  if ((CURRENT == 2)); then\n"
      "    local -a commands=(\n{}    )\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local command=$words[2]\n"
      "  shift words\n"
      "  ((CURRENT--))\n"
      "  case $command in\n{}  esac\n"
      "}}\n"
      "if [[ $funcstack[1] == _tamis ]]; then _tamis \"$@\"; else compdef _tamis tamis; fi\n",
      names, cases);
}

std::string fish_option(const Command& command, const Option& option) {
  std::string out = fmt::format("complete -c tamis -n '__fish_seen_subcommand_from {}'", command.name);
  if (option.is_argument()) return option.hint == Hint::kNone ? "" : out + " -F\n";
  if (!option.short_name().empty()) out += " -s " + option.short_name().substr(1);
  out += " -l " + option.long_name().substr(2);
  if (!option.is_flag()) {
    out += " -r";
    if (!option.choices.empty()) {
      out += fmt::format(" -f -a '{}'", fmt::join(option.choices, " "));
    } else {
      out += option.hint == Hint::kNone     ? " -f"
             : option.hint == Hint::kFolder ? " -f -a '(__fish_complete_directories)'"
                                            : " -F";
    }
  }
  std::string help = option.help;
  for (std::size_t at = 0; (at = help.find_first_of("\\'", at)) != std::string::npos; at += 2) help.insert(at, "\\");
  return out + " -d '" + help + "'\n";
}

std::string fish_script(const std::vector<Command>& commands) {
  std::string out =
      "# fish completion for tamis. Use: tamis completion fish > ~/.config/fish/completions/tamis.fish\n"
      "complete -c tamis -f\n";
  for (const auto& command : commands) {
    out += fmt::format("complete -c tamis -n __fish_use_subcommand -a {} -d '{}'\n", command.name, command.summary);
  }
  for (const auto& command : commands) {
    for (const auto& option : command.options) out += fish_option(command, option);
  }
  return out;
}

}  // namespace

Command make_completion_command() {
  auto shells = std::make_shared<std::vector<std::string>>();
  Command command;
  command.name = "completion";
  command.summary = "print a completion script for a shell";
  command.description = "The script is made from the same list of options as --help.";
  command.examples = {{"source <(tamis completion bash)", "in ~/.bashrc"},
                      {"tamis completion zsh > ~/.zfunc/_tamis", "with ~/.zfunc in fpath"},
                      {"tamis completion fish > ~/.config/fish/completions/tamis.fish", "once"}};
  command.arguments("SHELL", *shells, "which shell").among({"bash", "zsh", "fish"});
  command.run = [shells](Context& context) -> Result<int> {
    if (shells->size() != 1) return Error{Code::kInvalidArgument, "name one shell: bash, zsh or fish"};
    const auto commands = all_commands();
    const auto& shell = shells->front();
    context.out.write(shell == "bash"  ? bash_script(commands)
                      : shell == "zsh" ? zsh_script(commands)
                                       : fish_script(commands));
    return kFound;
  };
  return command;
}

}  // namespace tamis::cli
