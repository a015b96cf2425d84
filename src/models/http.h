#pragma once

#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tamis::models {

struct HttpRequest {
  std::string url;
  std::vector<std::string> headers;  ///< "Accept: text/html"
  std::string token;                 ///< bearer token for the first host; never sent to another
  bool head = false;
  bool follow_elsewhere = true;  ///< also redirects to other hosts; else such an answer is handed back as it is
  std::uint64_t range_from = 0;  ///< 0 = all
  std::uint64_t max_bytes = 0;   ///< of the body
  std::uint32_t connect_timeout_s = 30;
  std::uint32_t stall_timeout_s = 60;
  std::string ca_file;
};

struct HttpResponse {
  long status = 0;
  std::string url;                                           ///< after redirects
  std::vector<std::pair<std::string, std::string>> headers;  ///< of all answers on the way; names in lower case
  /// The last header of this name; "" if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

/// Where a body goes, piece by piece. `begin` is told the answer's status and headers before the first piece.
struct HttpSink {
  std::function<Status(const HttpResponse&)> begin;
  std::function<Status(std::string_view)> piece;
};

/// One exchange with an HTTP server, at most 10 redirects; from https to http is refused. The error is about the
/// transfer (kIo, kCancelled, kExhausted when the body is too long, or the sink's own); an answer with status 404 is no
/// error here.
[[nodiscard]] Result<HttpResponse> http_exchange(const HttpRequest& request, const HttpSink& sink,
                                                 const CancelToken& cancel);
/// The body of a small answer with status 200; kNotFound for 404 and 410, kIo for another status.
[[nodiscard]] Result<std::string> http_get_text(const HttpRequest& request, const CancelToken& cancel);
/// What is wrong with an answer that is not the one wanted.
[[nodiscard]] Error http_status_error(const HttpResponse& response);
/// A reference, as in a link, made whole; kCorrupt when it is no URL.
[[nodiscard]] Result<std::string> join_url(const std::string& base, const std::string& reference);

}  // namespace tamis::models
