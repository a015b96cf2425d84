#pragma once

#include <tamis/models/store.h>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace tamis::cli {

/// A variable of the environment, "" when it is not set.
using Environment = std::function<std::string(const char*)>;

/// Where models are kept: $TAMIS_MODELS, else tamis/models in the user's cache ($XDG_CACHE_HOME, ~/.cache).
[[nodiscard]] std::filesystem::path models_folder(const Environment& variable);
/// Where models come from: the Hugging Face hub as its own tools are told (HF_ENDPOINT, HF_TOKEN, HF_HUB_CACHE,
/// HF_HOME), Python packages as pip is (PIP_INDEX_URL, PIP_CERT, its configuration files).
[[nodiscard]] models::StoreSources model_sources(const Environment& variable);
/// The value of a key in [global] or [download] of a configuration file of pip; the later section wins, "" when there
/// is none.
[[nodiscard]] std::string pip_setting(std::string_view file, std::string_view key);

}  // namespace tamis::cli
