#include "sources.h"

#include <fmt/format.h>
#include <tamis/base/config.h>
#include <tamis/text/language.h>

#include <algorithm>
#include <system_error>

#include "paths.h"

namespace tamis::engine {
namespace {

namespace fs = std::filesystem;

bool on_disk(const store::SourceRow& row) { return row.kind == kFolderSource || row.kind == kFileSource; }

Result<std::string> kind_of(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (fs::is_directory(status)) return std::string(kFolderSource);
  if (fs::is_regular_file(status)) return std::string(kFileSource);
  if (!fs::exists(status)) {
    return Error{Code::kNotFound, fmt::format("{}: no such file or folder", path.string())};
  }
  return Error{Code::kUnsupported, fmt::format("{}: neither a folder nor a regular file", path.string())};
}

/// Gathers the plans of a run.
class Planner {
 public:
  Planner(fs::path index_folder, const std::vector<store::SourceRow>& known, const IngestOptions& options)
      : index_folder_(std::move(index_folder)), known_(known), wanted_(source_config(options)) {}

  Status add_root(const fs::path& root) {
    TAMIS_TRY(const auto kind, kind_of(root));
    const auto path = root.string();
    if (path == index_folder_.string() || !path_below(path, index_folder_.string()).empty()) {
      return Error{Code::kInvalidArgument, fmt::format("{}: is the index itself", path)};
    }
    if (const auto* row = find(path)) {
      TAMIS_TRY_OK(add_known(*row, kind));
    } else if (SourcePlan* outer = planned_around(path)) {
      if (!outer->only.empty()) outer->only.push_back(path_below(path, outer->row.root));
    } else if (const auto* around = known_around(path)) {
      TAMIS_TRY_OK(add_part(*around, path_below(path, around->root)));
    } else {
      add_new(path, kind);
    }
    return add_contained(path);
  }

  /// What was indexed before, with the options it was read with then.
  Status add_known_as_they_are() {
    for (const auto& row : known_) {
      if (!on_disk(row)) continue;
      TAMIS_TRY(auto plan, stored_plan(row));
      plans_.push_back(std::move(plan));
    }
    return ok();
  }

  Status add_all_known() {
    for (auto& plan : plans_) {
      plan.only.clear();
      plan.read_again = true;
    }
    for (const auto& row : known_) {
      if (!on_disk(row)) {
        return Error{
            Code::kUnsupported,
            fmt::format("{} ({}) cannot be read again for a rebuild: remove that source first", row.root, row.kind)};
      }
      if (is_planned(row.id)) continue;
      TAMIS_TRY(auto plan, stored_plan(row));
      plan.read_again = true;
      plans_.push_back(std::move(plan));
    }
    return ok();
  }

  std::vector<SourcePlan> finish() {
    for (auto& plan : plans_) {
      const auto exclude = [&](const std::string& root) {
        if (auto below = path_below(root, plan.row.root); !below.empty()) plan.excluded.push_back(std::move(below));
      };
      for (const auto& row : known_) {
        if (on_disk(row)) exclude(row.root);
      }
      exclude(index_folder_.string());
    }
    return std::move(plans_);
  }

 private:
  const store::SourceRow* find(const std::string& root) const {
    for (const auto& row : known_) {
      if (on_disk(row) && row.root == root) return &row;
    }
    return nullptr;
  }
  bool is_planned(store::SourceId id) const {
    return std::any_of(plans_.begin(), plans_.end(), [&](const SourcePlan& plan) { return plan.row.id == id; });
  }
  /// The innermost folder source around a path.
  const store::SourceRow* known_around(const std::string& path) const {
    const store::SourceRow* best = nullptr;
    for (const auto& row : known_) {
      if (row.kind != kFolderSource || path_below(path, row.root).empty()) continue;
      if (best == nullptr || row.root.size() > best->root.size()) best = &row;
    }
    return best;
  }
  SourcePlan* planned_around(const std::string& path) {
    SourcePlan* best = nullptr;
    for (auto& plan : plans_) {
      if (plan.row.kind != kFolderSource || path_below(path, plan.row.root).empty()) continue;
      if (best == nullptr || plan.row.root.size() > best->row.root.size()) best = &plan;
    }
    const auto* around = known_around(path);
    if (best != nullptr && around != nullptr && around->root.size() > best->row.root.size()) return nullptr;
    return best;
  }

