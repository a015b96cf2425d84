// The rules that look for a pattern: Replace of a normaliser, Split of a pre-tokeniser.
#include "gpt2_words.h"
#include "normalizer.h"
#include "pre_tokenizer.h"
#include "text_pattern.h"

namespace tamis::text {

namespace {

constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

/// Puts a text in place of each match; it comes from the last character of the match.
class Replace final : public Normalizer {
 public:
  Replace(TextPattern pattern, std::string content) : pattern_(std::move(pattern)), content_(std::move(content)) {}

  void run(AlignedText& text) const override {
    std::vector<Match> matches;
    pattern_.cover(text.bytes(), 0, text.bytes().size(), matches);
    AlignedText replaced;
    replaced.assign(text, 0, 0);
    for (const Match& match : matches) {
      if (!match.matched) {
        replaced.append(text, match.begin, match.end);
      } else {
        replaced.append(content_, match.end > 0 ? text.origin(match.end - 1, match.end) : text.start());
      }
    }
    text.swap(replaced);
  }

 private:
  TextPattern pattern_;
  std::string content_;
};

class Split final : public PreTokenizer {
 public:
  Split(TextPattern pattern, Delimiter delimiter, bool invert)
      : pattern_(std::move(pattern)), delimiter_(delimiter), invert_(invert) {}

  void run(PreTokens& work) const override {
    cut_pieces(work, [&](const Piece& piece, std::vector<Piece>& out) {
      work.matches.clear();
      pattern_.cover(work.text.bytes(), piece.begin, piece.end, work.matches);
      for (Match& match : work.matches) match.matched = match.matched != invert_;
      append_split(work.matches, delimiter_, out);
    });
  }

 private:
  TextPattern pattern_;
  Delimiter delimiter_;
  bool invert_;
};

/// Split by GPT-2's expression, all of whose matches touch.
class Gpt2Split final : public PreTokenizer {
 public:
  void run(PreTokens& work) const override {
    cut_pieces(work, [&](const Piece& piece, std::vector<Piece>& out) {
      each_gpt2_word(work.text.bytes(), piece.begin, piece.end, [&](std::size_t begin, std::size_t end) {
        out.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), Piece::kNoToken});
      });
    });
  }
};

}  // namespace

Result<std::unique_ptr<Normalizer>> make_replace(const NormalizerSpec& spec) {
  TAMIS_TRY(auto pattern, TextPattern::make(spec.pattern, spec.regex, "normalizer: pattern of Replace"));
  return std::unique_ptr<Normalizer>(std::make_unique<Replace>(std::move(pattern), spec.content));
}

Result<std::unique_ptr<PreTokenizer>> make_split(const PreTokenizerSpec& spec) {
  if (spec.regex && spec.pattern == kGpt2Pattern && spec.delimiter == Delimiter::kIsolated)
    return std::unique_ptr<PreTokenizer>(std::make_unique<Gpt2Split>());
  TAMIS_TRY(auto pattern, TextPattern::make(spec.pattern, spec.regex, "pre_tokenizer: pattern of Split"));
  return std::unique_ptr<PreTokenizer>(std::make_unique<Split>(std::move(pattern), spec.delimiter, spec.invert));
}

}  // namespace tamis::text
