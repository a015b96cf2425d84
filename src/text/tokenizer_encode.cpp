#include <tamis/base/check.h>
#include <tamis/text/unicode.h>

#include <algorithm>

#include "code_points.h"
#include "tokenizer_impl.h"
#include "utf8.h"

namespace tamis::text {

namespace {

// Kinds of cache keys: words as the model sees them, parts of the text as it is.
constexpr std::uint8_t kModelWord = 0;
constexpr std::uint8_t kRawPart = 1;

}  // namespace

EncodeCall::EncodeCall(const Tokenizer::Impl& tokenizer, Tokenizer::Scratch::Impl& scratch, std::string_view text,
                       std::vector<Tokenizer::Token>& out)
    : tokenizer_(tokenizer), scratch_(scratch), text_(text), out_(out), first_(out.size()) {
  TAMIS_CHECK(text.size() < 0xFFFF'FFFFU, "offsets have 32 bits");
  if (scratch_.owner != tokenizer.fingerprint) {
    scratch_.cache.clear();
    scratch_.owner = tokenizer.fingerprint;
  }
}

void EncodeCall::run() {
  if (tokenizer_.raw_finder.empty()) {
    encode_segment(0, text_.size());
    return;
  }
  auto& segments = scratch_.segments;
  segments.clear();
  tokenizer_.raw_finder.find(text_, 0, segments);
  for (const Piece& segment : segments) {
    if (segment.token == Piece::kNoToken) {
      encode_segment(segment.begin, segment.end);
    } else {
      put(segment.token, {segment.begin, segment.end},
          spaces_around(text_.substr(segment.begin, segment.end - segment.begin)));
    }
  }
}

void EncodeCall::encode_segment(std::size_t begin, std::size_t end) {
  if (tokenizer_.cuts_as_bert) {
    encode_as_bert(begin, end);
  } else {
    encode_by_rules(begin, end);
  }
}

void EncodeCall::encode_by_rules(std::size_t begin, std::size_t end) {
  AlignedText& segment = scratch_.segment;
  segment.assign(text_.substr(begin, end - begin), static_cast<std::uint32_t>(begin));
  for (const auto& normalizer : tokenizer_.normalizers) normalizer->run(segment);
  if (segment.empty()) return;
  PreTokens& work = scratch_.work;
  work.text.swap(segment);
  work.pieces.clear();
  tokenizer_.normalized_finder.find(work.text.bytes(), 0, work.pieces);
  for (const auto& pre_tokenizer : tokenizer_.pre_tokenizers) pre_tokenizer->run(work);
  for (const Piece& piece : work.pieces) encode_piece(work, piece);
}

void EncodeCall::encode_piece(const PreTokens& work, const Piece& piece) {
  const std::string_view bytes = work.text.bytes();
  const std::string_view word = bytes.substr(piece.begin, piece.end - piece.begin);
  if (word.empty()) return;
  if (piece.token != Piece::kNoToken) {
    put(piece.token, work.text.origin(piece.begin, piece.end), spaces_around(word));
    return;
  }
  const auto put_word_token = [&](std::uint32_t id, std::uint32_t from, std::uint32_t to) {
    if (from < to) put_model_token(id, work.text.origin(piece.begin + from, piece.begin + to));
  };
  TokenCache::Key key;
  const bool short_word = word.size() <= TokenCache::kMaxBytes;
  if (short_word) {
    key = TokenCache::key(word, bytes.size() - piece.begin, kModelWord);
    if (const TokenCache::Entry* const known = scratch_.cache.find(key)) {
      for (std::size_t i = 0; i < known->count; ++i) put_word_token(known->ids[i], known->begins[i], known->ends[i]);
      return;
    }
  }
  auto& tokens = scratch_.word_tokens;
  tokens.clear();
  tokenizer_.model->encode(word, scratch_.model, tokens);
  if (short_word) scratch_.cache.insert(key, tokens);
  for (const WordToken& token : tokens) put_word_token(token.id, token.begin, token.end);
}

void EncodeCall::encode_alone(std::size_t begin, std::size_t end) {
  const std::string_view part = text_.substr(begin, end - begin);
  if (part.size() > TokenCache::kMaxBytes) {
    encode_by_rules(begin, end);
    return;
  }
  const TokenCache::Key key = TokenCache::key(part, text_.size() - begin, kRawPart);
  const auto base = static_cast<std::uint32_t>(begin);
  if (const TokenCache::Entry* const known = scratch_.cache.find(key)) {
    for (std::size_t i = 0; i < known->count; ++i)
      out_.push_back({known->ids[i], base + known->begins[i], base + known->ends[i]});
    return;
  }
  const std::size_t first = out_.size();
  encode_by_rules(begin, end);
  auto& tokens = scratch_.word_tokens;
  tokens.clear();
  for (std::size_t i = first; i < out_.size(); ++i)
    tokens.push_back({out_[i].id, out_[i].begin - base, out_[i].end - base});
  scratch_.cache.insert(key, tokens);
}

void EncodeCall::put_model_token(std::uint32_t id, Range origin) {
  put(id, origin, tokenizer_.margins.empty() ? Margins{} : tokenizer_.margins[id]);
}

void EncodeCall::put(std::uint32_t id, Range origin, Margins margins) {
  if (tokenizer_.post_processor.trim_offsets) origin = trimmed(origin, margins);
  out_.push_back({id, origin.begin, origin.end});
}

Range EncodeCall::trimmed(Range origin, Margins margins) const noexcept {
  const PostProcessorSpec& rule = tokenizer_.post_processor;
  const bool none_before = out_.size() == first_ && !(rule.trim_after_prefix && !rule.prefix.empty());
  if (margins.left == 1 && rule.trim_prefix_space && (none_before || origin.begin == 0)) margins.left = 0;
  for (; margins.left > 0 && origin.begin < origin.end; --margins.left)
    origin.begin = std::min(origin.end, origin.begin + decode_utf8(text_, origin.begin).size);
  for (; margins.right > 0 && origin.begin < origin.end; --margins.right)
    origin.end = std::max(origin.begin, static_cast<std::uint32_t>(utf8_floor(text_, origin.end - 1)));
  return origin;
}

Margins spaces_around(std::string_view spelling) noexcept {
  const auto is_margin = [](std::uint32_t point) { return point == kSpaceLetter || is_space(point); };
  Margins margins;
  std::uint32_t since = 0;
  bool leading = true;
  for (std::size_t at = 0; at < spelling.size();) {
    const Decoded c = decode_utf8(spelling, at);
    at += c.size;
    leading = leading && is_margin(c.point);
    since = is_margin(c.point) ? since + 1 : 0;
    if (leading) ++margins.left;
  }
  margins.right = since;
  return margins;
}

}  // namespace tamis::text
