#include <tamis/base/section_file.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "section_format.h"

namespace tamis {

using detail::FileFooter;
using detail::FileHeader;
using detail::TableEntry;

namespace {

std::string_view view_of(const detail::SectionName& name) { return {name.data(), ::strnlen(name.data(), name.size())}; }

/// 1–31 characters, then zeros only.
bool well_formed(const detail::SectionName& name) {
  const auto length = view_of(name).size();
  return length > 0 && length < name.size() &&
         std::all_of(name.begin() + static_cast<std::ptrdiff_t>(length), name.end(), [](char c) { return c == 0; });
}

std::string text_of(FileKind kind) {
  std::string text;
  for (const char c : kind) text += c > ' ' && c <= '~' ? c : '?';
  return text;
}

template <class T>
T load(std::span<const std::byte> image, std::uint64_t offset) {
  T value;
  std::memcpy(&value, image.data() + offset, sizeof value);
  return value;
}

Error corrupt(std::string why) { return Error{Code::kCorrupt, std::move(why)}; }

Status check_header(const FileHeader& header, FileKind kind, std::uint32_t oldest, std::uint32_t newest) {
  if (header.magic == detail::kSectionMagicSwapped) {
    return Error{Code::kUnsupported, "written on a machine of other byte order"};
  }
  if (header.magic != detail::kSectionMagic) return corrupt("not a section file: it does not start with TAMS");
  // The container version comes before the checksum: a later version may have another header.
  if (header.container_version != detail::kContainerVersion) {
    return Error{Code::kUnsupported, "container version " + std::to_string(header.container_version) +
                                         ": this build reads " + std::to_string(detail::kContainerVersion)};
  }
  if (header.checksum != detail::header_checksum(header)) return corrupt("damaged header: checksum differs");
  if (header.kind != kind) {
    return corrupt("holds '" + text_of(header.kind) + "', wanted '" + text_of(kind) + "'");
  }
  if (header.content_version < oldest || header.content_version > newest) {
    return Error{Code::kUnsupported, "format version " + std::to_string(header.content_version) +
                                         ": this build reads " + std::to_string(oldest) + " to " +
                                         std::to_string(newest)};
  }
  return ok();
}

Status check_footer(const FileFooter& footer, const FileHeader& header, std::uint64_t file_bytes) {
  if (footer.magic_complement != static_cast<std::uint32_t>(~detail::kSectionMagic)) {
    return corrupt("no footer at the end: cut short, or bytes were added");
  }
  const bool zeros = std::all_of(footer.reserved.begin(), footer.reserved.end(), [](auto word) { return word == 0; });
  if (footer.checksum != detail::footer_checksum(footer) || !zeros) return corrupt("damaged footer: checksum differs");
  if (footer.file_bytes != file_bytes) {
    return corrupt("file has " + std::to_string(file_bytes) + " bytes, its footer says " +
                   std::to_string(footer.file_bytes));
  }
  if (footer.header_checksum != header.checksum) return corrupt("header and footer are of different files");
  // All sums stay far below 2^64: num_sections is bounded, table_offset by the file size.
  if (footer.num_sections > detail::kMaxSections || footer.table_offset > file_bytes ||
      footer.table_offset + footer.num_sections * sizeof(TableEntry) + sizeof(FileFooter) != file_bytes) {
    return corrupt("the table does not lie where the footer says");
  }
  return ok();
}

/// Every section must start where the one before, rounded up, ends: no gaps, no overlaps, no order but this.
Status check_table(std::span<const TableEntry> table, std::uint64_t table_offset) {
  std::uint64_t expected = sizeof(FileHeader);
  for (const auto& entry : table) {
    if (!well_formed(entry.name) || entry.reserved != 0) return corrupt("damaged table: not a section name");
    if (entry.offset != expected || entry.size > table_offset - expected) {
      return corrupt("section '" + std::string(view_of(entry.name)) + "' does not lie where it should");
    }
    expected = detail::align_section(entry.offset + entry.size);
    if (expected > table_offset) {
      return corrupt("section '" + std::string(view_of(entry.name)) + "' reaches into the table");
    }
  }
  if (expected != table_offset) return corrupt("unused bytes before the table");
  return ok();
}

}  // namespace

struct SectionFile::Impl {
  std::filesystem::path path;
  MappedFile file;
  FileHeader header;
  std::vector<TableEntry> table;
  std::vector<std::uint32_t> by_name;  ///< positions in the table, ordered by name

