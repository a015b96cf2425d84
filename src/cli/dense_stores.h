#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::cli {

/// Where an index keeps a model's vectors for rerank:dense.
[[nodiscard]] inline std::filesystem::path dense_file(const std::filesystem::path& index, std::string_view model) {
  return index / "dense" / (std::string(model) + ".dense");
}

/// The models that an index has dense vectors of, by name.
[[nodiscard]] std::vector<std::string> dense_models(const std::filesystem::path& index);

/// A model's vectors in an index, for reports.
struct DenseStoreInfo {
  std::string model;
  std::uint64_t vectors = 0, bytes = 0;
  std::string damage;  ///< "" = none was seen
};
/// @param whole  checks every vector, not only the directories
[[nodiscard]] std::vector<DenseStoreInfo> dense_store_infos(const std::filesystem::path& index, bool whole);

}  // namespace tamis::cli
