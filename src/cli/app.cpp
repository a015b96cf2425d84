#include "app.h"

#include <fmt/format.h>
#include <tamis/base/variants.h>

#include <csignal>
#include <exception>
#include <new>

#include "help.h"
#include "interrupt.h"
#include "terminal.h"
#include "version.h"

namespace tamis::cli {
namespace {

/// What the user can do about a kind of failure, where the message does not say it.
std::string_view advice(Code code) {
  switch (code) {
    case Code::kCorrupt:
      return "\"tamis verify\" names what is damaged; \"tamis index --rebuild\" makes the index anew";
    case Code::kBusy:
      return "searching works meanwhile; wait until the other run has ended";
    default:
      return "";
  }
}

/// One line: "tamis search: what was wrong".
void report(const Terminal& terminal, std::string_view command, const Error& error) {
  const Style style(terminal.error_colour);
  const std::string space = command.empty() ? "" : " ";
  say(fmt::format("{}tamis{}{}:{} {}", style.bad(), space, command, style.off(), error.message));
  if (const auto what_next = advice(error.code); !what_next.empty()) say(fmt::format("  {}", what_next));
}

int run_command(const Command& command, const std::vector<std::string>& words, Context& context) {
  auto parsed = parse_options(command, words);
  if (!parsed) {
    report(context.terminal, command.name, parsed.error());
    say(fmt::format("  \"tamis {} --help\" lists the options", command.name));
    return kError;
  }
  if (parsed->help) {
    context.out.write(command_help(command, context.terminal.columns));
    return kFound;
  }
  auto code = command.run(context);
  if (code) return *code;
  if (code.error().code == Code::kCancelled && caught_signal() != 0) {
    const auto& message = code.error().message;
    const bool says_more = message != "cancelled";
    say(fmt::format("tamis {}: {}", command.name,
                    says_more ? message : "stopped; what was published stays, the next run finishes the work"));
    die_as_interrupted();
  }
  report(context.terminal, command.name, code.error());
  return kError;
}

int choose_command(const std::vector<std::string>& words, Context& context) {
  const auto commands = all_commands();
  if (words.empty()) {
    say(program_help(commands));
    return kError;
  }
  const std::string& name = words.front();
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  if (name == "--version" || name == "-V") {
    context.out.write(fmt::format("tamis {}\n", kVersion));
    return kFound;
  }
  if (name == "--help" || name == "-h" || (name == "help" && rest.empty())) {
    context.out.write(program_help(commands));
    return kFound;
  }
  if (name == "help") return choose_command({rest.front(), "--help"}, context);
  std::vector<std::string> names;
  for (const auto& command : commands) {
    if (command.name == name) return run_command(command, rest, context);
    names.push_back(command.name);
  }
  const auto meant = nearest(name, names);
  report(context.terminal, "",
         {Code::kInvalidArgument,
          fmt::format("no command '{}'{}", name, meant.empty() ? "" : ": is '" + meant + "' meant?")});
  say("  \"tamis --help\" lists the commands");
  return kError;
}

}  // namespace

int run_program(const std::vector<std::string>& words) {
  std::signal(SIGPIPE, SIG_IGN);  // seen as an error of writing instead
  Context context{Terminal::detect(), {}};
  if (const auto status = check_isa_settings(); !status) report(context.terminal, "", status.error());
  int code = kError;
  try {
    code = choose_command(words, context);
  } catch (const std::bad_alloc&) {
    report(context.terminal, "", {Code::kExhausted, "out of memory; a smaller --memory may help"});
  } catch (const std::exception& error) {
    report(context.terminal, "", {Code::kInvalidArgument, fmt::format("a bug, please report it: {}", error.what())});
  }
  const auto written = context.out.finish();
  if (written) return context.out.closed() ? kFound : code;
  report(context.terminal, "", written.error());
  return kError;
}

}  // namespace tamis::cli
