#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/scratch_folder.h"

namespace tamis::models {

/// A scratch folder that files are written into.
class Folder {
 public:
  [[nodiscard]] const std::filesystem::path& path() const { return scratch_.path(); }
  std::filesystem::path write(std::string_view name, std::string_view content) const {
    const auto file = path() / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }

 private:
  testing::ScratchFolder scratch_;
};

/// The bytes of a safetensors file: length of the header, header, data.
inline std::string safetensors_image(std::string_view header, std::string_view data) {
  const std::uint64_t size = header.size();
  std::string out(sizeof size, '\0');
  std::memcpy(out.data(), &size, sizeof size);
  return out.append(header).append(data);
}

inline std::string bytes_of(const std::vector<float>& values) {
  std::string out(values.size() * sizeof(float), '\0');
  if (!out.empty()) std::memcpy(out.data(), values.data(), out.size());
  return out;
}

inline std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// A copy of one of the fixtures, to be damaged.
inline void copy_fixture(std::string_view name, const std::filesystem::path& target) {
  std::filesystem::copy(std::filesystem::path(TAMIS_FIXTURES) / name, target,
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
}

}  // namespace tamis::models
