#include "eval_runs_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "hits.h"

namespace tamis::cli {

Status RunsFolder::open(const std::string& folder, const std::vector<std::string>& methods) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Error{Code::kIo, fmt::format("{}: {}", folder, error.message())};
  std::set<std::string> taken;
  for (const auto& method : methods) {
    std::string name;
    for (const char c : method) {
      const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
                        c == '-' || c == '.';
      if (fits || !name.ends_with('_')) name += fits ? c : '_';
    }
    constexpr std::size_t kMostLetters = 100;
    name.resize(std::min(name.size(), kMostLetters));
    const std::string plain = name;
    for (int n = 2; !taken.insert(name).second; ++n) name = fmt::format("{}-{}", plain, n);
    File file{fmt::format("{}/{}.trec", folder, name), name, {}};
    file.stream.open(file.path, std::ios::binary | std::ios::trunc);
    if (!file.stream) return Error{Code::kIo, fmt::format("{}: cannot be written", file.path)};
    files_.push_back(std::move(file));
  }
  return ok();
}

Status RunsFolder::write(std::size_t method, const eval::Run& run, const eval::Ids& ids) {
  File& file = files_[method];
  std::string text;
  for (std::size_t query = 0; query < run.size(); ++query) {
    std::vector<eval::Hit> hits(run.items(query).begin(), run.items(query).end());
    std::stable_sort(hits.begin(), hits.end(),
                     [](const eval::Hit& a, const eval::Hit& b) { return a.score > b.score; });
    const std::string id = run_id(ids.queries.name(run.query(query)));
    for (std::size_t rank = 0; rank < hits.size(); ++rank) {
      text += fmt::format("{} Q0 {} {} {} {}\n", id, run_id(ids.documents.name(hits[rank].document)), rank + 1,
                          hits[rank].score, file.tag);
    }
  }
  file.stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  return file.stream ? ok() : Status(Error{Code::kIo, fmt::format("{}: cannot be written", file.path)});
}

Status RunsFolder::finish() {
  for (auto& file : files_) {
    file.stream.close();
    if (!file.stream) return Error{Code::kIo, fmt::format("{}: cannot be written", file.path)};
  }
  return ok();
}

}  // namespace tamis::cli
