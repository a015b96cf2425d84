#include "http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace tamis::models {
namespace {

constexpr int kMaxRedirects = 10;

/// libcurl wants to be started once, before its first use.
bool curl_ready() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

struct CurlCloser {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlHandle = std::unique_ptr<CURL, CurlCloser>;
using CurlUrl = std::unique_ptr<CURLU, CurlCloser>;
using CurlList = std::unique_ptr<curl_slist, CurlCloser>;

/// What libcurl's callbacks see of one hop.
struct Hop {
  CURL* handle = nullptr;
  HttpResponse* response = nullptr;
  const HttpSink* sink = nullptr;
  const CancelToken* cancel = nullptr;
  std::uint64_t max_bytes = 0, seen = 0;

  bool begun = false;
  bool too_long = false;
  Status status = ok();
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::size_t take_header(const char* data, std::size_t, std::size_t size, void* user) {
  auto& hop = *static_cast<Hop*>(user);
  const std::string_view line(data, size);
  const auto colon = line.find(':');
  if (colon != std::string_view::npos) {
    hop.response->headers.emplace_back(lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
  return size;
}

Status begin_body(Hop& hop) {
  if (hop.begun) return ok();
  hop.begun = true;
  curl_easy_getinfo(hop.handle, CURLINFO_RESPONSE_CODE, &hop.response->status);
  return hop.sink->begin ? hop.sink->begin(*hop.response) : ok();
}

std::size_t take_body(const char* data, std::size_t, std::size_t size, void* user) {
  auto& hop = *static_cast<Hop*>(user);
  long status = 0;
  curl_easy_getinfo(hop.handle, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 300 && status < 400) return size;  // the body of a redirect says nothing
  hop.seen += size;
  if (hop.seen > hop.max_bytes) {
    hop.too_long = true;
    return 0;
  }
  hop.status = begin_body(hop);
  if (hop.status) hop.status = hop.sink->piece(std::string_view(data, size));
  return hop.status ? size : 0;
}

int watch(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Hop*>(user)->cancel->cancelled() ? 1 : 0;
}

std::string url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

/// "https", "https://host:443" of a URL; empty when it is none.
struct Origin {
  std::string scheme, whole;
};
Origin origin_of(const std::string& url) {
  const CurlUrl parsed(curl_url());
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return {};
  const std::string scheme = lower(url_part(parsed.get(), CURLUPART_SCHEME));
  return {scheme, scheme + "://" + lower(url_part(parsed.get(), CURLUPART_HOST)) + ":" +
                      url_part(parsed.get(), CURLUPART_PORT)};
}

CurlList make_headers(const HttpRequest& request, bool with_token) {
  CurlList list;
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return;
    static_cast<void>(list.release());
    list.reset(longer);
  };
  for (const auto& line : request.headers) add(line);
  if (with_token) add("Authorization: Bearer " + request.token);
  return list;
}

void set_options(CURL* handle, const HttpRequest& request, const std::string& url, curl_slist* headers, Hop& hop) {
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "tamis");
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, static_cast<long>(request.connect_timeout_s));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall_timeout_s));
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_NOBODY, request.head ? 1L : 0L);
  if (!request.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, request.ca_file.c_str());
  // Not CURLOPT_RESUME_FROM: that fails when the server has another version and sends all of it.
  if (request.range_from > 0) curl_easy_setopt(handle, CURLOPT_RANGE, fmt::format("{}-", request.range_from).c_str());
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &hop);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &hop);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, watch);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &hop);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
}

