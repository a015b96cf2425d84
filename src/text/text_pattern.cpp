#include "text_pattern.h"

#include <fmt/format.h>
#include <oniguruma.h>

#include <string>

#include "utf8.h"

namespace tamis::text {

namespace {

constexpr unsigned long kMaxSteps = 1'000'000;

struct FreeRegex {
  void operator()(regex_t* regex) const noexcept { onig_free(regex); }
};
struct FreeRegion {
  void operator()(OnigRegion* region) const noexcept { onig_region_free(region, 1); }
};
struct FreeParameters {
  void operator()(OnigMatchParam* parameters) const noexcept { onig_free_match_param(parameters); }
};

[[nodiscard]] const OnigUChar* bytes(const char* text) noexcept { return reinterpret_cast<const OnigUChar*>(text); }

/// Oniguruma sets itself up at the first use, which only one thread may do.
[[nodiscard]] bool engine_ready() noexcept {
  static const bool ready = [] {
    OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
    return onig_initialize(encodings, 1) == ONIG_NORMAL;
  }();
  return ready;
}

}  // namespace

struct TextPattern::Impl {
  std::string literal;
  std::unique_ptr<regex_t, FreeRegex> regex;  // none: `literal` is looked for
};

TextPattern::TextPattern(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
TextPattern::~TextPattern() = default;
TextPattern::TextPattern(TextPattern&&) noexcept = default;
TextPattern& TextPattern::operator=(TextPattern&&) noexcept = default;

Result<TextPattern> TextPattern::make(std::string_view pattern, bool regex, std::string_view where) {
  if (pattern.empty()) return Error{Code::kCorrupt, fmt::format("{}: empty", where)};
  auto impl = std::make_unique<Impl>();
  if (!regex) {
    impl->literal = pattern;
    return TextPattern(std::move(impl));
  }
  regex_t* made = nullptr;
  OnigErrorInfo info{};
  const int code = engine_ready() ? onig_new(&made, bytes(pattern.data()), bytes(pattern.data() + pattern.size()),
                                             ONIG_OPTION_NONE, ONIG_ENCODING_UTF8, ONIG_SYNTAX_ONIGURUMA, &info)
                                  : ONIGERR_MEMORY;
  if (code != ONIG_NORMAL) {
    OnigUChar message[ONIG_MAX_ERROR_MESSAGE_LEN] = {};
    const int size = onig_error_code_to_str(message, code, &info);
    return Error{Code::kCorrupt,
                 fmt::format("{}: {}", where,
                             std::string_view(reinterpret_cast<const char*>(message), static_cast<std::size_t>(size)))};
  }
  impl->regex.reset(made);
  return TextPattern(std::move(impl));
}

namespace {

/// Calls `visit(begin, end)` for each match in turn; an empty one right behind another is passed over.
template <class Visit>
void each_match(regex_t* regex, std::string_view text, Visit&& visit) {
  const std::unique_ptr<OnigRegion, FreeRegion> region(onig_region_new());
  const std::unique_ptr<OnigMatchParam, FreeParameters> parameters(onig_new_match_param());
  if (!region || !parameters) return;
  onig_initialize_match_param(parameters.get());
  onig_set_retry_limit_in_search_of_match_param(parameters.get(), kMaxSteps);
  const OnigUChar* const first = bytes(text.data());
  const OnigUChar* const last = first + text.size();
  std::size_t last_end = std::string_view::npos;
  for (std::size_t from = 0; from <= text.size();) {
    onig_region_clear(region.get());
    const int place = onig_search_with_param(regex, first, last, first + from, last, region.get(), ONIG_OPTION_NONE,
                                             parameters.get());
    if (place < 0) return;
    const auto begin = static_cast<std::size_t>(region->beg[0]);
    const auto end = static_cast<std::size_t>(region->end[0]);
    if (begin == end && end == last_end) {
      from += from < text.size() ? decode_utf8(text, from).size : 1;
      continue;
    }
    visit(begin, end);
    from = end;
    last_end = end;
  }
}

template <class Visit>
void each_literal(std::string_view literal, std::string_view text, Visit&& visit) {
  for (std::size_t at = text.find(literal); at != std::string_view::npos; at = text.find(literal, at + literal.size()))
    visit(at, at + literal.size());
}

}  // namespace

void TextPattern::cover(std::string_view text, std::size_t begin, std::size_t end, std::vector<Match>& out) const {
  const std::string_view part = text.substr(begin, end - begin);
  std::size_t done = 0;
  const auto push = [&](std::size_t from, std::size_t to, bool matched) {
    out.push_back({static_cast<std::uint32_t>(begin + from), static_cast<std::uint32_t>(begin + to), matched});
  };
  const auto visit = [&](std::size_t from, std::size_t to) {
    if (done != from) push(done, from, false);
    push(from, to, true);
    done = to;
  };
  if (impl_->regex) {
    each_match(impl_->regex.get(), part, visit);
  } else {
    each_literal(impl_->literal, part, visit);
  }
  if (done != part.size()) push(done, part.size(), false);
}

}  // namespace tamis::text
