// Text files with right checksums and any content: opening and reading them may fail, but no more.
#include <tamis/base/section_file.h>
#include <tamis/store/text_file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "text_format.h"

using namespace tamis;
using namespace tamis::store;

namespace {

const std::filesystem::path& scratch() {
  static const std::filesystem::path path = [] {
    const std::string folder = ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    return std::filesystem::path(folder + "/tamis-text-fuzz-" + std::to_string(::getpid()));
  }();
  return path;
}

/// The input as: bytes of a meta record, how many offsets and hashes, those, and the rest as blocks.
bool forge(std::span<const std::byte> input) {
  if (input.size() < sizeof(TextMeta) + 2) return false;
  TextMeta meta;
  std::memcpy(&meta, input.data(), sizeof meta);
  if (static_cast<int>(input[sizeof meta]) % 2 == 0) meta.block_bytes = kTextBlockBytes;
  const auto numbers = static_cast<std::size_t>(input[sizeof meta + 1]) % 8;
  input = input.subspan(sizeof meta + 2);
  std::vector<std::uint64_t> offsets(numbers + 1);
  std::vector<std::uint64_t> hashes(numbers);
  for (std::size_t i = 0; i < numbers; ++i) {
    if (input.size() < 2) return false;
    offsets[i + 1] = offsets[i] + static_cast<std::uint64_t>(input[0]);
    hashes[i] = static_cast<std::uint64_t>(input[1]);
    input = input.subspan(2);
  }
  auto writer = SectionWriter::create(scratch(), kTextFileKind, kTextFileVersion);
  return writer && writer->add<std::byte>(kBlocksSection, input) &&
         writer->add<std::uint64_t>(kOffsetsSection, offsets) && writer->add<std::uint64_t>(kHashesSection, hashes) &&
         writer->add<TextMeta>(kMetaSection, std::span(&meta, 1)) && writer->finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (!forge(std::as_bytes(std::span(data, size)))) return 0;
  const auto file = TextFile::open(scratch());
  if (!file) return 0;
  const auto bytes = std::min<std::uint64_t>(file->num_bytes(), 1 << 20);
  const auto text = file->read(0, bytes);
  if (text && text->size() != bytes) std::abort();
  if (file->verify() && !text) std::abort();
  return 0;
}
