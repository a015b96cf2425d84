#pragma once

#include <tamis/base/result.h>
#include <tamis/engine/engine.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "command.h"
#include "terminal.h"

namespace tamis::cli {

/// The option that every command with an index has.
void add_index_option(Command& command, std::string& target);

/// The folder that --index or TAMIS_INDEX name, else `.tamis` of the current folder or of one above it.
[[nodiscard]] Result<std::filesystem::path> index_to_read(const std::string& option, const Terminal& terminal);
/// For `tamis index`: without --index and TAMIS_INDEX it is `.tamis` of the current folder.
[[nodiscard]] std::filesystem::path index_to_write(const std::string& option, const Terminal& terminal);
/// Finds and opens.
[[nodiscard]] Result<Engine> open_engine(const std::string& option, const Terminal& terminal);

/// How a path is shown: relative when it lies in the current folder; no control characters.
[[nodiscard]] std::string shown_path(std::string_view path);

}  // namespace tamis::cli
