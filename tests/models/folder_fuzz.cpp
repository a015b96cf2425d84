#include <tamis/models/folder.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "base/scratch_folder.h"

/// The bytes are cut at zeros into the small files of a sentence-transformers folder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const tamis::testing::ScratchFolder folder;
  constexpr const char* kFiles[] = {
      "modules.json",          "router_config.json",    "config.json", "sentence_bert_config.json",
      "tokenizer_config.json", "1_Pooling/config.json", "idf.json",    "query_token_weights.txt"};
  std::filesystem::create_directories(folder / "1_Pooling");
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (const auto* name : kFiles) {
    const auto end = std::min(rest.find('\0'), rest.size());
    std::filesystem::remove(folder / name);
    if (end > 0) std::ofstream(folder / name, std::ios::binary) << rest.substr(0, end);
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
  const auto model = tamis::models::describe_folder(folder.path());
  if (!model) return 0;
  if (model->max_tokens < 3 || model->max_tokens > model->config.max_tokens) std::abort();
  const auto inside = model->transformer_folder.lexically_relative(folder.path());
  if (!inside.empty() && *inside.begin() == "..") std::abort();
  static_cast<void>(tamis::models::read_query_table(*model));
  return 0;
}
