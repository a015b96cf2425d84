#pragma once

#include <tamis/docs/reader.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

namespace tamis::eval {

/// Bytes of memory, handed out in pieces of at most `step`.
class MemoryStream final : public docs::ByteStream {
 public:
  explicit MemoryStream(std::string_view bytes, std::size_t step = 1 << 20) : rest_(bytes), step_(step) {}
  Result<std::size_t> read(char* data, std::size_t size) override {
    const std::size_t n = std::min({size, rest_.size(), step_});
    std::memcpy(data, rest_.data(), n);
    rest_.remove_prefix(n);
    return n;
  }

 private:
  std::string_view rest_;
  std::size_t step_;
};

}  // namespace tamis::eval
