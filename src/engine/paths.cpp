#include "paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace tamis::engine {
namespace {

constexpr std::string_view kTextEnding = ".text";
constexpr std::string_view kPartMark = ".part.";
constexpr std::string_view kBlocksEnding = ".blocks";
constexpr char kBetweenFields = '+';  // stands in no field's name

}  // namespace

std::string field_file_name(store::SegmentId segment, std::string_view field) {
  return fmt::format("{:06}.{}{}", segment, field, kFieldEnding);
}
std::string blocks_file_name(store::SegmentId segment, const std::vector<std::string>& fields) {
  return fmt::format("{:06}.{}{}", segment, fmt::join(fields, std::string_view(&kBetweenFields, 1)), kBlocksEnding);
}
std::string text_file_name(store::SegmentId segment) { return fmt::format("{:06}{}", segment, kTextEnding); }
std::string vocabulary_file_name(store::SegmentId segment) { return fmt::format("{:06}.vocab", segment); }
std::string merged_vocabulary_file_name(std::uint64_t generation) { return fmt::format("g{:06}.vocab", generation); }

Result<std::string> field_file_of(const store::SegmentRow& segment) {
  for (const auto& name : segment.files) {
    if (std::string_view(name).ends_with(kFieldEnding)) return name;
  }
  return Error{Code::kCorrupt, fmt::format("segment {}: the catalogue names no field file", segment.id)};
}

std::string part_file_name(store::SegmentId segment, std::string_view field, std::size_t number) {
  return fmt::format("{:06}.{}{}{:06}", segment, field, kPartMark, number);
}

std::string field_of_part(std::string_view file_name) {
  const auto begin = file_name.find('.');
  const auto end = file_name.rfind(kPartMark);
  if (begin == std::string_view::npos || end == std::string_view::npos || end <= begin) return "";
  return std::string(file_name.substr(begin + 1, end - begin - 1));
}

bool has_field(const store::SegmentRow& segment, std::string_view field) {
  const auto name = field_file_name(segment.id, field);
  return std::find(segment.files.begin(), segment.files.end(), name) != segment.files.end();
}

std::string blocks_file_of(const store::SegmentRow& segment) {
  for (const auto& name : segment.files) {
    if (std::string_view(name).ends_with(kBlocksEnding)) return name;
  }
  return "";
}

std::vector<std::string> fields_of_blocks(std::string_view file_name) {
  const auto begin = file_name.find('.') + 1;
  auto rest = file_name.substr(begin, file_name.size() - kBlocksEnding.size() - begin);
  std::vector<std::string> fields;
  for (auto end = rest.find(kBetweenFields); end != std::string_view::npos; end = rest.find(kBetweenFields)) {
    fields.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  fields.emplace_back(rest);
  return fields;
}

std::string text_file_of(const store::SegmentRow& segment) {
  for (const auto& name : segment.files) {
    if (std::string_view(name).ends_with(kTextEnding)) return name;
  }
  return "";
}

Result<std::filesystem::path> canonical_path(const std::filesystem::path& path) {
  std::error_code error;
  auto whole = std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
  if (error) return Error{Code::kIo, fmt::format("{}: {}", path.string(), error.message())};
  if (!whole.has_filename() && whole.has_parent_path() && whole != whole.root_path()) whole = whole.parent_path();
  return whole;
}

std::string path_below(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.size() > 1 ? std::string(path.substr(1)) : "";
  if (path.size() <= folder.size() + 1 || !path.starts_with(folder) || path[folder.size()] != '/') return "";
  return std::string(path.substr(folder.size() + 1));
}

std::uint64_t file_bytes(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

}  // namespace tamis::engine
