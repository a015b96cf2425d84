#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "aligned_text.h"
#include "tokenizer_spec.h"

namespace tamis::text {

/// A part of a text in work: bytes [begin, end) of it, or a token found already.
struct Piece {
  static constexpr std::uint32_t kNoToken = 0xFFFF'FFFF;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t token = kNoToken;
};

/// A part of a text that a pattern matched, or that lies between such.
struct Match {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool matched = false;
};

/// What pre-tokenisers work on. Reused from text to text.
struct PreTokens {
  AlignedText text;
  std::vector<Piece> pieces;
  // Buffers of the rules.
  AlignedText next_text;
  std::vector<Piece> next_pieces;
  std::vector<Match> matches;
};

/// A rule that cuts the pieces of a text into smaller ones, and may rewrite them. Immutable.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void run(PreTokens& work) const = 0;
};

/// Cuts [begin, end) by matches that cover it, and appends what is not empty.
void append_split(std::span<const Match> matches, Delimiter delimiter, std::vector<Piece>& out);

/// Replaces each piece that is no token by what `cut(piece, out)` makes of it.
template <class Cut>
void cut_pieces(PreTokens& work, Cut&& cut) {
  work.next_pieces.clear();
  for (const Piece& piece : work.pieces) {
    if (piece.token != Piece::kNoToken) {
      work.next_pieces.push_back(piece);
    } else {
      cut(piece, work.next_pieces);
    }
  }
  work.pieces.swap(work.next_pieces);
}

/// Writes the text anew: `write(piece, out)` appends what becomes of a piece that is no token. Pieces stay the same
/// ones.
template <class Write>
void rewrite_pieces(PreTokens& work, Write&& write) {
  work.next_text.assign(work.text, 0, 0);
  for (Piece& piece : work.pieces) {
    const auto begin = static_cast<std::uint32_t>(work.next_text.bytes().size());
    if (piece.token != Piece::kNoToken) {
      work.next_text.append(work.text, piece.begin, piece.end);
    } else {
      write(std::as_const(piece), work.next_text);
    }
    piece.begin = begin;
    piece.end = static_cast<std::uint32_t>(work.next_text.bytes().size());
  }
  work.text.swap(work.next_text);
}

[[nodiscard]] std::unique_ptr<PreTokenizer> make_bert_pre_tokenizer();
[[nodiscard]] std::unique_ptr<PreTokenizer> make_whitespace();
[[nodiscard]] std::unique_ptr<PreTokenizer> make_whitespace_split();
[[nodiscard]] std::unique_ptr<PreTokenizer> make_punctuation(Delimiter delimiter);
[[nodiscard]] std::unique_ptr<PreTokenizer> make_digits(bool individual);
[[nodiscard]] std::unique_ptr<PreTokenizer> make_metaspace(const PreTokenizerSpec& spec);
/// `keep_bytes`: the model takes bytes as they are, so they are not spelled with GPT-2's letters.
[[nodiscard]] std::unique_ptr<PreTokenizer> make_byte_level(const PreTokenizerSpec& spec, bool keep_bytes);
[[nodiscard]] Result<std::unique_ptr<PreTokenizer>> make_split(const PreTokenizerSpec& spec);

using PreTokenizerList = std::vector<std::unique_ptr<const PreTokenizer>>;
/// `keep_bytes`: of the last rule.
[[nodiscard]] Result<PreTokenizerList> make_pre_tokenizers(std::span<const PreTokenizerSpec> specs, bool keep_bytes);

}  // namespace tamis::text
