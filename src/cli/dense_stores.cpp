#include "dense_stores.h"

#include <tamis/search/dense_store.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace tamis::cli {

namespace fs = std::filesystem;

std::vector<std::string> dense_models(const fs::path& index) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(index / "dense", error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".dense") names.push_back(it->path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<DenseStoreInfo> dense_store_infos(const fs::path& index, bool whole) {
  std::vector<DenseStoreInfo> infos;
  for (auto& model : dense_models(index)) {
    const auto path = dense_file(index, model);
    DenseStoreInfo info;
    info.model = std::move(model);
    std::error_code error;
    const auto bytes = fs::file_size(path, error);
    info.bytes = error ? 0 : bytes;
    if (const auto store = search::DenseStore::open(path, std::nullopt)) {
      info.vectors = store->size();
      if (const auto status = whole ? store->verify() : ok(); !status) info.damage = status.error().message;
    } else {
      info.damage = store.error().message;
    }
    infos.push_back(std::move(info));
  }
  return infos;
}

}  // namespace tamis::cli
