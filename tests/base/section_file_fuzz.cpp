// Any bytes as a section file: open() and verify() answer, and whatever they accept can be read.

#include <fcntl.h>
#include <sys/mman.h>
#include <tamis/base/section_file.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>

#include "section_format.h"

namespace {

using tamis::detail::FileFooter;
using tamis::detail::FileHeader;

/// Makes checksums and sizes right, so that the fuzzer reaches what lies behind them.
void repair(std::string& image) {
  if (image.size() < sizeof(FileHeader) + sizeof(FileFooter)) return;
  FileHeader header;
  FileFooter footer;
  std::memcpy(&header, image.data(), sizeof header);
  header.magic = tamis::detail::kSectionMagic;
  header.container_version = tamis::detail::kContainerVersion;
  header.kind = {'F', 'U', 'Z', 'Z'};
  header.content_version = 1;
  header.checksum = tamis::detail::header_checksum(header);
  std::memcpy(image.data(), &header, sizeof header);
  char* const footer_at = image.data() + image.size() - sizeof footer;
  std::memcpy(&footer, footer_at, sizeof footer);
  footer.file_bytes = image.size();
  footer.header_checksum = header.checksum;
  footer.reserved = {};
  footer.magic_complement = ~tamis::detail::kSectionMagic;
  const auto table_bytes = footer.num_sections * sizeof(tamis::detail::TableEntry);
  if (footer.table_offset <= image.size() && table_bytes <= image.size() - footer.table_offset) {
    const auto table = std::as_bytes(std::span(image)).subspan(footer.table_offset, table_bytes);
    footer.table_checksum = tamis::detail::checksum_of(table);
  }
  footer.checksum = tamis::detail::footer_checksum(footer);
  std::memcpy(footer_at, &footer, sizeof footer);
}

void read_everything(const std::string& path) {
  const auto file = tamis::SectionFile::open(path, {'F', 'U', 'Z', 'Z'}, 1, 1);
  if (!file) return;
  const bool sound = file->verify().has_value();
  std::uint64_t sum = 0;
  std::uint64_t covered = 0;
  for (const auto& section : file->sections()) {
    const auto bytes = file->bytes(section.name);
    if (!bytes || bytes->size() != section.size || section.offset % 64 != 0) std::abort();
    for (const std::byte byte : *bytes) sum += std::to_integer<std::uint64_t>(byte);
    covered += section.size;
    static_cast<void>(file->array<std::uint32_t>(section.name).has_value());
  }
  if (covered > file->size_bytes() || (sound && sum > covered * 255)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int descriptor = ::memfd_create("section_file_fuzz", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  if (size == 0) return 0;
  std::string image(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 1) repair(image);
  if (::ftruncate(descriptor, 0) != 0) std::abort();
  if (::pwrite(descriptor, image.data(), image.size(), 0) != static_cast<ssize_t>(image.size())) std::abort();
  read_everything(path);
  return 0;
}