  static Result<SourcePlan> stored_plan(const store::SourceRow& row) {
    SourcePlan plan;
    plan.row = row;
    auto config = from_json<SourceConfig>(row.config);
    if (!config) return Error{Code::kCorrupt, fmt::format("source {}: {}", row.root, config.error().message)};
    plan.config = std::move(*config);
    return plan;
  }
  Status add_known(const store::SourceRow& row, const std::string& kind) {
    TAMIS_TRY(auto plan, stored_plan(row));
    if (plan.config != wanted_ || row.kind != kind) {
      plan.config = wanted_;
      plan.row.kind = kind;
      plan.row.config = to_json(wanted_);
      plan.store_row = plan.read_again = true;
    }
    // A folder around it may have planned it before, as it was.
    std::erase_if(plans_, [&](const SourcePlan& other) { return other.row.id == row.id; });
    plans_.push_back(std::move(plan));
    return ok();
  }
  Status add_part(const store::SourceRow& outer, std::string part) {
    TAMIS_TRY(auto plan, stored_plan(outer));
    if (wanted_ != plan.config && wanted_ != SourceConfig{}) {
      return Error{Code::kInvalidArgument,
                   fmt::format("{} is a part of the source {}, which is read with {} (now {} is asked for): index that "
                               "folder with these options",
                               part, outer.root, outer.config, to_json(wanted_))};
    }
    plan.only.push_back(std::move(part));
    plans_.push_back(std::move(plan));
    return ok();
  }
  void add_new(const std::string& path, const std::string& kind) {
    SourcePlan plan;
    plan.row.id = next_source(known_) + num_new_++;
    plan.row.kind = kind;
    plan.row.root = path;
    plan.row.config = to_json(wanted_);
    plan.config = wanted_;
    plan.store_row = true;
    plans_.push_back(std::move(plan));
  }
  Status add_contained(const std::string& path) {
    for (const auto& row : known_) {
      if (!on_disk(row) || path_below(row.root, path).empty() || is_planned(row.id)) continue;
      TAMIS_TRY(auto plan, stored_plan(row));
      plan.may_be_gone = true;
      plans_.push_back(std::move(plan));
    }
    return ok();
  }

  fs::path index_folder_;
  const std::vector<store::SourceRow>& known_;
  SourceConfig wanted_;
  std::vector<SourcePlan> plans_;
  store::SourceId num_new_ = 0;
};

}  // namespace

Status SourceConfig::validate() const {
  if (!language.empty()) {
    TAMIS_TRY_OK(text::language_from(language));
  }
  if (!reader.empty()) {
    TAMIS_TRY_OK(docs::reader_named(reader));
  }
  return ok();
}

SourceConfig source_config(const IngestOptions& options) {
  SourceConfig config;
  config.reader = options.read.reader;
  config.id = options.read.fields.id;
  config.title = options.read.fields.title;
  for (const auto& name : options.read.fields.text) {
    if (!config.text.empty()) config.text += '\n';
    config.text += name;
  }
  config.language = options.language;
  return config;
}

docs::ReadOptions read_options(const SourceConfig& config, const docs::ReadLimits& limits) {
  docs::ReadOptions options;
  options.limits = limits;
  options.reader = config.reader;
  options.fields.id = config.id;
  options.fields.title = config.title;
  for (std::size_t begin = 0; begin < config.text.size();) {
    const auto end = std::min(config.text.find('\n', begin), config.text.size());
    options.fields.text.push_back(config.text.substr(begin, end - begin));
    begin = end + 1;
  }
  return options;
}

store::SourceId next_source(const std::vector<store::SourceRow>& known) {
  store::SourceId last = 0;
  for (const auto& row : known) last = std::max(last, row.id);
  return last + 1;
}

Result<std::vector<SourcePlan>> plan_sources(const fs::path& index_folder, const std::vector<store::SourceRow>& known,
                                             const std::vector<fs::path>& roots, const IngestOptions& options) {
  TAMIS_TRY_OK(source_config(options).validate());
  std::vector<fs::path> paths;
  for (const auto& root : roots) {
    TAMIS_TRY(auto path, canonical_path(root));
    paths.push_back(std::move(path));
  }
  std::sort(paths.begin(), paths.end());  // a folder comes before what lies below it
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  Planner planner(index_folder, known, options);
  for (const auto& path : paths) TAMIS_TRY_OK(planner.add_root(path));
  if (options.rebuild) {
    TAMIS_TRY_OK(planner.add_all_known());
  } else if (roots.empty()) {
    TAMIS_TRY_OK(planner.add_known_as_they_are());
  }
  return planner.finish();
}

}  // namespace tamis::engine