  [[nodiscard]] const TableEntry* find(std::string_view name) const {
    const auto less = [&](std::uint32_t i, std::string_view wanted) { return view_of(table[i].name) < wanted; };
    const auto at = std::lower_bound(by_name.begin(), by_name.end(), name, less);
    return at != by_name.end() && view_of(table[*at].name) == name ? &table[*at] : nullptr;
  }
  [[nodiscard]] std::span<const std::byte> range(std::uint64_t offset, std::uint64_t size) const {
    return file.bytes().subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
  }
  [[nodiscard]] Error damaged(const TableEntry& entry, std::string_view why) const {
    return corrupt(path.string() + ": section '" + std::string(view_of(entry.name)) + "': " + std::string(why));
  }
  [[nodiscard]] Status verify_section(const TableEntry& entry) const {
    detail::Checksum sum;
    sum.add(std::as_bytes(std::span(entry.name)));
    sum.add(range(entry.offset, entry.size));
    if (sum.value() != entry.checksum) return damaged(entry, "checksum differs");
    return ok();
  }
  [[nodiscard]] Status verify_padding(const TableEntry& entry) const {
    const auto end = entry.offset + entry.size;
    const auto padding = range(end, detail::align_section(end) - end);
    const bool zeros = std::all_of(padding.begin(), padding.end(), [](std::byte b) { return b == std::byte{0}; });
    if (!zeros) return damaged(entry, "the padding after it is not zero");
    return ok();
  }
  [[nodiscard]] Status read(FileKind kind, std::uint32_t oldest, std::uint32_t newest);
};

Status SectionFile::Impl::read(FileKind kind, std::uint32_t oldest, std::uint32_t newest) {
  const auto image = file.bytes();
  if (image.size() < sizeof(FileHeader))
    return corrupt("too short for a section file: " + std::to_string(image.size()) + " bytes");
  header = load<FileHeader>(image, 0);
  TAMIS_TRY_OK(check_header(header, kind, oldest, newest));
  if (image.size() < sizeof(FileHeader) + sizeof(FileFooter)) return corrupt("cut short: no footer");
  const auto footer = load<FileFooter>(image, image.size() - sizeof(FileFooter));
  TAMIS_TRY_OK(check_footer(footer, header, image.size()));
  table.resize(static_cast<std::size_t>(footer.num_sections));
  const auto stored = range(footer.table_offset, footer.num_sections * sizeof(TableEntry));
  if (detail::checksum_of(stored) != footer.table_checksum) return corrupt("damaged table: checksum differs");
  if (!table.empty()) std::memcpy(table.data(), stored.data(), stored.size());
  TAMIS_TRY_OK(check_table(table, footer.table_offset));
  by_name.resize(table.size());
  for (std::uint32_t i = 0; i < by_name.size(); ++i) by_name[i] = i;
  std::sort(by_name.begin(), by_name.end(),
            [&](auto a, auto b) { return view_of(table[a].name) < view_of(table[b].name); });
  for (std::size_t i = 1; i < by_name.size(); ++i) {
    if (table[by_name[i]].name == table[by_name[i - 1]].name) return corrupt("damaged table: a name occurs twice");
  }
  return ok();
}

Result<SectionFile> SectionFile::open(const std::filesystem::path& path, FileKind kind, std::uint32_t oldest,
                                      std::uint32_t newest) {
  auto impl = std::make_shared<Impl>();
  impl->path = path;
  TAMIS_TRY(impl->file, MappedFile::open(path));
  if (auto status = impl->read(kind, oldest, newest); !status) return within(path.string(), std::move(status).error());
  return SectionFile(std::move(impl));
}

SectionFile::SectionFile(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

std::uint32_t SectionFile::version() const noexcept { return impl_->header.content_version; }

bool SectionFile::has(std::string_view name) const noexcept { return impl_->find(name) != nullptr; }

Result<std::span<const std::byte>> SectionFile::bytes(std::string_view name) const {
  const auto* const entry = impl_->find(name);
  if (entry == nullptr) return corrupt(impl_->path.string() + ": section '" + std::string(name) + "' is missing");
  return impl_->range(entry->offset, entry->size);
}

Status SectionFile::verify() const {
  for (const auto& entry : impl_->table) {
    TAMIS_TRY_OK(impl_->verify_section(entry));
    TAMIS_TRY_OK(impl_->verify_padding(entry));
  }
  return ok();
}

Status SectionFile::verify(std::span<const std::string_view> names) const {
  for (const auto name : names) {
    const auto* const entry = impl_->find(name);
    if (entry == nullptr) return corrupt(impl_->path.string() + ": section '" + std::string(name) + "' is missing");
    TAMIS_TRY_OK(impl_->verify_section(*entry));
  }
  return ok();
}

const std::filesystem::path& SectionFile::path() const noexcept { return impl_->path; }

std::uint64_t SectionFile::size_bytes() const noexcept { return impl_->file.bytes().size(); }

std::vector<SectionFile::SectionInfo> SectionFile::sections() const {
  std::vector<SectionInfo> list;
  for (const auto& entry : impl_->table) list.push_back({std::string(view_of(entry.name)), entry.offset, entry.size});
  return list;
}

Error SectionFile::wrong_size(std::string_view name, std::size_t size, std::size_t item) const {
  return corrupt(impl_->path.string() + ": section '" + std::string(name) + "': " + std::to_string(size) +
                 " bytes, no multiple of " + std::to_string(item));
}

}  // namespace tamis
