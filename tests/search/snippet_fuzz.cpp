#include <tamis/base/check.h>
#include <tamis/search/pipeline.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

// First byte: language and window; up to the first newline: the query; the rest: the text. Any bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tamis;
  if (size < 2) return 0;
  const auto languages = text::all_languages();
  const auto language = languages[data[0] % languages.size()];
  const std::uint32_t max_bytes = data[1];
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto cut = std::min(rest.find('\n'), rest.size());
  const auto query = search::parse_query(rest.substr(0, cut), {});
  if (!query) return 0;
  const auto text = rest.substr(std::min(cut + 1, rest.size()));
  static text::Analyzer analyzer;
  if (analyzer.num_terms() > 100'000) analyzer.clear();
  const auto snippet = search::make_snippet(analyzer, text, language, *query, max_bytes);
  TAMIS_CHECK(snippet.begin <= snippet.end && snippet.end <= text.size(), "inside the text");
  TAMIS_CHECK(snippet.end - snippet.begin <= max_bytes, "not longer than asked");
  std::uint32_t at = snippet.begin;
  for (const auto& hit : snippet.hits) {
    TAMIS_CHECK(at <= hit.begin && hit.begin < hit.end && hit.end <= snippet.end, "hits in order, inside");
    at = hit.end;
  }
  return 0;
}
