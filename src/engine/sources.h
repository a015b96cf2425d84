#pragma once

#include <tamis/base/result.h>
#include <tamis/engine/engine.h>
#include <tamis/store/catalogue.h>

#include <concepts>
#include <filesystem>
#include <string>
#include <vector>

namespace tamis::engine {

inline constexpr std::string_view kFolderSource = "folder";
inline constexpr std::string_view kFileSource = "file";
inline constexpr std::string_view kStdinSource = "stdin";
inline constexpr std::string_view kVectorSource = "vectors";

/// How the files of a source are read; kept with it, so that another way of reading means reading again.
struct SourceConfig {
  std::string reader;     ///< forced reader, "" = by ending and content
  std::string id, title;  ///< field names of JSON lines and CSV
  std::string text;       ///< the same, several separated by newlines
  std::string language;   ///< code, "" = guess
  [[nodiscard]] Status validate() const;
  bool operator==(const SourceConfig&) const = default;
};
template <class Config, class Visitor>
requires std::same_as<std::remove_const_t<Config>, SourceConfig>
void visit_fields(Config& config, Visitor&& field) {
  field("reader", config.reader, "forced reader");
  field("id", config.id, "field that holds the id");
  field("title", config.title, "field that holds the title");
  field("text", config.text, "fields that hold the text, one a line");
  field("language", config.language, "language code, empty = guess");
}
[[nodiscard]] SourceConfig source_config(const IngestOptions& options);
[[nodiscard]] docs::ReadOptions read_options(const SourceConfig& config, const docs::ReadLimits& limits);

/// What a run does with one source.
struct SourcePlan {
  store::SourceRow row;
  SourceConfig config;
  bool store_row = false;    ///< new, or read in another way than before
  bool read_again = false;   ///< every file counts as changed
  bool may_be_gone = false;  ///< the folder around it was asked for: when it is no longer there, its files were deleted
  std::vector<std::string> only;      ///< relative paths that the run is about; empty = all
  std::vector<std::string> excluded;  ///< relative paths that belong to other sources, or to the index itself
};

/// Folders and files to sources. A path that is a source stays one; a path below a folder source is a part of that
/// source; what lies below a folder and is a source already stays its own source, and is brought up to date with the
/// folder. So a file belongs to one source only, whatever the order in which paths are named.
/// With options.rebuild all sources are planned.
/// @par Errors  kNotFound; kInvalidArgument: the path is the index itself, or a part of a source that was read in
///   another way; kUnsupported: devices, and a rebuild of what came from standard input
[[nodiscard]] Result<std::vector<SourcePlan>> plan_sources(const std::filesystem::path& index_folder,
                                                           const std::vector<store::SourceRow>& known,
                                                           const std::vector<std::filesystem::path>& roots,
                                                           const IngestOptions& options);

/// The number of the next new source.
[[nodiscard]] store::SourceId next_source(const std::vector<store::SourceRow>& known);

}  // namespace tamis::engine
