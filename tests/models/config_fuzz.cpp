#include <tamis/models/config.h>

#include <cstdlib>
#include <string_view>

/// Every configuration that is accepted keeps its limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto config = tamis::models::parse_config({reinterpret_cast<const char*>(data), size});
  if (!config) return 0;
  const bool sound = config->num_heads > 0 && config->hidden_size % config->num_heads == 0 && config->vocab_size > 0 &&
                     config->max_tokens > 0 && config->hidden_size <= 16384 && config->num_layers <= 256 &&
                     (config->windowed.empty() || config->windowed.size() == config->num_layers);
  if (!sound) std::abort();
  return 0;
}
