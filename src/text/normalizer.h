#pragma once

#include <tamis/base/result.h>

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "aligned_text.h"
#include "tokenizer_spec.h"

namespace tamis::text {

/// A rule that rewrites a text and keeps count of where each character came from. Immutable.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void run(AlignedText& text) const = 0;
  /// Whether texts of printable ASCII, and of letters that are composed already, may pass without a change.
  [[nodiscard]] virtual bool composes_only() const noexcept { return false; }
};

[[nodiscard]] std::unique_ptr<Normalizer> make_bert_normalizer(const NormalizerSpec& spec);
[[nodiscard]] std::unique_ptr<Normalizer> make_lowercase();
enum class Form : std::uint8_t { kNfc, kNfd, kNfkc, kNfkd };
[[nodiscard]] std::unique_ptr<Normalizer> make_unicode_form(Form form);
[[nodiscard]] std::unique_ptr<Normalizer> make_strip_accents();
[[nodiscard]] std::unique_ptr<Normalizer> make_strip(bool left, bool right);
[[nodiscard]] std::unique_ptr<Normalizer> make_nmt();
[[nodiscard]] std::unique_ptr<Normalizer> make_prepend(std::string prefix);
[[nodiscard]] std::unique_ptr<Normalizer> make_byte_level_normalizer();
[[nodiscard]] Result<std::unique_ptr<Normalizer>> make_replace(const NormalizerSpec& spec);
[[nodiscard]] Result<std::unique_ptr<Normalizer>> make_charsmap(std::string_view bytes);

using NormalizerList = std::vector<std::unique_ptr<const Normalizer>>;
[[nodiscard]] Result<NormalizerList> make_normalizers(std::span<const NormalizerSpec> specs);

}  // namespace tamis::text