/// One request and its answer. Returns where it redirects to, or "".
Result<std::string> one_hop(const HttpRequest& request, const std::string& url, bool with_token, const HttpSink& sink,
                            HttpResponse& response, const CancelToken& cancel) {
  const CurlHandle handle(curl_easy_init());
  if (!handle) return Error{Code::kExhausted, "not enough memory for a connection"};
  Hop hop;
  hop.handle = handle.get();
  hop.response = &response;
  hop.sink = &sink;
  hop.cancel = &cancel;
  hop.max_bytes = request.max_bytes;
  const CurlList headers = make_headers(request, with_token);
  set_options(handle.get(), request, url, headers.get(), hop);
  const CURLcode code = curl_easy_perform(handle.get());
  if (cancel.cancelled()) return Error{Code::kCancelled, "cancelled"};
  if (!hop.status) return std::move(hop.status).error();
  if (hop.too_long) {
    return Error{Code::kExhausted, fmt::format("{}: more than {} bytes", url, request.max_bytes)};
  }
  if (code != CURLE_OK) return Error{Code::kIo, fmt::format("{}: {}", url, curl_easy_strerror(code))};
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &response.status);
  response.url = url;
  char* next = nullptr;
  curl_easy_getinfo(handle.get(), CURLINFO_REDIRECT_URL, &next);
  if (next != nullptr && response.status >= 300 && response.status < 400) return std::string(next);
  TAMIS_TRY_OK(begin_body(hop));  // an empty body has a beginning, too
  return std::string();
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const noexcept {
  for (auto at = headers.rbegin(); at != headers.rend(); ++at) {
    if (at->first == name) return at->second;
  }
  return {};
}

Result<HttpResponse> http_exchange(const HttpRequest& request, const HttpSink& sink, const CancelToken& cancel) {
  if (!curl_ready()) return Error{Code::kIo, "the HTTP library does not start"};
  const Origin first = origin_of(request.url);
  if (first.scheme != "http" && first.scheme != "https") {
    return Error{Code::kInvalidArgument, fmt::format("\"{}\" is no http or https address", request.url)};
  }
  HttpResponse response;
  std::string url = request.url;
  bool strayed = false;  // once it has left the first host, the token stays at home for good
  for (int hops = 0; hops <= kMaxRedirects; ++hops) {
    TAMIS_TRY(const std::string next,
              one_hop(request, url, !request.token.empty() && !strayed, sink, response, cancel));
    if (next.empty()) return response;
    const Origin target = origin_of(next);
    if (target.scheme != "https" && target.scheme != first.scheme) {
      return Error{Code::kIo, fmt::format("{}: redirects from https to \"{}\"", url, next)};
    }
    strayed = strayed || target.whole != first.whole;
    if (strayed && !request.follow_elsewhere) return response;
    url = next;
  }
  return Error{Code::kIo, fmt::format("{}: more than {} redirects", request.url, kMaxRedirects)};
}

Error http_status_error(const HttpResponse& response) {
  const bool missing = response.status == 404 || response.status == 410;
  return Error{missing ? Code::kNotFound : Code::kIo,
               fmt::format("{}: the server says {}{}", response.url, response.status, missing ? " (not found)" : "")};
}

Result<std::string> http_get_text(const HttpRequest& request, const CancelToken& cancel) {
  std::string body;
  HttpSink sink;
  sink.piece = [&](std::string_view piece) {
    body += piece;
    return ok();
  };
  TAMIS_TRY(const auto response, http_exchange(request, sink, cancel));
  if (response.status != 200) return http_status_error(response);
  return body;
}

Result<std::string> join_url(const std::string& base, const std::string& reference) {
  const CurlUrl url(curl_url());
  const bool joined = url && curl_url_set(url.get(), CURLUPART_URL, base.c_str(), 0) == CURLUE_OK &&
                      curl_url_set(url.get(), CURLUPART_URL, reference.c_str(), 0) == CURLUE_OK;
  char* text = nullptr;
  if (!joined || curl_url_get(url.get(), CURLUPART_URL, &text, 0) != CURLUE_OK) {
    return Error{Code::kCorrupt, fmt::format("\"{}\" is no address", reference)};
  }
  std::string out(text);
  curl_free(text);
  return out;
}

}  // namespace tamis::models
