#pragma once

#include <tamis/models/store.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace tamis::models {

/// "owner/name", or "name" for the hub's oldest models; kInvalidArgument for what cannot be one.
[[nodiscard]] Status check_repository(std::string_view repository);
/// The snapshot of a repository in a cache of the Hugging Face hub: models--owner--name/refs/main names the commit,
/// whose files lie in snapshots/. kNotFound when it is not there.
[[nodiscard]] Result<std::filesystem::path> find_in_hub_cache(const std::filesystem::path& cache,
                                                              std::string_view repository);
/// Downloads the model files of a repository's main branch, of one commit: the listing names it.
[[nodiscard]] Status fetch_from_hub(std::string_view repository, const std::filesystem::path& target,
                                    const std::filesystem::path& partial_folder, const StoreSources& sources,
                                    ProgressSink& progress, const CancelToken& cancel);

}  // namespace tamis::models
