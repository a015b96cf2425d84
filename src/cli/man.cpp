#include <fmt/format.h>

#include <memory>

#include "command.h"
#include "help.h"
#include "terminal.h"
#include "version.h"

namespace tamis::cli {
namespace {

/// Text for roff: backslashes and minus signs escaped, no line begins with a control character.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
      out += "\\&";
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

/// As an argument of a macro.
std::string roff_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : roff(text)) out += c == '"' ? std::string("\\(dq") : std::string(1, c);
  return out + "\"";
}

std::string roff_paragraphs(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find("\n\n"), text.size());
    out += (out.empty() ? "" : ".PP\n") + roff(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(text.size(), end + 2));
  }
  return out;
}

std::string roff_option_names(const Option& option) {
  if (option.is_argument()) return fmt::format("\\fI{}\\fR", roff(option.value));
  std::string names = option.short_name().empty() ? "" : fmt::format("\\fB{}\\fR, ", roff(option.short_name()));
  names += fmt::format("\\fB{}\\fR", roff(option.long_name()));
  if (!option.value.empty()) names += fmt::format(" \\fI{}\\fR", roff(option.value));
  return names;
}

std::string roff_command(const Command& command) {
  std::string out = fmt::format(".SS {}\n{}.\n.PP\n\\fB{}\\fR\n.PP\n", roff_quoted("tamis " + command.name),
                                roff(command.summary), roff(usage(command)));
  out += roff_paragraphs(command.description);
  for (const auto& group : option_groups(command)) {
    out += fmt::format(".PP\n{}:\n", roff(group));
    for (const auto& option : command.options) {
      if (option.group == group)
        out += fmt::format(".TP\n{}\n{}\n", roff_option_names(option), roff(option_text(option)));
    }
  }
  out += ".PP\nExamples:\n";
  for (const auto& [line, what] : command.examples) out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(line), roff(what));
  return out;
}

std::string man_page(const std::vector<Command>& commands) {
  std::string out = fmt::format(
      ".\\\" Made by \"tamis man\" from the program's list of options.\n"
      ".TH TAMIS 1 \"{2}\" \"tamis {0}\" \"User Commands\"\n"
      ".SH NAME\ntamis \\- {1}\n"
      ".SH SYNOPSIS\n.B tamis\n\\fICOMMAND\\fR [\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n"
      ".SH DESCRIPTION\n"
      "Tamis indexes folders of documents and finds the passages in them that answer a question best.\n"
      "Results go to standard output, everything else to standard error.\n"
      ".SH COMMANDS\n",
      roff(kVersion), roff(kProgramSummary), kManualDate);
  for (const auto& command : commands) out += roff_command(command);
  out +=
      ".SH EXIT STATUS\n"
      ".TP\n0\nfound, or done\n.TP\n1\nnothing found\n.TP\n2\nan error, which standard error names\n"
      ".SH ENVIRONMENT\n"
      ".TP\n.B TAMIS_INDEX\nthe index's folder when there is no \\fB\\-\\-index\\fR\n"
      ".TP\n.B NO_COLOR\nno colours when it is set\n"
      ".TP\n.B TAMIS_MAX_ISA\\fR, \\fBTAMIS_KERNEL\nsee \\fBtamis cpu\\fR\n"
      ".SH FILES\n"
      ".TP\n.I .tamis\nthe index, in the folder where it was made\n"
      ".TP\n.I .tamisignore\nwhat is not to be indexed, with the rules of .gitignore\n";
  return out;
}

std::string markdown_page(const std::vector<Command>& commands) {
  std::string out =
      "# The program `tamis`\n\n"
      "Made by `tamis man --markdown`. Results go to standard output, everything else to standard error. Exit status: "
      "0 "
      "found or done, 1 nothing found, 2 error. `TAMIS_INDEX` names the index when there is no `--index`; `NO_COLOR` "
      "turns colours off.\n";
  for (const auto& command : commands) {
    out += fmt::format("\n## tamis {}\n\n```text\n{}```\n", command.name, command_help(command, 100));
  }
  out +=
      "\n## The room `cli`\n\n"
      "One file a command, `src/cli/<command>.cpp`: a struct of arguments, a list of options bound to it, a function "
      "that "
      "calls the library. `command.h` has the one list that parsing (`parse.cpp`, the only file that knows CLI11), "
      "`--help` "
      "(`help.cpp`), this page and the manual (`man.cpp`) and the completions (`completion.cpp`) are made from. "
      "`terminal.h` "
      "is the only place that reads the environment and writes to the two outputs. Text from documents passes "
      "`harmless()` or "
      "`running_text()` before a terminal sees it. `tests/cli/cli_test.py` runs the real program; how to add a command "
      "stands in [CONTRIBUTING.md](../CONTRIBUTING.md).\n";
  return out;
}

struct ManArgs {
  bool markdown = false;
};

}  // namespace

Command make_man_command() {
  auto args = std::make_shared<ManArgs>();
  Command command;
  command.name = "man";
  command.summary = "print the manual page";
  command.description = "The page is made from the same list of options as --help.";
  command.examples = {{"tamis man | man -l -", "read it"},
                      {"tamis man > /usr/local/share/man/man1/tamis.1", "install it"}};
  command.flag("--markdown", args->markdown, "as Markdown instead of roff");
  command.run = [args](Context& context) -> Result<int> {
    const auto commands = all_commands();
    context.out.write(args->markdown ? markdown_page(commands) : man_page(commands));
    return kFound;
  };
  return command;
}

}  // namespace tamis::cli
