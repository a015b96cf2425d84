// Pre-tokenisers that look at one character at a time.
#include "code_points.h"
#include "edit_rules.h"
#include "pre_tokenizer.h"

namespace tamis::text {

namespace {

/// Cuts at characters of a class.
template <class InClass>
void split_at(PreTokens& work, Delimiter delimiter, InClass in_class) {
  cut_pieces(work, [&](const Piece& piece, std::vector<Piece>& out) {
    const std::string_view bytes = work.text.bytes();
    work.matches.clear();
    std::uint32_t from = piece.begin;
    for (std::uint32_t at = piece.begin; at < piece.end;) {
      const Decoded c = decode_utf8(bytes, at);
      if (in_class(c.point)) {
        if (from < at) work.matches.push_back({from, at, false});
        work.matches.push_back({at, at + c.size, true});
        from = at + c.size;
      }
      at += c.size;
    }
    if (from < piece.end) work.matches.push_back({from, piece.end, false});
    append_split(work.matches, delimiter, out);
  });
}

class BertPreTokenizer final : public PreTokenizer {
 public:
  void run(PreTokens& work) const override {
    split_at(work, Delimiter::kRemoved, is_space);
    split_at(work, Delimiter::kIsolated, is_punctuation);
  }
};

class WhitespaceSplit final : public PreTokenizer {
 public:
  void run(PreTokens& work) const override { split_at(work, Delimiter::kRemoved, is_space); }
};

class Punctuation final : public PreTokenizer {
 public:
  explicit Punctuation(Delimiter delimiter) : delimiter_(delimiter) {}
  void run(PreTokens& work) const override { split_at(work, delimiter_, is_punctuation); }

 private:
  Delimiter delimiter_;
};

class Digits final : public PreTokenizer {
 public:
  explicit Digits(bool individual) : individual_(individual) {}
  void run(PreTokens& work) const override {
    split_at(work, individual_ ? Delimiter::kIsolated : Delimiter::kContiguous, is_numeric);
  }

 private:
  bool individual_;
};

/// `\w+|[^\w\s]+`: runs of word characters, and runs of what is neither that nor white space.
class Whitespace final : public PreTokenizer {
 public:
  void run(PreTokens& work) const override {
    enum class Kind : std::uint8_t { kNone, kWord, kSpace, kSign };
    cut_pieces(work, [&](const Piece& piece, std::vector<Piece>& out) {
      std::uint32_t from = piece.begin;
      Kind run = Kind::kNone;
      const auto close = [&](std::uint32_t at) {
        if (run == Kind::kWord || run == Kind::kSign) out.push_back({from, at, Piece::kNoToken});
      };
      for (std::uint32_t at = piece.begin; at < piece.end;) {
        const Decoded c = decode_utf8(work.text.bytes(), at);
        const Kind kind = is_word(c.point) ? Kind::kWord : is_space(c.point) ? Kind::kSpace : Kind::kSign;
        if (kind != run) {
          close(at);
          run = kind;
          from = at;
        }
        at += c.size;
      }
      close(piece.end);
    });
  }
};

}  // namespace

std::unique_ptr<PreTokenizer> make_bert_pre_tokenizer() { return std::make_unique<BertPreTokenizer>(); }
std::unique_ptr<PreTokenizer> make_whitespace() { return std::make_unique<Whitespace>(); }
std::unique_ptr<PreTokenizer> make_whitespace_split() { return std::make_unique<WhitespaceSplit>(); }
std::unique_ptr<PreTokenizer> make_punctuation(Delimiter delimiter) { return std::make_unique<Punctuation>(delimiter); }
std::unique_ptr<PreTokenizer> make_digits(bool individual) { return std::make_unique<Digits>(individual); }

}  // namespace tamis::text
