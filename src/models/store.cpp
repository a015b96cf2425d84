#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tamis/base/file.h>
#include <tamis/models/folder.h>
#include <tamis/models/safetensors.h>
#include <tamis/models/store.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "hub.h"
#include "json.h"
#include "layout.h"
#include "model_files.h"
#include "package.h"

namespace tamis::models {
namespace {

namespace fs = std::filesystem;

/// Written into each model's folder: where it came from.
constexpr std::string_view kNote = "tamis-model.json";
constexpr std::string_view kPartial = ".partial";
constexpr std::string_view kTemporary = ".new-";
constexpr std::string_view kHub = "hf:";

const KnownModel* find_known(std::string_view name) {
  for (const auto& model : known_models()) {
    if (model.name == name) return &model;
  }
  return nullptr;
}

Error io_error(const fs::path& path, const std::error_code& error) {
  return Error{Code::kIo, fmt::format("{}: {}", path.string(), error.message())};
}

Status check_name(std::string_view name) {
  const bool fits = !name.empty() && name.size() <= 200 && name.front() != '.' && is_inside(name) &&
                    name.find('/') == std::string_view::npos &&
                    std::none_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (fits) return ok();
  return Error{Code::kInvalidArgument, fmt::format("\"{}\" cannot be a model's name", name)};
}

bool is_path(std::string_view text) { return text.find('/') != std::string_view::npos || text == "." || text == ".."; }

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out + "\"";
}

/// A model's folder is whole: it can be described and its weights can be opened. Values are looked at when they are
/// loaded.
Status check_model(const fs::path& folder) {
  TAMIS_TRY(const auto model, describe_folder(folder));
  TAMIS_TRY(const auto weights, Safetensors::open_folder(model.transformer_folder));
  static_cast<void>(weights);
  return ok();
}

Result<StoredModel> describe(const fs::path& folder) {
  TAMIS_TRY(const Json note, Json::read(folder / kNote, kMaxSmallJson));
  StoredModel out;
  out.name = folder.filename().string();
  out.folder = folder;
  const Json* source = note.find("source");
  out.source = source == nullptr ? "" : std::string(source->text().value_or(""));
  out.num_bytes = folder_bytes(folder);
  return out;
}

/// What a get() that was killed has left.
void clear_temporaries(const fs::path& store) {
  std::error_code error;
  for (fs::directory_iterator at(store, error); !error && at != fs::directory_iterator(); at.increment(error)) {
    std::error_code ignored;
    if (at->path().filename().string().starts_with(kTemporary)) fs::remove_all(at->path(), ignored);
  }
}

/// Gathers the files of a model in `target`.
Status gather(std::string_view what, const fs::path& target, const fs::path& partial, const StoreSources& sources,
              ProgressSink& progress, const CancelToken& cancel) {
  if (what.starts_with(kHub)) {
    const auto repository = what.substr(kHub.size());
    TAMIS_TRY_OK(check_repository(repository));
    const auto cached = find_in_hub_cache(sources.hub_cache, repository);
    if (cached) return copy_model_files(*cached, target, sources.max_model_bytes);
    return fetch_from_hub(repository, target, partial, sources, progress, cancel);
  }
  const KnownModel* const known = is_path(what) ? nullptr : find_known(what);
  if (known != nullptr) return fetch_known_model(*known, target, partial, sources, progress, cancel);
  std::error_code error;
  if (!fs::is_directory(fs::path(what), error)) {
    std::vector<std::string_view> names;
    for (const auto& model : known_models()) names.push_back(model.name);
    return Error{Code::kNotFound, fmt::format("{}: neither a folder nor a model that is known by this name (known: {}; "
                                              "models of the Hugging Face hub are written hf:owner/name)",
                                              what, fmt::join(names, ", "))};
  }
  TAMIS_TRY_OK(check_model(fs::path(what)));
  return copy_model_files(fs::path(what), target, sources.max_model_bytes);
}

/// Puts a gathered folder in its place; a model that was there is replaced.
Status publish(const fs::path& gathered, const fs::path& target) {
  std::error_code error;
  const fs::path old = gathered.string() + ".old";
  const bool replaces = fs::exists(target, error);
  if (replaces) fs::rename(target, old, error);
  if (!error) fs::rename(gathered, target, error);
  if (error) {
    const auto failure = io_error(target, error);
    std::error_code ignored;
    if (replaces) fs::rename(old, target, ignored);
    return failure;
  }
  TAMIS_TRY_OK(sync_folder(target.parent_path()));
  fs::remove_all(old, error);
  return ok();
}

}  // namespace

