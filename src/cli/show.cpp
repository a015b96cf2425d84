#include <fmt/format.h>
#include <tamis/engine/engine.h>

#include <memory>

#include "command.h"
#include "display.h"
#include "find_passage.h"
#include "hits.h"
#include "json.h"
#include "locate.h"

namespace tamis::cli {
namespace {

struct ShowArgs {
  std::vector<std::string> hits;
  std::string index;
  std::uint32_t context = 1;
  bool document = false, json = false;
};

std::string shown_text(const std::string& text, const Context& context) {
  if (context.terminal.out_is_terminal) return break_lines(harmless(text), context.terminal.columns);
  std::string out = text;
  if (!out.ends_with('\n')) out += '\n';
  return out;
}

std::string head(const Hit& hit, const Style& style) {
  const auto heading = shown_heading(hit, 1 << 30);
  return fmt::format("{}{}{}{}{}\n", style.path(), place(hit), style.off(), heading.empty() ? "" : "  ", heading);
}

Status show_passage(const Snapshot& snapshot, const Hit& hit, const ShowArgs& args, Context& context) {
  const Style style(context.terminal.out_colour);
  context.out.write(head(hit, style));
  TAMIS_TRY(const auto row, snapshot.document(hit.passage));
  const PassageId last = row.first_passage + std::max(row.num_passages, 1U) - 1;
  const PassageId from = hit.passage - std::min<PassageId>(args.context, hit.passage - row.first_passage);
  const PassageId to = hit.passage + std::min<PassageId>(args.context, last - hit.passage);
  for (PassageId id = from; id <= to; ++id) {
    const bool asked = id == hit.passage;
    TAMIS_TRY(const auto passage, snapshot.show(id));
    context.out.write(fmt::format("\n{}{} {}, {} {}{}\n", asked ? style.bold() : style.dim(), asked ? ">" : " ",
                                  passage_name(id), passage.origin, passage.line, style.off()));
    context.out.write(
        fmt::format("{}{}{}", asked ? "" : style.dim(), shown_text(passage.text, context), asked ? "" : style.off()));
  }
  return ok();
}

Result<int> run_show(const ShowArgs& args, Context& context) {
  if (args.hits.empty())
    return Error{Code::kInvalidArgument, "nothing named: tamis show p1042, or tamis show path:line"};
  TAMIS_TRY(const auto engine, open_engine(args.index, context.terminal));
  TAMIS_TRY(const auto snapshot, engine.snapshot());
  bool first = true;
  for (const auto& name : args.hits) {
    TAMIS_TRY(const PassageId id, find_passage(engine, *snapshot, name));
    TAMIS_TRY(Hit hit, snapshot->show(id));
    if (args.document) {
      TAMIS_TRY(hit.text, snapshot->document_text(id));
    }
    if (args.json) {
      if (args.document) {
        hit.begin = 0;
        hit.end = static_cast<std::uint32_t>(hit.text.size());
      }
      context.out.write(shown_json(hit));
      continue;
    }
    if (!first) context.out.write("\n");
    first = false;
    if (args.document) {
      context.out.write(shown_text(hit.text, context));
    } else {
      TAMIS_TRY_OK(show_passage(*snapshot, hit, args, context));
    }
  }
  return kFound;
}

}  // namespace

Command make_show_command() {
  auto args = std::make_shared<ShowArgs>();
  Command command;
  command.name = "show";
  command.summary = "print a passage with its neighbours, or its whole document";
  command.description =
      "Takes what \"tamis search\" prints: a passage (p1042) or path:line; also a path, or the id of a document. The "
      "text "
      "is the one that was indexed, whatever has become of the file.";
  command.examples = {{"tamis show p1042", "the passage, the one before and the one after"},
                      {"tamis show -C 0 admin/logs.md:12", "only the passage that line 12 lies in"},
                      {"tamis show --document p1042 | less", "the text of the whole document"}};
  command.arguments("HIT", args->hits, "passages: p1042, path:line, path, or a document's id").of(Hint::kFile);
  add_index_option(command, args->index);
  command.option("-C,--context", "N", args->context, "passages before and after");
  command.flag("--document", args->document, "the whole text of the document");
  command.flag("--json", args->json, "one JSON object");
  command.run = [args](Context& context) { return run_show(*args, context); };
  return command;
}

}  // namespace tamis::cli
