#include <tamis/text/tokenizer.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/scratch_folder.h"
#include "tokenizer_laws.h"
#include "tokenizer_worlds.h"

/// The first byte chooses the files; a vocab.txt ends at the first zero, what follows is a tokenizer_config.json.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tamis::text;  // NOLINT(*-using-*)
  static const tamis::testing::ScratchFolder folder;
  if (size == 0) return 0;
  const auto write = [](const std::string& name, std::string_view content) {
    std::filesystem::remove(folder / name);
    if (!content.empty()) std::ofstream(folder / name, std::ios::binary) << content;
  };
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool json = data[0] % 3 == 2;
  const auto lines = json ? std::string_view() : bytes.substr(0, bytes.find('\0'));
  const std::string special = data[0] % 3 == 1 ? "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\nrun\n##s\n" : "";
  write("tokenizer.json", json ? bert_json({"run", "##ning", "a", "##b"}) : "");
  write("vocab.txt", special + std::string(lines));
  write("tokenizer_config.json", bytes.substr(json ? 0 : std::min(bytes.size(), lines.size() + 1)));
  const auto tokenizer = Tokenizer::open(folder.path());
  if (!tokenizer && size == 1 && data[0] % 3 != 0) std::abort();  // the sound files alone
  if (!tokenizer) return 0;
  Tokenizer::Scratch scratch;
  for (const std::string_view text : {"", "the  Running dogs", "é漢字 \xFF\xF0\x9F\x98\x80", "[MASK] [UNK] run"}) {
    const std::string law = broken_law(*tokenizer, text, scratch);
    if (law.empty()) continue;
    std::fprintf(stderr, "%s\n", law.c_str());
    std::abort();
  }
  return 0;
}