Result<std::string> store_name(std::string_view what) {
  std::string name;
  if (what.starts_with(kHub)) {
    TAMIS_TRY_OK(check_repository(what.substr(kHub.size())));
    for (const char c : what.substr(kHub.size())) name += c == '/' ? std::string("--") : std::string(1, c);
  } else if (is_path(what)) {
    std::error_code error;
    const auto whole = fs::weakly_canonical(fs::path(what), error);
    name = whole.filename().string();
  } else {
    name = what;
  }
  TAMIS_TRY_OK(check_name(name));
  return name;
}

Result<std::vector<StoredModel>> ModelStore::list() const {
  std::vector<StoredModel> out;
  std::error_code error;
  if (!fs::exists(folder_, error)) return out;
  fs::directory_iterator at(folder_, error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    if (at->path().filename().string().starts_with('.') || !is_file(at->path() / kNote)) continue;
    if (auto model = describe(at->path())) out.push_back(std::move(*model));
  }
  if (error) return io_error(folder_, error);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

Result<StoredModel> ModelStore::find(std::string_view name) const {
  TAMIS_TRY_OK(check_name(name));
  const fs::path folder = folder_ / std::string(name);
  if (is_file(folder / kNote)) return describe(folder);
  if (find_known(name) != nullptr) {
    return Error{Code::kNotFound, fmt::format("{}: not here yet; \"tamis model get {}\" gets it", name, name)};
  }
  TAMIS_TRY(const auto models, list());
  std::vector<std::string> names;
  for (const auto& model : models) names.push_back(model.name);
  return Error{Code::kNotFound,
               fmt::format("{}: no such model (there {}: {})", name, names.size() == 1 ? "is" : "are",
                           names.empty() ? std::string("none") : fmt::format("{}", fmt::join(names, ", ")))};
}

Result<fs::path> ModelStore::resolve(std::string_view name_or_path) const {
  if (is_path(name_or_path) && !name_or_path.starts_with(kHub)) return fs::path(name_or_path);
  std::string name(name_or_path);
  if (name_or_path.starts_with(kHub)) {
    TAMIS_TRY(name, store_name(name_or_path));
  }
  TAMIS_TRY(const auto model, find(name));
  return model.folder;
}

Result<StoredModel> ModelStore::get(std::string_view what, const StoreSources& sources, const GetOptions& options,
                                    ProgressSink& progress, const CancelToken& cancel) const {
  std::string name = options.name;
  if (name.empty()) {
    TAMIS_TRY(name, store_name(what));
  }
  TAMIS_TRY_OK(check_name(name));
  const fs::path target = folder_ / name;
  if (!options.again && is_file(target / kNote)) return describe(target);
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return io_error(folder_, error);
  TAMIS_TRY(const auto lock, FileLock::acquire(folder_ / ".lock"));
  static_cast<void>(lock);
  clear_temporaries(folder_);
  const fs::path gathered = folder_ / fmt::format("{}{}", kTemporary, name);
  fs::create_directories(gathered, error);
  if (error) return io_error(gathered, error);
  const auto make = [&]() -> Status {
    TAMIS_TRY_OK(gather(what, gathered, folder_ / kPartial, sources, progress, cancel));
    TAMIS_TRY_OK(check_model(gathered));
    TAMIS_TRY_OK(write_file_atomic(gathered / kNote, fmt::format("{{\"source\":{}}}\n", quoted(what))));
    return publish(gathered, target);
  };
  const auto status = make();
  clear_temporaries(folder_);
  if (!status) return status.error();
  return describe(target);
}

Status ModelStore::remove(std::string_view name) const {
  TAMIS_TRY(const auto model, find(name));
  TAMIS_TRY(const auto lock, FileLock::acquire(folder_ / ".lock"));
  static_cast<void>(lock);
  // Renamed first: half a model is never seen.
  const fs::path gone = folder_ / fmt::format("{}{}.gone", kTemporary, model.name);
  std::error_code error;
  fs::rename(model.folder, gone, error);
  if (error) return io_error(model.folder, error);
  TAMIS_TRY_OK(sync_folder(folder_));
  fs::remove_all(gone, error);
  if (error) return io_error(gone, error);
  return ok();
}

}  // namespace tamis::models
