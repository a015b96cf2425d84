#include <tamis/text/tokenizer.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tokenizer_laws.h"

/// The input is a tokenizer.json; one that opens must keep the laws.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto tokenizer = tamis::text::Tokenizer::from_json({reinterpret_cast<const char*>(data), size});
  if (!tokenizer) return 0;
  tamis::text::Tokenizer::Scratch scratch;
  for (const std::string_view text :
       {"", "the  Running dog's", "Ａé\xCC\x81漢字 \xFF\xF0\x9F\x98\x80 ▁a  b\r\n", "[MASK] <s>"}) {
    const std::string law = broken_law(*tokenizer, text, scratch);
    if (law.empty()) continue;
    std::fprintf(stderr, "%s\n", law.c_str());
    std::abort();
  }
  return 0;
}
