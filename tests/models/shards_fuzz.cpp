#include <tamis/models/safetensors.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "checkpoint.h"

/// The bytes are the index of two sound shards; "~" stands for what would be right at its beginning.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tamis::models;  // NOLINT(*-using-*)
  static const Folder folder;
  static const bool written = [] {
    for (const std::string name : {"a", "b"}) {
      const std::string header = "{\"" + name + R"(.weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
      folder.write(name + ".safetensors", safetensors_image(header, bytes_of({1.0F, 2.0F})));
    }
    return true;
  }();
  static_cast<void>(written);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string index(bytes);
  if (index.starts_with('~')) {
    index.replace(0, 1, R"({"weight_map":{"a.weight":"a.safetensors","b.weight":"b.safetensors")");
  }
  folder.write("model.safetensors.index.json", index);
  const auto opened = Safetensors::open_folder(folder.path());
  if (bytes == "~}}" && !opened) std::abort();
  if (!opened) return 0;
  for (const auto& tensor : opened->tensors()) {
    float values[2] = {};
    if (tensor.num_values() != 2 || !read_weights(tensor, values) || values[1] != 2.0F) std::abort();
  }
  return 0;
}
