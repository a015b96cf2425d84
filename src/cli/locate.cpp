#include "locate.h"

#include <fmt/format.h>

#include <system_error>

#include "display.h"

namespace tamis::cli {
namespace {

namespace fs = std::filesystem;

fs::path current_folder() {
  std::error_code error;
  auto path = fs::current_path(error);
  return error ? fs::path(".") : path;
}

std::string_view chosen(const std::string& option, const Terminal& terminal) {
  return option.empty() ? std::string_view(terminal.index_folder) : std::string_view(option);
}

}  // namespace

void add_index_option(Command& command, std::string& target) {
  command.option("--index", "DIR", target, "the index's folder; else $TAMIS_INDEX, else .tamis here or above")
      .of(Hint::kFolder);
}

Result<fs::path> index_to_read(const std::string& option, const Terminal& terminal) {
  if (const auto path = chosen(option, terminal); !path.empty()) return fs::path(path);
  return find_index(current_folder());
}

fs::path index_to_write(const std::string& option, const Terminal& terminal) {
  if (const auto path = chosen(option, terminal); !path.empty()) return fs::path(path);
  return kIndexFolder;
}

Result<Engine> open_engine(const std::string& option, const Terminal& terminal) {
  TAMIS_TRY(const auto folder, index_to_read(option, terminal));
  return Engine::open(folder);
}

std::string shown_path(std::string_view path) {
  static const std::string here = current_folder().string() + "/";
  if (path.size() > here.size() && path.starts_with(here)) path.remove_prefix(here.size());
  return harmless(path);
}

}  // namespace tamis::cli
