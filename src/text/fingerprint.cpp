#include <xxhash.h>

#include <span>
#include <string>

#include "tokenizer_impl.h"

namespace tamis::text {

namespace {

constexpr std::uint64_t kRulesVersion = 2;  // raised when the same file gives other tokens

/// Numbers and strings one behind the other, each with its length: two descriptions are one only if they are equal.
class Description {
 public:
  template <class Number>
  void add(Number number) {
    const auto wide = static_cast<std::uint64_t>(number);
    for (int shift = 0; shift < 64; shift += 8) bytes_.push_back(static_cast<char>((wide >> shift) & 0xFFU));
  }
  void add(const std::string& text) {
    add(text.size());
    bytes_ += text;
  }
  void add(const std::optional<std::uint32_t>& number) { add(number ? std::uint64_t{*number} + 1 : 0); }
  /// By its hash: the lists of a vocabulary are long.
  template <class Item>
  void add_hash_of(std::span<const Item> items) {
    add(items.size());
    add(XXH3_64bits(items.data(), items.size_bytes()));
  }
  [[nodiscard]] std::uint64_t hash() const noexcept { return XXH3_64bits(bytes_.data(), bytes_.size()); }

 private:
  std::string bytes_;
};

void add_rules(const TokenizerSpec& spec, Description& out) {
  out.add(spec.normalizers.size());
  for (const NormalizerSpec& rule : spec.normalizers) {
    out.add(rule.kind);
    out.add((rule.clean_text ? 1U : 0U) | (rule.chinese ? 2U : 0U) | (rule.lowercase ? 4U : 0U) |
            (rule.left ? 8U : 0U) | (rule.right ? 16U : 0U) | (rule.regex ? 32U : 0U) |
            (rule.strip_accents.value_or(rule.lowercase) ? 64U : 0U));
    out.add(rule.pattern);
    out.add(rule.content);
  }
  out.add(spec.pre_tokenizers.size());
  for (const PreTokenizerSpec& rule : spec.pre_tokenizers) {
    out.add(rule.kind);
    out.add((rule.prefix_space ? 1U : 0U) | (rule.use_regex ? 2U : 0U) | (rule.split ? 4U : 0U) |
            (rule.individual ? 8U : 0U) | (rule.regex ? 16U : 0U) | (rule.invert ? 32U : 0U));
    out.add(rule.prepend);
    out.add(rule.delimiter);
    out.add(rule.replacement);
    out.add(rule.pattern);
  }
}

void add_model(const ModelSpec& model, Description& out) {
  out.add(model.kind);
  out.add(model.vocabulary.size());
  out.add_hash_of(std::span(model.vocabulary.letters().data(), model.vocabulary.letters().size()));
  out.add_hash_of(std::span(model.vocabulary.ends()));
  out.add_hash_of(std::span(model.vocabulary.ids()));
  out.add_hash_of(std::span(model.vocabulary.scores()));
  out.add(model.unknown.value_or(""));
  out.add(model.unknown_id);
  out.add(model.continuing_prefix);
  out.add(model.word_suffix);
  out.add(model.max_word_characters);
  out.add((model.fuse_unknown ? 1U : 0U) | (model.byte_fallback ? 2U : 0U) | (model.ignore_merges ? 4U : 0U));
  out.add(model.merges.size());
  for (const auto& [left, right] : model.merges) {
    out.add(left);
    out.add(right);
  }
}

}  // namespace

std::uint64_t fingerprint_of(const TokenizerSpec& spec) {
  Description description;
  description.add(kRulesVersion);
  add_rules(spec, description);
  add_model(spec.model, description);
  description.add(spec.added_tokens.size());
  for (const AddedTokenSpec& token : spec.added_tokens) {
    description.add(token.content);
    description.add((token.single_word ? 1U : 0U) | (token.left_strip ? 2U : 0U) | (token.right_strip ? 4U : 0U) |
                    (token.normalized ? 8U : 0U) | (token.special ? 16U : 0U));
  }
  const PostProcessorSpec& post = spec.post_processor;
  for (const auto& ids : {post.prefix, post.suffix}) {
    description.add(ids.size());
    for (const std::uint32_t id : ids) description.add(id);
  }
  description.add((post.trim_offsets ? 1U : 0U) | (post.trim_prefix_space ? 2U : 0U) |
                  (post.trim_after_prefix ? 4U : 0U));
  return description.hash();
}

}  // namespace tamis::text
