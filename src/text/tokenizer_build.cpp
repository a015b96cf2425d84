#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tokenizer_impl.h"

namespace tamis::text {

namespace {

[[nodiscard]] Result<std::unique_ptr<TokenModel>> make_model(const ModelSpec& spec, const Vocabulary& vocabulary,
                                                             bool raw_bytes) {
  switch (spec.kind) {
    case ModelSpec::Kind::kWordPiece:
      return make_word_piece(spec, vocabulary);
    case ModelSpec::Kind::kBytePair:
      return make_byte_pair(spec, vocabulary, raw_bytes);
    case ModelSpec::Kind::kUnigram:
      return make_unigram(spec, vocabulary);
  }
  return Error{Code::kUnsupported, "model.type: not known"};
}

}  // namespace

Result<std::shared_ptr<const Tokenizer::Impl>> Tokenizer::Impl::make(const TokenizerSpec& spec) {
  auto made = std::make_shared<Impl>();
  TAMIS_TRY(made->vocabulary, Vocabulary::make(spec.model));
  // Byte-pair encoding takes plain bytes where the last rule before it would spell them.
  const bool raw_bytes = spec.model.kind == ModelSpec::Kind::kBytePair && !spec.pre_tokenizers.empty() &&
                         spec.pre_tokenizers.back().kind == PreTokenizerSpec::Kind::kByteLevel &&
                         spec.model.continuing_prefix.empty() && spec.model.word_suffix.empty() &&
                         spells_all_bytes(made->vocabulary);
  TAMIS_TRY(made->model, make_model(spec.model, made->vocabulary, raw_bytes));
  TAMIS_TRY(made->normalizers, make_normalizers(spec.normalizers));
  TAMIS_TRY(made->pre_tokenizers, make_pre_tokenizers(spec.pre_tokenizers, raw_bytes));
  TAMIS_TRY_OK(made->add_tokens(spec));
  made->post_processor = spec.post_processor;
  for (const auto& ids : {spec.post_processor.prefix, spec.post_processor.suffix}) {
    for (const std::uint32_t id : ids) {
      if (id >= made->size)
        return Error{Code::kCorrupt, fmt::format("post_processor: id {} (the vocabulary ends at {})", id, made->size)};
    }
  }
  made->truncation = spec.truncation;
  made->name_special_tokens(spec);
  made->measure_margins();
  made->prepare_bert(spec);
  made->fingerprint = fingerprint_of(spec);
  return std::shared_ptr<const Impl>(std::move(made));
}

Status Tokenizer::Impl::add_tokens(const TokenizerSpec& spec) {
  std::map<std::string, AddedToken> by_content;
  std::uint32_t next = vocabulary.count();
  for (const AddedTokenSpec& token : spec.added_tokens) {
    if (token.content.empty()) continue;
    const auto known = by_content.find(token.content);
    const auto in_model = vocabulary.id(token.content);
    std::uint32_t id = next;
    if (known != by_content.end()) {
      id = known->second.id;
    } else if (in_model) {
      id = *in_model;
    } else {
      ++next;
    }
    if (token.id && *token.id != id) {
      return Error{Code::kCorrupt, fmt::format("added_tokens: \"{}\" has the id {} (wanted {}, by its place behind the "
                                               "vocabulary or in it)",
                                               token.content, *token.id, id)};
    }
    by_content[token.content] = {token, id};
  }
  size = std::max(vocabulary.size(), next);
  std::vector<AddedToken> raw, normalized;
  std::vector<std::string> raw_spellings, normalized_spellings;
  for (auto& [content, token] : by_content) {
    added.push_back(token);
    if (!token.spec.normalized) {
      raw.push_back(token);
      raw_spellings.push_back(content);
      continue;
    }
    AlignedText text;
    text.assign(content, 0);
    for (const auto& normalizer : normalizers) normalizer->run(text);
    normalized.push_back(token);
    normalized_spellings.emplace_back(text.bytes());
  }
  std::ranges::sort(added, {}, &AddedToken::id);
  raw_finder = AddedTokenFinder(std::move(raw), raw_spellings);
  normalized_finder = AddedTokenFinder(std::move(normalized), normalized_spellings);
  return ok();
}

const AddedToken* Tokenizer::Impl::added_token(std::uint32_t id) const noexcept {
  const auto found = std::ranges::lower_bound(added, id, {}, &AddedToken::id);
  return found != added.end() && found->id == id ? &*found : nullptr;
}

void Tokenizer::Impl::name_special_tokens(const TokenizerSpec& spec) {
  const auto named = [&](const std::optional<std::string>& name, std::string_view usual,
                         std::string_view other) -> std::optional<std::uint32_t> {
    const std::string_view given = name ? std::string_view(*name) : std::string_view();
    for (const std::string_view spelling : {given, usual, other}) {
      if (spelling.empty()) continue;
      for (const AddedToken& token : added) {
        if (token.spec.content == spelling) return token.id;
      }
      if (const auto id = vocabulary.id(spelling)) return id;
    }
    return std::nullopt;
  };
  pad = named(spec.pad_token, "[PAD]", "<pad>");
  if (spec.pad && *spec.pad < size) pad = spec.pad;
  mask = named(spec.mask_token, "[MASK]", "<mask>");
}

void Tokenizer::Impl::measure_margins() {
  if (!post_processor.trim_offsets) return;
  margins.resize(vocabulary.size());
  for (std::uint32_t id = 0; id < vocabulary.size(); ++id) margins[id] = spaces_around(vocabulary.spelling(id));
}

}  // namespace tamis::text
