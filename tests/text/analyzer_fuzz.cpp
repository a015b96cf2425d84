#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "analyzer_laws.h"

/// The first byte chooses the language, the rest is the text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto languages = tamis::text::all_languages();
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string law = tamis::text::broken_law(text, languages[data[0] % languages.size()]);
  if (!law.empty()) {
    std::fprintf(stderr, "%s\n", law.c_str());
    std::abort();
  }
  return 0;
}
