#include <tamis/docs/reader.h>

#include <iterator>

#include "docs/fuzzing.h"
#include "readers.h"

/// A first byte that chooses the language, then its text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tamis::docs;
  constexpr const char* kNames[] = {"a.c",    "a.py", "a.rs",  "a.go", "a.js", "a.sh",
                                    "a.lisp", "a.hs", "a.sql", "a.rb", "a"};
  if (size == 0) return 0;
  FuzzStream stream(data + 1, size - 1);
  const auto status =
      source_reader().read(kNames[data[0] % std::size(kNames)], stream, {}, [](ExtractedDocument&& document) {
        if (const auto sound = check_document(document); !sound) broken_law("sound documents", sound.error().message);
        check_passages(document, {});
        return tamis::ok();
      });
  static_cast<void>(status);
  return 0;
}
