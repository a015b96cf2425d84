#include <tamis/base/check.h>
#include <tamis/search/query.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Any bytes parse; only size is refused; a clause names a known field and has text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tamis::search;
  static const std::vector<std::string> kFields = {"path", "title", "a"};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto query = parse_query(text, kFields);
  TAMIS_CHECK(query.has_value() || query.error().code == tamis::Code::kExhausted, "odd syntax is not an error");
  if (!query) return 0;
  TAMIS_CHECK(query->words().size() <= 2 * size + 1, "words come from the text");
  for (const auto& clause : query->clauses) {
    const bool is_field = clause.kind == Clause::Kind::kField;
    TAMIS_CHECK(is_field == (std::find(kFields.begin(), kFields.end(), clause.field) != kFields.end()), "known fields");
    TAMIS_CHECK(is_field || !clause.text.empty(), "no empty clause");
  }
  const auto plain = plain_query(text);
  TAMIS_CHECK(plain.has_value() && plain->clauses.size() <= 1, "a plain query is one clause");
  return 0;
}
