#include "zip_archive.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <utility>

namespace tamis::docs {
namespace {

struct CloseMember {
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};

Error zip_error(std::string_view what, int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const bool locked = code == ZIP_ER_NOPASSWD || code == ZIP_ER_WRONGPASSWD || code == ZIP_ER_ENCRNOTSUPP;
  const bool foreign = code == ZIP_ER_COMPNOTSUPP;
  Error result{locked || foreign ? Code::kUnsupported : Code::kCorrupt,
               fmt::format("{}: {}", what, locked ? "encrypted" : zip_error_strerror(&error))};
  zip_error_fini(&error);
  return result;
}

}  // namespace

struct ZipArchive::Impl {
  std::string bytes;  ///< what the archive points into
  zip_t* archive = nullptr;
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (archive != nullptr) zip_discard(archive);
  }
};

ZipArchive::ZipArchive(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ZipArchive::ZipArchive(ZipArchive&&) noexcept = default;
ZipArchive& ZipArchive::operator=(ZipArchive&&) noexcept = default;
ZipArchive::~ZipArchive() = default;

Result<ZipArchive> ZipArchive::open(std::string bytes) {
  auto impl = std::make_unique<Impl>();
  impl->bytes = std::move(bytes);
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(impl->bytes.data(), impl->bytes.size(), 0, &error);
  if (source != nullptr) {
    impl->archive = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (impl->archive == nullptr) zip_source_free(source);
  }
  const int code = zip_error_code_zip(&error);
  zip_error_fini(&error);
  if (impl->archive == nullptr) return zip_error("zip file", code);
  return ZipArchive(std::move(impl));
}

bool ZipArchive::has(std::string_view name) const {
  return zip_name_locate(impl_->archive, std::string(name).c_str(), ZIP_FL_ENC_RAW) >= 0;
}

Result<std::string> ZipArchive::read(std::string_view name, std::uint64_t limit_bytes) const {
  const std::string key(name);
  const zip_int64_t place = zip_name_locate(impl_->archive, key.c_str(), ZIP_FL_ENC_RAW);
  if (place < 0) return Error{Code::kNotFound, fmt::format("{}: not in the archive", name)};
  const std::unique_ptr<zip_file_t, CloseMember> member(
      zip_fopen_index(impl_->archive, static_cast<zip_uint64_t>(place), 0));
  if (!member) return zip_error(name, zip_error_code_zip(zip_get_error(impl_->archive)));
  std::string content;
  constexpr std::size_t kStep = std::size_t{64} << 10U;
  while (true) {
    const std::size_t held = content.size();
    content.resize(held + kStep);
    const zip_int64_t got = zip_fread(member.get(), content.data() + held, kStep);
    if (got < 0) return zip_error(name, zip_error_code_zip(zip_file_get_error(member.get())));
    content.resize(held + static_cast<std::size_t>(got));
    if (got == 0) return content;
    if (content.size() > limit_bytes) {
      return Error{Code::kExhausted,
                   fmt::format("{}: longer than {} bytes (limit file_bytes, after decompression)", name, limit_bytes)};
    }
  }
}

}  // namespace tamis::docs
