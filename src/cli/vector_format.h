#pragma once

#include <fmt/format.h>
#include <tamis/sparse/vector_files.h>

#include <string>
#include <string_view>
#include <vector>

namespace tamis::cli {

/// The names that --vectors-format takes.
[[nodiscard]] inline std::vector<std::string> vector_format_names() { return {"auto", "jsonl", "csr", "ciff"}; }

[[nodiscard]] inline Result<sparse::VectorFormat> vector_format_from(std::string_view name) {
  if (name == "auto") return sparse::VectorFormat::kAuto;
  if (name == "jsonl") return sparse::VectorFormat::kJsonLines;
  if (name == "csr") return sparse::VectorFormat::kCsr;
  if (name == "ciff") return sparse::VectorFormat::kCiff;
  return Error{Code::kInvalidArgument, fmt::format("'{}' is no vector format (auto, jsonl, csr, ciff)", name)};
}

}  // namespace tamis::cli
