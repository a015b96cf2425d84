#include <fmt/format.h>
#include <tamis/engine/engine.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

#include "command.h"
#include "display.h"
#include "hits.h"
#include "json.h"
#include "locate.h"

namespace tamis::cli {
namespace {

namespace fs = std::filesystem;

struct ShowArgs {
  std::vector<std::string> hits;
  std::string index;
  std::uint32_t context = 1;
  bool document = false, json = false;
};

template <class T>
std::optional<T> whole_number(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The passages of documents whose field is exactly `value`, by id.
Result<std::vector<PassageId>> passages_with(const search::Collection& collection, std::string_view field,
                                             std::string_view value) {
  search::Clause clause;
  clause.kind = search::Clause::Kind::kField;
  clause.field = field;
  clause.text = value;
  TAMIS_TRY(const auto sets, collection.matching(clause));
  std::vector<PassageId> out;
  for (std::size_t s = 0; s < sets.size(); ++s) {
    const auto& segment = collection.segments()[s];
    const auto ids = segment.field->ids();
    for (std::uint32_t i = 0; i < sets[s].size(); ++i) {
      if (sets[s].test(i) && (segment.deleted == nullptr || !segment.deleted->test(i))) out.push_back(ids[i]);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Paths below a source are stored relative to it: the file may belong to any source around it.
std::vector<std::string> stored_names(const std::string& path, const std::vector<store::SourceRow>& sources) {
  std::vector<std::string> names = {path};
  std::error_code error;
  const std::string whole = fs::weakly_canonical(fs::absolute(path, error), error).string();
  for (const auto& source : sources) {
    const std::string folder = source.root.ends_with('/') ? source.root : source.root + '/';
    if (whole.starts_with(folder)) names.push_back(whole.substr(folder.size()));
    if (whole == source.root) names.push_back(fs::path(whole).filename().string());
  }
  return names;
}

/// The passage of a file that a line lies in: the last one that begins at or before it.
Result<std::optional<PassageId>> passage_at(const Snapshot& snapshot, const std::vector<PassageId>& ids,
                                            std::uint32_t line) {
  std::optional<PassageId> best;
  std::uint32_t best_line = 0;
  const auto look = [&](PassageId id) -> Result<std::uint32_t> {
    TAMIS_TRY(const auto hit, snapshot.show(id));
    if (hit.line <= line && (!best || hit.line > best_line)) {
      best = id;
      best_line = hit.line;
    }
    return hit.line;
  };
  // Ids follow the lines, unless parts of the file were replaced later: halving finds a good start, and a look at every
  // passage of a file that is not huge finds the right one in any case.
  constexpr std::size_t kLookAtAll = 4096;
  if (ids.size() <= kLookAtAll) {
    for (const auto id : ids) TAMIS_TRY_OK(look(id));
    return best;
  }
  std::size_t low = 0;
  std::size_t high = ids.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    TAMIS_TRY(const auto at, look(ids[middle]));
    if (at <= line) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return best;
}

/// "p1042" or "1042", "path:line" or "path", or a document's id.
Result<PassageId> find_passage(const Engine& engine, const Snapshot& snapshot, const std::string& name) {
  const auto& collection = snapshot.collection();
  if (const auto id = whole_number<PassageId>(name.starts_with('p') ? std::string_view(name).substr(1) : name))
    return *id;
  const auto colon = name.rfind(':');
  std::optional<std::uint32_t> line;
  if (colon != std::string::npos) line = whole_number<std::uint32_t>(std::string_view(name).substr(colon + 1));
  const std::string path = line ? name.substr(0, colon) : name;
  TAMIS_TRY(const auto info, engine.info());
  for (const auto& stored : stored_names(path, info.sources)) {
    TAMIS_TRY(const auto ids, passages_with(collection, "path", stored));
    if (ids.empty()) continue;
    if (!line) return ids.front();
    TAMIS_TRY(const auto found, passage_at(snapshot, ids, *line));
    return found.value_or(ids.front());
  }
  TAMIS_TRY(const auto by_id, passages_with(collection, "id", name));
  if (!by_id.empty()) return by_id.front();
  return Error{
      Code::kNotFound,
      fmt::format("{}: no such passage (wanted one of \"tamis search\": p1042, path:line, a path or a document's id)",
                  name)};
}

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
