// The byte-level rules of GPT-2: letters for bytes, and the cut into words.
#include "byte_letters.h"
#include "edit_rules.h"
#include "gpt2_words.h"
#include "normalizer.h"
#include "pre_tokenizer.h"

namespace tamis::text {

namespace {

/// Appends bytes [begin, end) of a text, each as its letter.
void append_letters(const AlignedText& from, std::size_t begin, std::size_t end, AlignedText& to) {
  for (std::size_t at = begin; at < end; ++at) {
    char utf8[4];
    const char* const last = encode_utf8(kByteLetters[static_cast<unsigned char>(from.bytes()[at])], utf8);
    to.append({utf8, static_cast<std::size_t>(last - utf8)}, from.origin(at, at + 1));
  }
}

class ByteLevelNormalizer final : public Normalizer {
 public:
  void run(AlignedText& text) const override {
    AlignedText letters;
    letters.assign(text, 0, 0);
    append_letters(text, 0, text.bytes().size(), letters);
    text.swap(letters);
  }
};

class ByteLevel final : public PreTokenizer {
 public:
  ByteLevel(const PreTokenizerSpec& spec, bool keep_bytes)
      : prefix_space_(spec.prefix_space), use_regex_(spec.use_regex), keep_bytes_(keep_bytes) {}

  void run(PreTokens& work) const override {
    if (prefix_space_) put_spaces(work);
    if (use_regex_) {
      cut_pieces(work, [&](const Piece& piece, std::vector<Piece>& out) {
        each_gpt2_word(work.text.bytes(), piece.begin, piece.end, [&](std::size_t begin, std::size_t end) {
          out.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), Piece::kNoToken});
        });
      });
    }
    if (!keep_bytes_) spell(work);
  }

 private:
  /// A space before each piece that does not begin with one.
  static void put_spaces(PreTokens& work) {
    rewrite_pieces(work, [&](const Piece& piece, AlignedText& out) {
      if (work.text.bytes()[piece.begin] != ' ') out.append(" ", work.text.origin(piece.begin, piece.begin + 1));
      out.append(work.text, piece.begin, piece.end);
    });
  }
  static void spell(PreTokens& work) {
    rewrite_pieces(
        work, [&](const Piece& piece, AlignedText& out) { append_letters(work.text, piece.begin, piece.end, out); });
  }

  bool prefix_space_, use_regex_, keep_bytes_;
};

}  // namespace

std::unique_ptr<Normalizer> make_byte_level_normalizer() { return std::make_unique<ByteLevelNormalizer>(); }
std::unique_ptr<PreTokenizer> make_byte_level(const PreTokenizerSpec& spec, bool keep_bytes) {
  return std::make_unique<ByteLevel>(spec, keep_bytes);
}

}  // namespace tamis::text
