#include <tamis/text/tokenizer.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tokenizer_laws.h"
#include "tokenizer_worlds.h"

/// The first byte chooses the tokenizer, the rest is the text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tamis::text;
  static const Tokenizer tokenizers[] = {
      Tokenizer::from_json(bert_json({"run", "##ning", "a", "##b", "the", "北", ","})).value(),
      Tokenizer::from_json(byte_level_json()).value(),
      Tokenizer::from_json(unigram_json()).value(),
  };
  static Tokenizer::Scratch warm[3];
  if (size == 0) return 0;
  const std::size_t which = data[0] % 3;
  const std::string law =
      broken_law(tokenizers[which], {reinterpret_cast<const char*>(data) + 1, size - 1}, warm[which]);
  if (!law.empty()) {
    std::fprintf(stderr, "%s\n", law.c_str());
    std::abort();
  }
  return 0;
}
