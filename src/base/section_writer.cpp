#include <tamis/base/buffer.h>
#include <tamis/base/check.h>
#include <tamis/base/section_file.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "section_format.h"
#include "temporary_file.h"

namespace tamis {

using detail::TableEntry;

struct SectionWriter::Impl {
  static constexpr std::size_t kBufferBytes = 1 << 20;

  Impl(detail::TemporaryFile temporary, FileKind kind, std::uint32_t version) : file(std::move(temporary)) {
    header.kind = kind;
    header.content_version = version;
    header.checksum = detail::header_checksum(header);
  }

  detail::TemporaryFile file;
  detail::FileHeader header;
  std::vector<TableEntry> table;
  detail::Checksum checksum;  ///< of the open section
  std::uint64_t offset = 0;   ///< bytes handed to write() since the start of the file
  AlignedBuffer<std::byte> buffer{kBufferBytes};
  std::size_t buffered = 0;
  bool section_open = false;
  /// Set by a failed write and by finish(); repeated by every call after it, so that a caller that looks only at
  /// finish() still hears of the first failure.
  Status state = ok();

  Status fail(Error error) {
    file.discard();
    state = error;
    return error;
  }
  Status flush() {
    if (auto written = file.write(buffer.span().first(std::exchange(buffered, 0))); !written) {
      return fail(std::move(written).error());
    }
    return ok();
  }
  Status write(std::span<const std::byte> bytes) {
    offset += bytes.size();
    while (!bytes.empty()) {
      if (buffered == 0 && bytes.size() >= buffer.size()) {  // large pieces go past the buffer
        if (auto written = file.write(bytes); !written) return fail(std::move(written).error());
        return ok();
      }
      const std::size_t part = std::min(bytes.size(), buffer.size() - buffered);
      std::memcpy(buffer.data() + buffered, bytes.data(), part);
      buffered += part;
      bytes = bytes.subspan(part);
      if (buffered == buffer.size()) TAMIS_TRY_OK(flush());
    }
    return ok();
  }
  /// Ends the open section and writes zeros up to the next multiple of 64.
  Status end_section() {
    if (section_open) table.back().checksum = checksum.value();
    section_open = false;
    static constexpr std::array<std::byte, detail::kSectionAlignment> kZeros = {};
    return write(std::span(kZeros).first(static_cast<std::size_t>(detail::align_section(offset) - offset)));
  }
};

Result<SectionWriter> SectionWriter::create(const std::filesystem::path& path, FileKind kind, std::uint32_t version) {
  TAMIS_TRY(auto file, detail::TemporaryFile::create(path));
  auto impl = std::make_unique<Impl>(std::move(file), kind, version);
  TAMIS_TRY_OK(impl->write(std::as_bytes(std::span(&impl->header, 1))));
  return SectionWriter(std::move(impl));
}

SectionWriter::SectionWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SectionWriter::SectionWriter(SectionWriter&&) noexcept = default;
SectionWriter& SectionWriter::operator=(SectionWriter&&) noexcept = default;
SectionWriter::~SectionWriter() = default;

Status SectionWriter::begin(std::string_view name) {
  TAMIS_TRY_OK(impl_->state);
  const bool fits = !name.empty() && name.size() <= detail::kMaxNameChars && name.find('\0') == std::string_view::npos;
  if (!fits)
    return Error{Code::kInvalidArgument, "section name '" + std::string(name) + "': 1 to 31 characters wanted"};
  TableEntry entry;
  std::copy(name.begin(), name.end(), entry.name.begin());
  for (const auto& other : impl_->table) {
    if (other.name == entry.name) {
      return Error{Code::kInvalidArgument, "section name '" + std::string(name) + "': taken already"};
    }
  }
  if (impl_->table.size() == detail::kMaxSections) {
    return Error{Code::kExhausted,
                 "a section file holds " + std::to_string(detail::kMaxSections) + " sections at most"};
  }
  TAMIS_TRY_OK(impl_->end_section());
  entry.offset = impl_->offset;
  impl_->table.push_back(entry);
  impl_->section_open = true;
  impl_->checksum = detail::Checksum();
  impl_->checksum.add(std::as_bytes(std::span(entry.name)));
  return ok();
}

Status SectionWriter::append(std::span<const std::byte> bytes) {
  TAMIS_TRY_OK(impl_->state);
  TAMIS_CHECK(impl_->section_open, "append() needs begin() before it");
  impl_->table.back().size += bytes.size();
  impl_->checksum.add(bytes);
  return impl_->write(bytes);
}

std::uint64_t SectionWriter::section_bytes() const noexcept {
  return impl_->section_open ? impl_->table.back().size : 0;
}

Status SectionWriter::finish() {
  Impl& impl = *impl_;
  TAMIS_TRY_OK(impl.state);
  TAMIS_TRY_OK(impl.end_section());
  const auto table = std::as_bytes(std::span(impl.table));
  detail::FileFooter footer;
  footer.table_offset = impl.offset;
  footer.num_sections = impl.table.size();
  footer.table_checksum = detail::checksum_of(table);
  footer.file_bytes = impl.offset + table.size() + sizeof footer;
  footer.header_checksum = impl.header.checksum;
  footer.checksum = detail::footer_checksum(footer);
  TAMIS_TRY_OK(impl.write(table));
  TAMIS_TRY_OK(impl.write(std::as_bytes(std::span(&footer, 1))));
  TAMIS_TRY_OK(impl.flush());
  if (auto committed = impl.file.commit(); !committed) return impl.fail(std::move(committed).error());
  impl.state = Error{Code::kInvalidArgument, impl.file.target().string() + ": finished already"};
  return ok();
}

}  // namespace tamis
