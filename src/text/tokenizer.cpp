#include <fmt/format.h>
#include <tamis/base/file.h>
#include <tamis/text/tokenizer.h>

#include <algorithm>

#include "tokenizer_impl.h"

namespace tamis::text {

namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{256} << 20U;

/// The content of a file of the folder, nothing where there is none.
[[nodiscard]] Result<std::optional<std::string>> read_optional(const std::filesystem::path& path) {
  auto content = read_file(path, kMaxFileBytes, kJsonPadding);
  if (content) return std::optional(std::move(*content));
  if (content.error().code == Code::kNotFound) return std::optional<std::string>();
  return std::move(content).error();
}

[[nodiscard]] Result<TokenizerSpec> read_folder(const std::filesystem::path& folder) {
  TAMIS_TRY(const auto config, read_optional(folder / "tokenizer_config.json"));
  TAMIS_TRY(const auto json, read_optional(folder / "tokenizer.json"));
  if (json) {
    auto spec = read_tokenizer_json(*json, json->capacity());
    if (!spec) return within((folder / "tokenizer.json").string(), std::move(spec).error());
    if (config) {
      auto status = read_tokenizer_config(*config, *spec);
      if (!status) return within((folder / "tokenizer_config.json").string(), std::move(status).error());
    }
    return spec;
  }
  TAMIS_TRY(const auto lines, read_optional(folder / "vocab.txt"));
  if (!lines) {
    return Error{Code::kNotFound,
                 fmt::format("{}: no tokenizer there (wanted tokenizer.json or vocab.txt)", folder.string())};
  }
  auto spec = read_vocabulary_text(*lines, config.value_or(""));
  if (!spec) return within((folder / "vocab.txt").string(), std::move(spec).error());
  return spec;
}

}  // namespace

Tokenizer::Scratch::Scratch() : impl_(std::make_unique<Impl>()) {}
Tokenizer::Scratch::~Scratch() = default;
Tokenizer::Scratch::Scratch(Scratch&&) noexcept = default;
Tokenizer::Scratch& Tokenizer::Scratch::operator=(Scratch&&) noexcept = default;

Tokenizer::Tokenizer(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}

Result<Tokenizer> Tokenizer::open(const std::filesystem::path& folder) {
  TAMIS_TRY(const auto spec, read_folder(folder));
  auto made = Impl::make(spec);
  if (!made) return within(folder.string(), std::move(made).error());
  return Tokenizer(std::move(*made));
}

Result<Tokenizer> Tokenizer::from_json(std::string_view json) {
  TAMIS_TRY(const auto spec, read_tokenizer_json(json, json.size()));
  TAMIS_TRY(auto made, Impl::make(spec));
  return Tokenizer(std::move(made));
}

void Tokenizer::encode(std::string_view text, Scratch& scratch, std::vector<Token>& out) const {
  EncodeCall(*impl_, *scratch.impl_, text, out).run();
}

std::span<const std::uint32_t> Tokenizer::prefix() const noexcept { return impl_->post_processor.prefix; }
std::span<const std::uint32_t> Tokenizer::suffix() const noexcept { return impl_->post_processor.suffix; }
std::optional<std::uint32_t> Tokenizer::truncation() const noexcept { return impl_->truncation; }
std::uint32_t Tokenizer::vocabulary_size() const noexcept { return impl_->size; }
std::optional<std::uint32_t> Tokenizer::unknown() const noexcept { return impl_->model->unknown(); }
std::optional<std::uint32_t> Tokenizer::pad() const noexcept { return impl_->pad; }
std::optional<std::uint32_t> Tokenizer::mask() const noexcept { return impl_->mask; }
std::uint64_t Tokenizer::fingerprint() const noexcept { return impl_->fingerprint; }

std::string_view Tokenizer::token(std::uint32_t id) const noexcept {
  const AddedToken* const added = impl_->added_token(id);
  return added != nullptr ? std::string_view(added->spec.content) : impl_->vocabulary.spelling(id);
}

std::optional<std::uint32_t> Tokenizer::id(std::string_view token) const noexcept {
  for (const AddedToken& added : impl_->added) {
    if (added.spec.content == token) return added.id;
  }
  return impl_->vocabulary.id(token);
}

bool Tokenizer::is_special(std::uint32_t id) const noexcept {
  const AddedToken* const added = impl_->added_token(id);
  return added != nullptr && added->spec.special;
}

}  // namespace tamis::text
