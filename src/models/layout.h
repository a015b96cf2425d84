#pragma once

#include <tamis/models/folder.h>

#include <filesystem>
#include <string>
#include <vector>

namespace tamis::models {

/// Limit of every small JSON file of a model's folder.
inline constexpr std::uint64_t kMaxSmallJson = 4ULL << 20;

[[nodiscard]] bool is_file(const std::filesystem::path& path);

/// One module of a sentence-transformers pipeline.
struct Module {
  std::string type;  ///< the class' own name: "Transformer", "SpladePooling" …
  std::filesystem::path folder;
};
/// What modules.json and the router's configuration, if there is one, amount to.
struct Pipeline {
  std::vector<Module> document;  ///< the only route when there is no router
  std::vector<Module> query;     ///< empty without a router
};
[[nodiscard]] Result<Pipeline> read_pipeline(const std::filesystem::path& folder);

}  // namespace tamis::models
