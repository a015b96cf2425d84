#include <fmt/format.h>
#include <tamis/engine/engine.h>
#include <tamis/text/language.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "command.h"
#include "dense_stores.h"
#include "display.h"
#include "json.h"
#include "locate.h"

namespace tamis::cli {
namespace {

struct InfoArgs {
  std::string index;
  bool json = false;
};

/// How far BM25's fixed average length lies from the present one; 0 when it is not known.
double drift(const IndexInfo& info) {
  return info.avg_length_fixed > 0 ? info.avg_length_now / info.avg_length_fixed - 1 : 0;
}

/// From here on a rebuild may change rankings noticeably.
constexpr double kNotableDrift = 0.2;

std::string language_codes(const IndexInfo& info) {
  std::string out;
  for (const auto language : info.generation.languages) {
    out += (out.empty() ? "" : ", ") + std::string(text::code(static_cast<text::Language>(language)));
  }
  return out;
}

std::string info_text(const IndexInfo& info) {
  const auto& generation = info.generation;
  std::string out;
  const auto line = [&](std::string_view name, const std::string& value) {
    out += fmt::format("{:<12}{}\n", name, value);
  };
  line("index", shown_path(info.folder.string()));
  line("state", fmt::format("generation {}, {}", generation.number, counted(generation.segments.size(), "segment")));
  line("documents", with_commas(generation.num_documents));
  line("passages", info.deleted_passages == 0
                       ? with_commas(info.live_passages)
                       : fmt::format("{}, and {} deleted ones that the next merge drops",
                                     with_commas(info.live_passages), with_commas(info.deleted_passages)));
  line("terms", fmt::format("{} in {}", with_commas(info.num_terms), counted(info.num_postings, "posting")));
  for (const auto& encoder : info.encoders) {
    line("vectors", encoder.passages_waiting == 0
                        ? fmt::format("of {}", encoder.name)
                        : fmt::format("of {}, {} still wait for theirs (\"tamis index\" makes them)", encoder.name,
                                      counted(encoder.passages_waiting, "passage")));
  }
  for (const auto& store : dense_store_infos(info.folder, false)) {
    line("dense", store.damage.empty() ? fmt::format("{} of {}, {}", counted(store.vectors, "vector"), store.model,
                                                     human_bytes(store.bytes))
                                       : fmt::format("of {}: {}", store.model, harmless(store.damage)));
  }
  if (!generation.languages.empty()) line("languages", language_codes(info));
  if (info.avg_length_fixed > 0) {
    line("length", fmt::format("{:.1f} words a passage when BM25 was fixed, {:.1f} now (drift {:+.1f} %)",
                               info.avg_length_fixed, info.avg_length_now, 100 * drift(info)));
    if (std::abs(drift(info)) > kNotableDrift) line("", "\"tamis index --rebuild\" fixes it anew");
  }
  const auto part = [](std::string_view name, std::uint64_t bytes) {
    return bytes == 0 ? "" : fmt::format("{} {}, ", name, human_bytes(bytes));
  };
  line("on disk", fmt::format("{}: postings {}, {}{}texts {}, terms {}, catalogue {}",
                              human_bytes(info.field_bytes + info.vector_bytes + info.block_bytes + info.text_bytes +
                                          info.vocabulary_bytes + info.catalogue_bytes),
                              human_bytes(info.field_bytes), part("vectors", info.vector_bytes),
                              part("blocks", info.block_bytes), human_bytes(info.text_bytes),
                              human_bytes(info.vocabulary_bytes), human_bytes(info.catalogue_bytes)));
  for (std::size_t i = 0; i < info.sources.size(); ++i) {
    line(i == 0 ? "sources" : "", fmt::format("{} ({})", shown_path(info.sources[i].root), info.sources[i].kind));
  }
  bool first = true;
  for (const auto& [name, value] : generation.settings) {
    if (value.empty()) continue;
    // A curve of recall is lines of points.
    const auto points = std::count(value.begin(), value.end(), '\n');
    line(first ? "settings" : "",
         points > 0 ? fmt::format("{}: {} points", name, points) : fmt::format("{} = {}", name, harmless(value)));
    first = false;
  }
  return out;
}

std::string info_json(const IndexInfo& info) {
  const auto& generation = info.generation;
  std::string sources = "[";
  for (const auto& source : info.sources) {
    JsonObject object;
    object.text("kind", source.kind).text("root", source.root);
    sources += (sources.size() > 1 ? "," : "") + std::move(object).finish();
  }
  std::string encoders = "[";
  for (const auto& encoder : info.encoders) {
    JsonObject object;
    object.text("name", encoder.name).text("model", encoder.model).text("fingerprint", encoder.fingerprint);
    object.number("waiting", encoder.passages_waiting);
    encoders += (encoders.size() > 1 ? "," : "") + std::move(object).finish();
  }
  std::string dense = "[";
  for (const auto& store : dense_store_infos(info.folder, false)) {
    JsonObject object;
    object.text("model", store.model).number("vectors", store.vectors).number("bytes", store.bytes);
    if (!store.damage.empty()) object.text("damage", store.damage);
    dense += (dense.size() > 1 ? "," : "") + std::move(object).finish();
  }
  JsonObject settings;
  for (const auto& [name, value] : generation.settings) settings.text(name, value);
  JsonObject out;
  out.text("index", info.folder.string()).number("generation", generation.number);
  out.number("segments", std::uint64_t{generation.segments.size()}).number("documents", generation.num_documents);
  out.number("passages", info.live_passages).number("deleted_passages", info.deleted_passages);
  out.number("terms", info.num_terms).number("postings", info.num_postings);
  out.text("languages", language_codes(info));
  out.number("avg_length_fixed", info.avg_length_fixed).number("avg_length_now", info.avg_length_now);
  out.raw("encoders", encoders + "]").number("vector_bytes", info.vector_bytes);
  out.raw("dense", dense + "]");
  out.number("block_bytes", info.block_bytes).number("passages_in_blocks", info.block_passages);
  out.number("field_bytes", info.field_bytes).number("text_bytes", info.text_bytes);
  out.number("vocabulary_bytes", info.vocabulary_bytes).number("catalogue_bytes", info.catalogue_bytes);
  out.raw("sources", sources + "]").raw("settings", std::move(settings).finish());
  return std::move(out).finish() + "\n";
}

}  // namespace

Command make_info_command() {
  auto args = std::make_shared<InfoArgs>();
  Command command;
  command.name = "info";
  command.summary = "say what an index holds";
  command.description =
      "Documents, passages, terms, sizes on disk, sources and settings; and how far the average length that BM25 was "
      "fixed "
      "with has drifted from the present one.";
  command.examples = {{"tamis info", "the index of this folder"}, {"tamis info --json | jq .passages", "for programs"}};
  add_index_option(command, args->index);
  command.flag("--json", args->json, "one JSON object");
  command.run = [args](Context& context) -> Result<int> {
    TAMIS_TRY(const auto engine, open_engine(args->index, context.terminal));
    TAMIS_TRY(const auto info, engine.info());
    context.out.write(args->json ? info_json(info) : info_text(info));
    return kFound;
  };
  return command;
}

}  // namespace tamis::cli
