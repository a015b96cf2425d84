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
using tamis::detail::TableEntry;

template <class T>
T load(const std::string& image, std::size_t offset) {
  T value;
  std::memcpy(&value, image.data() + offset, sizeof value);
  return value;
}
template <class T>
void store(std::string& image, std::size_t offset, const T& value) {
  std::memcpy(image.data() + offset, &value, sizeof value);
}

/// Puts the sections where the format wants them, each with a size that fits and the right checksum.
void repair_table(std::string& image, std::size_t table_at, std::size_t num_sections) {
  std::uint64_t offset = sizeof(FileHeader);
  for (std::size_t i = 0; i < num_sections; ++i) {
    const std::size_t at = table_at + i * sizeof(TableEntry);
    auto entry = load<TableEntry>(image, at);
    entry.offset = offset;
    const std::uint64_t room = table_at - offset;
    entry.size = i + 1 == num_sections ? room : entry.size % (room + 1);
    tamis::detail::Checksum sum;
    sum.add(std::as_bytes(std::span(entry.name)));
    sum.add(std::as_bytes(std::span(image)).subspan(offset, entry.size));
    entry.checksum = sum.value();
    entry.reserved = 0;
    offset = tamis::detail::align_section(offset + entry.size);
    store(image, at, entry);
  }
}

/// Makes magic, sizes and checksums right, so that the fuzzer reaches what lies behind them.
void repair(std::string& image, bool table_too) {
  image.resize(image.size() / 64 * 64);
  if (image.size() < sizeof(FileHeader) + sizeof(FileFooter)) return;
  auto header = load<FileHeader>(image, 0);
  header.magic = tamis::detail::kSectionMagic;
  header.container_version = tamis::detail::kContainerVersion;
  header.kind = {'F', 'U', 'Z', 'Z'};
  header.content_version = 1;
  header.checksum = tamis::detail::header_checksum(header);
  store(image, 0, header);
  const std::size_t footer_at = image.size() - sizeof(FileFooter);
  auto footer = load<FileFooter>(image, footer_at);
  footer.num_sections %= (footer_at - sizeof(FileHeader)) / sizeof(TableEntry) + 1;
  footer.table_offset = footer_at - footer.num_sections * sizeof(TableEntry);
  if (table_too) repair_table(image, footer.table_offset, footer.num_sections);
  const auto table = std::as_bytes(std::span(image)).subspan(footer.table_offset, footer_at - footer.table_offset);
  footer.table_checksum = tamis::detail::checksum_of(table);
  footer.file_bytes = image.size();
  footer.header_checksum = header.checksum;
  footer.reserved = {};
  footer.magic_complement = ~tamis::detail::kSectionMagic;
  footer.checksum = tamis::detail::footer_checksum(footer);
  store(image, footer_at, footer);
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
  if (data[0] % 2 == 1) repair(image, data[0] / 2 % 2 == 1);
  if (::ftruncate(descriptor, 0) != 0) std::abort();
  if (::pwrite(descriptor, image.data(), image.size(), 0) != static_cast<ssize_t>(image.size())) std::abort();
  read_everything(path);
  return 0;
}
