#include "ingest_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <unordered_map>

#include "paths.h"

namespace tamis::engine {
namespace {

constexpr std::string_view kExpectedCode = "unsupported: ";
/// A file written so shortly before the walk may be written again without its time changing: its next look is at the
/// content.
constexpr std::int64_t kClockGrainNs = 100'000'000;

std::int64_t now_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

bool is_or_below(std::string_view path, std::string_view folder) {
  return folder.empty() || folder == "." || path == folder || !path_below(path, folder).empty();
}
bool matches_any(std::string_view path, const std::vector<std::string>& folders) {
  return std::any_of(folders.begin(), folders.end(), [&](const auto& folder) { return is_or_below(path, folder); });
}

/// Compares one source with what the catalogue knows of it.
class SourceDiff {
 public:
  SourceDiff(IngestPlan& plan, std::size_t number, const IngestOptions& options, IngestReport& report)
      : plan_(plan), number_(number), source_(plan.sources[number]), options_(options), report_(report) {}

  Status run(const store::Catalogue& catalogue, const CancelToken& cancel) {
    TAMIS_TRY(files_, catalogue.files(source_.row.id));
    for (std::size_t i = 0; i < files_.size(); ++i) numbers_.emplace(files_[i].path, i);
    seen_.assign(files_.size(), false);
    started_ns_ = now_ns();
    auto walked = docs::walk(
        source_.row.root, options_.walk, [&](docs::FoundFile&& file) { return found(std::move(file)); },
        [&](docs::SkippedPath&& path) { skipped(std::move(path)); }, cancel);
    if (!walked && !(walked.error().code == Code::kNotFound && source_.may_be_gone)) return walked;
    remove_unseen();
    return ok();
  }

 private:
  bool concerns_us(std::string_view path) const {
    return !matches_any(path, source_.excluded) && (source_.only.empty() || matches_any(path, source_.only));
  }

  Status found(docs::FoundFile&& file) {
    if (!concerns_us(file.path)) return ok();
    ++report_.files_found;
    WorkFile work;
    work.source = number_;
    if (const auto known = numbers_.find(file.path); known != numbers_.end()) {
      seen_[known->second] = true;
      work.known = true;
      work.old = files_[known->second];
      if (is_unchanged(file, work.old)) {
        ++report_.files_unchanged;
        if (!work.old.skipped.empty()) {
          report_.skipped.push_back(skipped_line(full_path(source_.row, file.path).string(), work.old.skipped));
        }
        return ok();
      }
      work.compare = !source_.read_again && work.old.mtime_ns != kUnfinishedTime &&
                     work.old.size_bytes == file.size_bytes && (work.old.skipped.empty() || !options_.retry_skipped);
    }
    if (started_ns_ - file.mtime_ns < kClockGrainNs && file.mtime_ns <= started_ns_) file.mtime_ns = 0;
    work.path = full_path(source_.row, file.path);
    plan_.work_bytes += file.size_bytes;
    work.found = std::move(file);
    plan_.work.push_back(std::move(work));
    return ok();
  }

  bool is_unchanged(const docs::FoundFile& file, const store::FileRow& old) const {
    if (source_.read_again || (options_.retry_skipped && !old.skipped.empty())) return false;
    return file.size_bytes == old.size_bytes && file.mtime_ns == old.mtime_ns && file.inode == old.inode;
  }

  void skipped(docs::SkippedPath&& path) {
    if (!concerns_us(path.path)) return;
    if (!path.expected) unreadable_.push_back(path.path);
    report_.skipped.push_back({full_path(source_.row, path.path).string(), std::move(path.reason), path.expected});
  }

  void remove_unseen() {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (seen_[i]) continue;
      const auto& path = files_[i].path;
      const bool foreign = matches_any(path, source_.excluded);  // another source has it now
      if (!foreign && !source_.only.empty() && !matches_any(path, source_.only)) continue;
      if (!foreign && matches_any(path, unreadable_)) continue;
      plan_.removed.emplace_back(source_.row.id, path);
      ++report_.files_deleted;
    }
  }

  IngestPlan& plan_;
  std::size_t number_;
  const SourcePlan& source_;
  const IngestOptions& options_;
  IngestReport& report_;
  std::vector<store::FileRow> files_;
  std::unordered_map<std::string_view, std::size_t> numbers_;  // path to index into files_
  std::vector<bool> seen_;
  std::vector<std::string> unreadable_;
  std::int64_t started_ns_ = 0;
};

}  // namespace

std::string skip_reason(const Error& error) { return fmt::format("{}: {}", to_string(error.code), error.message); }

IngestReport::Skipped skipped_line(std::string path, std::string_view stored_reason) {
  const bool expected = stored_reason.starts_with(kExpectedCode);
  const auto colon = stored_reason.find(": ");
  if (colon != std::string_view::npos) stored_reason.remove_prefix(colon + 2);
  return {std::move(path), std::string(stored_reason), expected};
}

std::filesystem::path full_path(const store::SourceRow& source, std::string_view relative) {
  if (source.kind != kFolderSource) return source.root;
  return std::filesystem::path(source.root) / relative;
}

Result<IngestPlan> plan_ingest(const store::Catalogue& catalogue, std::vector<SourcePlan> sources,
                               const IngestOptions& options, IngestReport& report, const CancelToken& cancel) {
  IngestPlan plan;
  plan.sources = std::move(sources);
  for (std::size_t i = 0; i < plan.sources.size(); ++i) {
    TAMIS_TRY_OK(SourceDiff(plan, i, options, report).run(catalogue, cancel));
  }
  return plan;
}

}  // namespace tamis::engine
