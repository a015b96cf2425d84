#include <algorithm>

#include "edit_rules.h"
#include "pre_tokenizer.h"

namespace tamis::text {

namespace {

/// Sentencepiece's way with spaces: each becomes a letter of its own, one stands before the text, and words begin with
/// it.
class Metaspace final : public PreTokenizer {
 public:
  explicit Metaspace(const PreTokenizerSpec& spec)
      : letter_(spec.replacement), prepend_(spec.prepend), split_(spec.split) {}

  void run(PreTokens& work) const override {
    rewrite_pieces(work, [&](const Piece& piece, AlignedText& out) { replace_spaces(work.text, piece, out); });
    if (!split_) return;
    cut_pieces(work, [&](const Piece& piece, std::vector<Piece>& out) {
      const std::string_view bytes = work.text.bytes();
      work.matches.clear();
      std::size_t from = piece.begin;
      while (from < piece.end) {
        std::size_t at = std::min<std::size_t>(bytes.substr(0, piece.end).find(letter_, from), piece.end);
        if (at + letter_.size() > piece.end) at = piece.end;
        const auto push = [&](std::size_t begin, std::size_t end, bool matched) {
          if (begin < end)
            work.matches.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), matched});
        };
        push(from, at, false);
        from = std::min<std::size_t>(at + letter_.size(), piece.end);
        push(at, from, true);
      }
      append_split(work.matches, Delimiter::kMergedWithNext, out);
    });
  }

 private:
  void replace_spaces(const AlignedText& text, const Piece& piece, AlignedText& out) const {
    const std::string_view word = text.bytes().substr(piece.begin, piece.end - piece.begin);
    const bool at_start = text.origin(piece.begin, piece.begin + 1).begin == 0;
    const bool wanted =
        prepend_ == PreTokenizerSpec::Prepend::kAlways || (prepend_ == PreTokenizerSpec::Prepend::kFirst && at_start);
    if (wanted && word[0] != ' ' && !word.starts_with(letter_))
      out.append(letter_, text.origin(piece.begin, piece.begin + 1));
    std::size_t from = piece.begin;
    for (std::size_t at = piece.begin; at < piece.end; ++at) {
      if (text.bytes()[at] != ' ') continue;
      out.append(text, from, at);
      out.append(letter_, text.origin(at, at + 1));
      from = at + 1;
    }
    out.append(text, from, piece.end);
  }

  std::string letter_;
  PreTokenizerSpec::Prepend prepend_;
  bool split_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_metaspace(const PreTokenizerSpec& spec) { return std::make_unique<Metaspace>(spec); }

}  // namespace tamis::text
