#include "layout.h"

#include <fmt/format.h>

#include "json.h"

namespace tamis::models {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxModules = 16;

/// The last part of "sentence_transformers.models.Transformer".
std::string own_name(std::string_view type) { return std::string(type.substr(type.rfind('.') + 1)); }

/// A path of a module: inside the model's folder, whatever the file says.
Result<fs::path> inside(const fs::path& folder, std::string_view path) {
  const fs::path relative{std::string(path)};
  bool leaves = relative.is_absolute() || path.find('\0') != std::string_view::npos;
  for (const auto& part : relative) leaves = leaves || part == "..";
  if (leaves) return Error{Code::kCorrupt, fmt::format("the path \"{}\" leads out of the folder", path)};
  return relative.empty() ? folder : folder / relative;
}

Result<Module> take_module(const fs::path& folder, const Json* type, std::string_view path) {
  if (type == nullptr || !type->text()) return Error{Code::kCorrupt, "a module without \"type\""};
  TAMIS_TRY(auto where, inside(folder, path));
  return Module{own_name(*type->text()), std::move(where)};
}

/// The modules of one route of a router: names that are folders and keys of "types" at once.
Result<std::vector<Module>> take_route(const fs::path& folder, const Json& config, std::string_view route) {
  std::vector<Module> out;
  const Json* structure = config.find("structure");
  const Json* types = config.find("types");
  const Json* names = structure == nullptr ? nullptr : structure->find(route);
  if (names == nullptr || types == nullptr) return out;
  if (names->items().size() > kMaxModules) {
    return Error{Code::kExhausted, fmt::format("{} modules (at most {})", names->items().size(), kMaxModules)};
  }
  for (const auto& item : names->items()) {
    const auto name = item.text();
    if (!name) return Error{Code::kCorrupt, fmt::format("the route \"{}\" has a module that is no text", route)};
    TAMIS_TRY(auto module, take_module(folder, types->find(*name), *name));
    out.push_back(std::move(module));
  }
  return out;
}

Result<Pipeline> read_router(const fs::path& folder) {
  const fs::path path = folder / "router_config.json";
  TAMIS_TRY(const Json config, Json::read(path, kMaxSmallJson));
  Pipeline out;
  auto document = take_route(folder, config, "document");
  if (!document) return within(path.string(), std::move(document).error());
  auto query = take_route(folder, config, "query");
  if (!query) return within(path.string(), std::move(query).error());
  if (document->empty() || query->empty()) {
    return within(path.string(), Error{Code::kUnsupported, "no routes \"query\" and \"document\""});
  }
  return Pipeline{std::move(*document), std::move(*query)};
}

}  // namespace

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

Result<Pipeline> read_pipeline(const fs::path& folder) {
  const fs::path path = folder / "modules.json";
  TAMIS_TRY(const Json root, Json::read(path, kMaxSmallJson));
  if (!root.is_array() || root.items().empty() || root.items().size() > kMaxModules) {
    return within(path.string(), Error{Code::kCorrupt, fmt::format("wanted a list of 1 to {} modules", kMaxModules)});
  }
  Pipeline out;
  for (const auto& item : root.items()) {
    const Json* where = item.find("path");
    const auto relative = where == nullptr ? std::string_view() : where->text().value_or("");
    auto module = take_module(folder, item.find("type"), relative);
    if (!module) return within(path.string(), std::move(module).error());
    out.document.push_back(std::move(*module));
  }
  // A router stands first; what follows it is done to the results of all routes.
  const bool routed = out.document[0].type == "Router" || out.document[0].type == "Asym";
  if (!routed) return out;
  TAMIS_TRY(auto router, read_router(out.document[0].folder));
  router.document.insert(router.document.end(), out.document.begin() + 1, out.document.end());
  return router;
}

}  // namespace tamis::models
