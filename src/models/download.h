#pragma once

#include <tamis/models/store.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace tamis::models {

/// A file to be had by HTTP.
struct Download {
  std::string url;
  std::string token;            ///< for the first host
  std::string what;             ///< how it is called in progress and errors
  std::string etag;             ///< of this version as far as it is known; "" = not known
  std::uint64_t num_bytes = 0;  ///< 0 = not known
  std::string sha256;           ///< "" = not known
  std::string git_id;           ///< "" = not known
  std::uint64_t max_bytes = 0;
};

/// Downloads to `target`, beginning again where a transfer broke off: within this call, and in a later one, for which
/// the bytes are kept in `partial_folder` under a name made of address and version. The size and the checksums are
/// checked before the file appears under its name; what fails them is thrown away.
[[nodiscard]] Status download(const Download& wanted, const std::filesystem::path& target,
                              const std::filesystem::path& partial_folder, const StoreSources& sources,
                              ProgressSink& progress, const CancelToken& cancel);

}  // namespace tamis::models
