// The short cut for BERT's rules. They look at one character at a time, so a text may be cut before and behind white
// space, signs and Chinese characters, and each part gives the same tokens wherever it stands.
#include "code_points.h"
#include "tokenizer_impl.h"
#include "utf8.h"

namespace tamis::text {

namespace {

enum BertKind : std::uint8_t {
  kWord,  // letters, digits
  kSpace,
  kSign,
  kOther,  // control characters that are taken out, and all that is not ASCII
};

}  // namespace

void Tokenizer::Impl::prepare_bert(const TokenizerSpec& spec) {
  if (spec.normalizers.size() != 1 || spec.normalizers[0].kind != NormalizerSpec::Kind::kBert) return;
  if (spec.pre_tokenizers.size() != 1 || spec.pre_tokenizers[0].kind != PreTokenizerSpec::Kind::kBert) return;
  if (spec.model.kind != ModelSpec::Kind::kWordPiece || !normalized_finder.empty()) return;
  if (post_processor.trim_offsets) return;
  cuts_as_bert = true;
  bert_cleans = spec.normalizers[0].clean_text;
  bert_isolates_chinese = spec.normalizers[0].chinese;
  bert_kinds.fill(kOther);
  ModelScratch scratch;
  for (std::uint32_t c = 0; c < 128; ++c) {
    const bool taken_out = bert_cleans && (c < ' ' || c == 0x7F) && c != '\t' && c != '\n' && c != '\r';
    bert_kinds[c] = taken_out ? kOther : is_space(c) ? kSpace : is_punctuation(c) ? kSign : kWord;
    if (bert_kinds[c] != kSign) continue;
    const char sign = static_cast<char>(c);
    std::vector<WordToken> tokens;
    model->encode({&sign, 1}, scratch, tokens);
    bert_signs[c] = tokens.front().id;
  }
}

void EncodeCall::encode_as_bert(std::size_t begin, std::size_t end) {
  const auto& kinds = tokenizer_.bert_kinds;
  for (std::size_t at = begin; at < end;) {
    const auto byte = static_cast<std::uint8_t>(text_[at]);
    if (kinds[byte] == kSpace) {
      ++at;
    } else if (kinds[byte] == kSign) {
      out_.push_back({tokenizer_.bert_signs[byte], static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + 1)});
      ++at;
    } else {
      at = encode_bert_word(at, end);
    }
  }
}

std::size_t EncodeCall::encode_bert_word(std::size_t begin, std::size_t end) {
  const auto& kinds = tokenizer_.bert_kinds;
  std::size_t at = begin;
  while (at < end && kinds[static_cast<std::uint8_t>(text_[at])] == kWord) ++at;
  if (at < end && kinds[static_cast<std::uint8_t>(text_[at])] == kOther) at = bert_word_end(begin, end);
  encode_alone(begin, at);
  return at;
}

std::size_t EncodeCall::bert_word_end(std::size_t begin, std::size_t end) const noexcept {
  for (std::size_t at = begin; at < end;) {
    const auto byte = static_cast<std::uint8_t>(text_[at]);
    const std::uint8_t kind = tokenizer_.bert_kinds[byte];
    if (kind == kSpace || kind == kSign) return at;
    const Decoded c = decode_utf8(text_, at);
    const bool taken_out = tokenizer_.bert_cleans && is_other(c.point);
    const bool border =
        byte >= 0x80 && !taken_out &&
        (is_space(c.point) || is_punctuation(c.point) || (tokenizer_.bert_isolates_chinese && is_chinese(c.point)));
    if (border) return at > begin ? at : at + c.size;
    at += c.size;
  }
  return end;
}

}  // namespace tamis::text
