#pragma once

#include <fmt/format.h>
#include <tamis/sparse/vector_files.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::cli {

struct VectorFormatName {
  std::string_view name;
  sparse::VectorFormat format;
};
inline constexpr std::array<VectorFormatName, 6> kVectorFormats = {{{"auto", sparse::VectorFormat::kAuto},
                                                                    {"jsonl", sparse::VectorFormat::kJsonLines},
                                                                    {"csr", sparse::VectorFormat::kCsr},
                                                                    {"ciff", sparse::VectorFormat::kCiff},
                                                                    {"seismic", sparse::VectorFormat::kSeismic},
                                                                    {"npz", sparse::VectorFormat::kNpz}}};

/// The names that --vectors-format takes.
[[nodiscard]] inline std::vector<std::string> vector_format_names() {
  std::vector<std::string> names;
  for (const auto& known : kVectorFormats) names.emplace_back(known.name);
  return names;
}

[[nodiscard]] inline Result<sparse::VectorFormat> vector_format_from(std::string_view name) {
  for (const auto& known : kVectorFormats) {
    if (known.name == name) return known.format;
  }
  return Error{Code::kInvalidArgument,
               fmt::format("'{}' is no vector format ({})", name, fmt::join(vector_format_names(), ", "))};
}

}  // namespace tamis::cli
