#pragma once

#include <tamis/encode/idf_encoder.h>
#include <tamis/encode/splade_encoder.h>
#include <tamis/models/encoder.h>
#include <tamis/sparse/encoder.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace tamis::cli {

/// The folder of a model, given its path or its name.
[[nodiscard]] Result<std::filesystem::path> encoder_folder(const std::string& name_or_path);

/// Token weights of queries: the model's own, or those of a collection.
/// @param vectors  a file with the vectors of passages, whose document frequencies count; "" = the model's own table
[[nodiscard]] Result<std::unique_ptr<encode::IdfEncoder>> open_idf_encoder(const std::filesystem::path& folder,
                                                                           const std::string& vectors);

}  // namespace tamis::cli
