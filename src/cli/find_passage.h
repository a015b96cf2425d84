#pragma once

#include <tamis/base/result.h>
#include <tamis/engine/engine.h>

#include <string>

namespace tamis::cli {

/// A passage by the name that hits are printed with: "p1042" or "1042", "path:line" or "path", or a document's id.
/// @par Errors  kNotFound: neither a path nor a document of the index. A number is not looked up.
[[nodiscard]] Result<PassageId> find_passage(const Engine& engine, const Snapshot& snapshot, const std::string& name);

}  // namespace tamis::cli
