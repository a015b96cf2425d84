#include <fmt/format.h>
#include <tamis/engine/engine.h>

#include <memory>

#include "command.h"
#include "display.h"
#include "locate.h"

namespace tamis::cli {
namespace {

struct RemoveArgs {
  std::vector<std::string> paths;
  std::string index;
};

Result<int> run_remove(const RemoveArgs& args, Context& context) {
  if (args.paths.empty()) {
    return Error{Code::kInvalidArgument, "nothing named: tamis remove PATH; \"tamis info\" lists the sources"};
  }
  TAMIS_TRY(auto engine, open_engine(args.index, context.terminal));
  for (const auto& path : args.paths) {
    TAMIS_TRY(const auto report, engine.remove(path));
    context.out.write(fmt::format("forgot {}: {}\n", shown_path(path), counted(report.files_deleted, "file")));
  }
  return kFound;
}

}  // namespace

Command make_remove_command() {
  auto args = std::make_shared<RemoveArgs>();
  Command command;
  command.name = "remove";
  command.summary = "forget a source: a folder, a file, standard input";
  command.description =
      "All documents of the source leave the index; the files themselves are not touched. \"tamis info\" lists the "
      "sources.";
  command.examples = {{"tamis remove ~/old-docs", "forget a folder"},
                      {"tamis remove stdin", "forget what came from standard input"}};
  command.arguments("PATH", args->paths, "sources as \"tamis info\" lists them").of(Hint::kPath);
  add_index_option(command, args->index);
  command.run = [args](Context& context) { return run_remove(*args, context); };
  return command;
}

}  // namespace tamis::cli
