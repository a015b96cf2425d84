#include <fmt/format.h>
#include <tamis/engine/engine.h>

#include <memory>

#include "command.h"
#include "dense_stores.h"
#include "display.h"
#include "locate.h"
#include "progress.h"

namespace tamis::cli {

Command make_verify_command() {
  auto index = std::make_shared<std::string>();
  Command command;
  command.name = "verify";
  command.summary = "check every byte of an index";
  command.description =
      "Recomputes checksums, bounds and counts across the catalogue, the segments, the texts, the vocabularies and "
      "the dense vectors. Each finding is one line on standard output, and the exit status is 2; a sound index gives "
      "0.";
  command.examples = {{"tamis verify", "the index of this folder"}};
  add_index_option(command, *index);
  command.run = [index](Context& context) -> Result<int> {
    TAMIS_TRY(const auto engine, open_engine(*index, context.terminal));
    const auto progress = make_progress(context.terminal, false);
    TAMIS_TRY(auto findings, engine.verify(*progress));
    for (auto& store : dense_store_infos(engine.folder(), true)) {
      if (!store.damage.empty()) findings.push_back(std::move(store.damage));
    }
    progress->end();
    const Style style(context.terminal.out_colour);
    for (const auto& finding : findings) {
      context.out.write(fmt::format("{}damaged:{} {}\n", style.bad(), style.off(), harmless(finding)));
    }
    if (findings.empty()) {
      context.out.write(fmt::format("{}sound{}: checksums, bounds and counts agree\n", style.good(), style.off()));
      return kFound;
    }
    say("  \"tamis index --rebuild\" makes the index anew from its sources");
    return kError;
  };
  return command;
}

}  // namespace tamis::cli
