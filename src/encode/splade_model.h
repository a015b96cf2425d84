#pragma once

#include <tamis/encode/splade_encoder.h>

#include <cstddef>
#include <memory>
#include <string>

namespace tamis::encode {

/// What all encoders of a model share.
struct SpladeEncoder::Model {
  std::string name;
  text::Tokenizer tokenizer;
  models::Encoder encoder;

  [[nodiscard]] std::size_t special_tokens() const noexcept {
    return tokenizer.prefix().size() + tokenizer.suffix().size();
  }
};

/// How a worker goes about a text, all zeros resolved.
struct SpladeSettings {
  std::string prompt;           ///< in front of each text
  std::size_t limit = 0;        ///< tokens of a text, without special ones
  std::size_t room = 0;         ///< tokens of a window, without special ones
  models::SparseOptions terms;  ///< what is kept of a window, and in the end
};

[[nodiscard]] std::unique_ptr<sparse::TextEncoder::Worker> make_splade_worker(
    std::shared_ptr<const SpladeEncoder::Model> model, SpladeSettings settings);

}  // namespace tamis::encode
