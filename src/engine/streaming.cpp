#include "streaming.h"

#include <tamis/docs/reader.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace tamis::engine {
namespace {

constexpr std::uint64_t kStreamBytes = 1 << 20;
/// What is compressed may be a thousand times as long.
constexpr std::uint64_t kStreamCompressedBytes = 16 << 10;
constexpr std::array<std::string_view, 2> kManyDocumentReaders = {"jsonl", "csv"};

/// The file's ending in lower case without the dot, compression taken off; and whether there was some.
std::pair<std::string, bool> ending_of(std::string_view path) {
  std::string name(path.substr(path.find_last_of('/') + 1));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  bool compressed = false;
  for (const std::string_view ending : {".gz", ".zst"}) {
    if (compressed || !name.ends_with(ending)) continue;
    compressed = true;
    name.resize(name.size() - ending.size());
  }
  const auto dot = name.find_last_of('.');
  return {dot == std::string::npos ? "" : name.substr(dot + 1), compressed};
}

}  // namespace

bool may_hold_many(std::string_view path, std::string_view forced_reader) {
  const auto ending = ending_of(path).first;
  std::string_view reader = forced_reader;
  for (const auto* known : docs::readers()) {
    const auto endings = known->extensions();
    if (reader.empty() && std::find(endings.begin(), endings.end(), ending) != endings.end()) reader = known->name();
  }
  const auto& many = kManyDocumentReaders;
  return reader.empty() || std::find(many.begin(), many.end(), reader) != many.end();
}

bool is_streamed(std::string_view path, std::uint64_t size_bytes, std::string_view forced_reader) {
  const auto limit = ending_of(path).second ? kStreamCompressedBytes : kStreamBytes;
  return size_bytes > limit && may_hold_many(path, forced_reader);
}

}  // namespace tamis::engine
