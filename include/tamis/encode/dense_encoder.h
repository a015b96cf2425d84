#pragma once

#include <tamis/base/result.h>
#include <tamis/models/encoder.h>
#include <tamis/sparse/dense_encoder.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace tamis::encode {

/// A dense model's folder on the CPU: tokenizer, transformer, pooled states (Reimers & Gurevych, Sentence-BERT,
/// arXiv:1908.10084), or the states of tokens (Khattab & Zaharia, ColBERT, arXiv:2004.12832; we differ: the model's
/// last layer as it is, without a projection that was trained for it).
class DenseTextEncoder final : public sparse::DenseEncoder {
 public:
  /// Reads all weights once. Errors of the parts, with the folder in front; kUnsupported for a sparse model,
  /// kInvalidArgument when the tokenizer is of another model.
  [[nodiscard]] static Result<std::unique_ptr<DenseTextEncoder>> open(const std::filesystem::path& folder,
                                                                      const models::EncoderOptions& options = {});
  /// The last part of the folder's name.
  [[nodiscard]] std::string_view name() const noexcept override;
  [[nodiscard]] std::string fingerprint() const override;
  [[nodiscard]] std::uint32_t dimension() const noexcept override;
  [[nodiscard]] std::unique_ptr<Worker> make_worker() const override;

  struct Model;

 private:
  explicit DenseTextEncoder(std::shared_ptr<const Model> model) : model_(std::move(model)) {}
  std::shared_ptr<const Model> model_;
};

}  // namespace tamis::encode
