#pragma once

#include <tamis/base/config.h>
#include <tamis/base/result.h>
#include <tamis/models/encoder.h>
#include <tamis/models/folder.h>
#include <tamis/sparse/encoder.h>
#include <tamis/text/tokenizer.h>

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace tamis::encode {

/// Longer texts are refused, not read in part.
inline constexpr std::size_t kMaxTextBytes = 64U << 20U;

struct SpladeConfig {
  std::uint32_t max_tokens = 0;     ///< of a text, special ones included: what comes later is not read; 0 = all
  std::uint32_t window_tokens = 0;  ///< that the network sees at once, special ones included; 0 = all it can
  std::uint32_t top = 0;            ///< terms of a text, the heaviest; 0 = all
  float threshold = 0.0F;           ///< only weights above it
  [[nodiscard]] Status validate() const;
};
template <class Config, class Visitor>
requires std::same_as<std::remove_const_t<Config>, SpladeConfig>
void visit_fields(Config& config, Visitor&& field) {
  field("max_tokens", config.max_tokens, "tokens of a text that are read, 0 = all");
  field("window_tokens", config.window_tokens, "tokens that the network sees at once, 0 = all it can");
  field("top", config.top, "terms of a text that are kept, the heaviest, 0 = all");
  field("threshold", config.threshold, "only weights above this are kept, >= 0");
}

/// Models may want other words in front of a question than in front of a passage.
enum class TextRole : std::uint8_t { kPassage, kQuery };

/// SPLADE on the CPU: tokenizer, transformer and fused vocabulary head of a model's folder.
///
///     w_j = saturation(max over tokens i of h_i · E_j + b_j)
///
/// A text that is longer than the network's window is cut into as few windows as can be, their lengths as equal as can
/// be, and has the maximum of their vectors: one vector a text, however long.
/// Source: Formal et al., SPLADE, arXiv:2107.05720 and 2109.10086.
class SpladeEncoder final : public sparse::TextEncoder {
 public:
  /// Reads all weights once. Errors of the parts, with the folder in front; kUnsupported for a dense model,
  /// kInvalidArgument when a setting does not fit the model or the tokenizer is of another model.
  [[nodiscard]] static Result<std::unique_ptr<SpladeEncoder>> open(const std::filesystem::path& folder, TextRole role,
                                                                   const SpladeConfig& config = {},
                                                                   const models::EncoderOptions& options = {});
  /// The same model for another use; the weights are shared.
  [[nodiscard]] Result<std::unique_ptr<SpladeEncoder>> with(TextRole role, const SpladeConfig& config) const;

  /// The last part of the folder's name.
  [[nodiscard]] std::string_view name() const noexcept override;
  [[nodiscard]] std::string fingerprint() const override;
  /// 4 for log(1 + x), 2 for that twice, 32 without; eight times as much where tokens are summed up.
  [[nodiscard]] float ceiling() const noexcept override;
  [[nodiscard]] std::uint32_t vocabulary_size() const noexcept override;
  [[nodiscard]] std::string_view term(TermId term) const noexcept override;
  /// 64 MB at the most, beside what long texts take. explain() is kUnsupported where tokens are summed up.
  [[nodiscard]] std::unique_ptr<Worker> make_worker() const override;

  [[nodiscard]] const models::ModelDescription& description() const noexcept;
  [[nodiscard]] const text::Tokenizer& tokenizer() const noexcept;
  [[nodiscard]] tensor::Precision precision() const noexcept;

  struct Model;

 private:
  SpladeEncoder(std::shared_ptr<const Model> model, TextRole role, const SpladeConfig& config);
  std::shared_ptr<const Model> model_;
  std::string prompt_;
  SpladeConfig config_;
};

}  // namespace tamis::encode
