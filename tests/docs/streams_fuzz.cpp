#include <memory>

#include "decompress.h"
#include "docs/fuzzing.h"
#include "encoding.h"

namespace {

using namespace tamis::docs;

/// Any bytes: undone when they are compressed, then decoded.
void fuzz_stream(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kLimit = 1U << 20U;
  auto stream = undo_compression(std::make_unique<FuzzStream>(data, size));
  if (!stream) return;
  auto bytes = read_all(**stream, kLimit);
  if (!bytes) return;
  if (bytes->size() > kLimit) broken_law("read_all() keeps its limit");
  static_cast<void>(looks_binary(*bytes, true));
  static_cast<void>(decode_text(*bytes));
}

/// A first byte that names the encoding, then text in it.
void fuzz_encoding(std::uint8_t choice, std::string_view bytes) {
  constexpr std::string_view kCharsets[] = {"",           "utf-8",        "utf-16le",     "UTF-16BE",  "iso-8859-1",
                                            "iso-8859-2", "windows-1252", "windows-1251", "shift_jis", "nonsense"};
  const auto decoded = decode_text(std::string(bytes), kCharsets[choice % std::size(kCharsets)]);
  if (!decoded) return;
  ExtractedDocument document;
  document.text = decoded->text;
  if (!document.text.empty())
    document.blocks.push_back({BlockKind::kParagraph, 0, 0, static_cast<std::uint32_t>(document.text.size())});
  document.origins = {{0, 1}};
  if (const auto status = check_document(document); !status)
    broken_law("decoded text is sound", status.error().message);
  if (decoded->encoding.empty()) broken_law("an encoding has a name");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  if (data[0] == 0) {
    fuzz_stream(data + 1, size - 1);
  } else {
    fuzz_encoding(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  }
  return 0;
}
