#pragma once

#include <tamis/base/result.h>
#include <tamis/engine/engine.h>

#include <string>
#include <vector>

namespace tamis::cli {

/// The models that a run makes vectors with, and a remark if it is to go without one that would be expected.
struct IndexEncoders {
  std::vector<EncoderChoice> choices;
  std::string remark;
};

/// A new index gets the default model if it is installed, or what is wanted; an index that is there its own models, and
/// what is wanted besides.
/// @param wanted   a model's name or folder, "bm25" for none, "" = nothing was said
/// @param rebuild  everything is made anew: with the index's models if nothing was said
/// @par Errors     kInvalidArgument: "bm25" for an index with vectors; kNotFound: what is wanted is not installed; what
///                 opening a model gives
[[nodiscard]] Result<IndexEncoders> encoders_to_index(const Engine& engine, const std::string& wanted, bool rebuild);

}  // namespace tamis::cli
