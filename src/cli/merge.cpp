#include <fmt/format.h>
#include <tamis/engine/engine.h>

#include <memory>

#include "command.h"
#include "display.h"
#include "interrupt.h"
#include "locate.h"
#include "progress.h"

namespace tamis::cli {
namespace {

struct MergeArgs {
  std::string index;
  bool all = false;
  std::uint64_t memory_bytes = kDefaultMemory;
};

Result<int> run_merge(const MergeArgs& args, Context& context) {
  TAMIS_TRY(auto engine, open_engine(args.index, context.terminal));
  CancelToken cancel;
  const Interruptible interruptible(cancel);
  const auto progress = make_progress(context.terminal, false);
  TAMIS_TRY(const auto report, engine.merge(args.all, *progress, cancel, args.memory_bytes));
  progress->end();
  if (report.merged_segments == 0) {
    context.out.write(fmt::format("nothing to merge: {}\n", counted(report.segments_left, "segment")));
  } else {
    context.out.write(fmt::format("merged {}, {} left, {}\n", counted(report.merged_segments, "segment"),
                                  with_commas(report.segments_left), counted(report.passages, "passage")));
  }
  return kFound;
}

}  // namespace

Command make_merge_command() {
  auto args = std::make_shared<MergeArgs>();
  Command command;
  command.name = "merge";
  command.summary = "merge segments into larger ones";
  command.description =
      "\"tamis index\" merges small segments by itself; this command does it now. With --all one segment is left and "
      "deleted passages take no more room. Searches go on meanwhile.";
  command.examples = {{"tamis merge --all", "the smallest and fastest index"}};
  add_index_option(command, args->index);
  command.flag("--all", args->all, "everything into one segment, as far as --memory goes");
  command.bytes_option("--memory", args->memory_bytes, "segments are as large as can be worked on in this much");
  command.run = [args](Context& context) { return run_merge(*args, context); };
  return command;
}

}  // namespace tamis::cli
