#include "hub.h"

#include <fmt/format.h>
#include <tamis/base/file.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "download.h"
#include "http.h"
#include "json.h"
#include "layout.h"
#include "model_files.h"

namespace tamis::models {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kMaxListingBytes = 64ULL << 20;
constexpr std::size_t kMaxFiles = 500;

bool is_hex(std::string_view text, std::size_t size) {
  return text.size() == size &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

HttpRequest request_for(std::string url, const StoreSources& sources) {
  HttpRequest request;
  request.url = std::move(url);
  request.token = sources.hub_token;
  request.connect_timeout_s = sources.connect_timeout_s;
  request.stall_timeout_s = sources.stall_timeout_s;
  request.ca_file = sources.ca_file;
  return request;
}

std::string base_url(const StoreSources& sources) {
  std::string url = sources.hub_url;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

/// An answer that is no file, in the words of somebody who wants a model.
Error explain(const HttpResponse& response, std::string_view repository, bool with_token) {
  if (response.status == 401 || response.status == 403) {
    return Error{Code::kIo,
                 fmt::format("hf:{}: the hub refuses it ({}): {}", repository, response.status,
                             with_token ? "does the token give access, and have the model's terms been accepted?"
                                        : "it may not exist, or want a token (HF_TOKEN)")};
  }
  if (response.status == 404) return Error{Code::kNotFound, fmt::format("hf:{}: no such model on the hub", repository)};
  return http_status_error(response);
}

struct Listing {
  std::string commit;
  std::vector<std::string> files;
};

Result<Listing> parse_listing(std::string_view body) {
  TAMIS_TRY(const Json root, Json::parse(body));
  Listing out;
  const Json* commit = root.find("sha");
  const Json* files = root.find("siblings");
  if (commit == nullptr || !is_hex(commit->text().value_or(""), 40) || files == nullptr || !files->is_array()) {
    return Error{Code::kCorrupt, "the listing has no \"sha\" and \"siblings\""};
  }
  out.commit = *commit->text();
  for (const auto& file : files->items()) {
    const Json* name = file.find("rfilename");
    if (name == nullptr || !name->text()) return Error{Code::kCorrupt, "the listing has a file without a name"};
    if (is_model_file(*name->text())) out.files.emplace_back(*name->text());
  }
  if (out.files.size() > kMaxFiles) {
    return Error{Code::kExhausted, fmt::format("{} files (at most {})", out.files.size(), kMaxFiles)};
  }
  const auto weights = [](const std::string& name) { return name.ends_with(".safetensors"); };
  if (std::none_of(out.files.begin(), out.files.end(), weights)) {
    return Error{Code::kUnsupported, "the model has no weights as safetensors"};
  }
  return out;
}

Result<Listing> list_files(std::string_view repository, const StoreSources& sources, const CancelToken& cancel) {
  auto request = request_for(fmt::format("{}/api/models/{}/revision/main", base_url(sources), repository), sources);
  request.max_bytes = kMaxListingBytes;
  request.headers = {"Accept: application/json"};
  std::string body;
  HttpSink sink;
  sink.piece = [&](std::string_view piece) {
    body += piece;
    return ok();
  };
  TAMIS_TRY(const auto response, http_exchange(request, sink, cancel));
  if (response.status != 200) return explain(response, repository, !sources.hub_token.empty());
  auto listing = parse_listing(body);
  if (!listing) return within(fmt::format("hf:{}", repository), std::move(listing).error());
  return listing;
}

/// The characters of an ETag: W/"abc" → abc.
std::string plain_etag(std::string_view text) {
  if (text.starts_with("W/")) text.remove_prefix(2);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return std::string(text);
}

/// Asks about a file. Large ones lie elsewhere (LFS): the hub's own answer, before that redirect, has their SHA-256 and
/// size; the ETag of small ones is git's id of their content.
Result<Download> ask(std::string_view repository, const std::string& commit, const std::string& file,
                     const StoreSources& sources, const CancelToken& cancel) {
  Download out;
  out.url = fmt::format("{}/{}/resolve/{}/{}", base_url(sources), repository, commit, file);
  out.token = sources.hub_token;
  out.what = file;
  out.max_bytes = sources.max_model_bytes;
  auto request = request_for(out.url, sources);
  request.head = true;
  request.follow_elsewhere = false;
  request.headers = {"Accept-Encoding: identity"};
  HttpSink sink;
  sink.piece = [](std::string_view) { return ok(); };
  TAMIS_TRY(const auto response, http_exchange(request, sink, cancel));
  if (response.status >= 400) return explain(response, repository, !sources.hub_token.empty());
  const bool linked = !response.header("x-linked-etag").empty();
  out.etag = plain_etag(response.header(linked ? "x-linked-etag" : "etag"));
  if (is_hex(out.etag, 64)) out.sha256 = out.etag;
  if (is_hex(out.etag, 40)) out.git_id = out.etag;
  const auto size = response.header(linked ? "x-linked-size" : "content-length");
  std::from_chars(size.data(), size.data() + size.size(), out.num_bytes);
  return out;
}

}  // namespace

Status check_repository(std::string_view repository) {
  const auto slashes = std::count(repository.begin(), repository.end(), '/');
  const bool letters = std::all_of(repository.begin(), repository.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '/';
  });
  if (letters && slashes <= 1 && is_inside(repository) && repository.size() <= 200) return ok();
  return Error{Code::kInvalidArgument,
               fmt::format("\"hf:{}\" names no model of the hub (wanted hf:owner/name)", repository)};
}

Result<fs::path> find_in_hub_cache(const fs::path& cache, std::string_view repository) {
  std::string folder = "models--";
  for (const char c : repository) folder += c == '/' ? std::string("--") : std::string(1, c);
  const fs::path root = cache / folder;
  const auto missing = Error{Code::kNotFound, fmt::format("{}: holds no hf:{}", cache.string(), repository)};
  if (cache.empty()) return missing;
  const auto reference = read_file(root / "refs" / "main", 1024);
  if (!reference) return missing;
  std::string_view commit = *reference;
  while (commit.ends_with('\n')) commit.remove_suffix(1);
  if (!is_hex(commit, 40)) return missing;
  const fs::path snapshot = root / "snapshots" / std::string(commit);
  // A cache may hold some files of a model only: what another program has asked for.
  const bool whole = (is_file(snapshot / "config.json") || is_file(snapshot / "modules.json")) &&
                     describe_folder(snapshot).has_value();
  if (!whole) return missing;
  return snapshot;
}

Status fetch_from_hub(std::string_view repository, const fs::path& target, const fs::path& partial_folder,
                      const StoreSources& sources, ProgressSink& progress, const CancelToken& cancel) {
  TAMIS_TRY(const Listing listing, list_files(repository, sources, cancel));
  std::uint64_t sum = 0;
  for (const auto& file : listing.files) {
    TAMIS_TRY(auto wanted, ask(repository, listing.commit, file, sources, cancel));
    sum += wanted.num_bytes;
    if (sum > sources.max_model_bytes) {
      return Error{Code::kExhausted, fmt::format("hf:{}: more than {} bytes", repository, sources.max_model_bytes)};
    }
    TAMIS_TRY_OK(download(wanted, target / file, partial_folder, sources, progress, cancel));
    TAMIS_TRY_OK(sync_folder((target / file).parent_path()));
  }
  return ok();
}

}  // namespace tamis::models
