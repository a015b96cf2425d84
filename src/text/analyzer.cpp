#include <fmt/format.h>
#include <tamis/text/analyzer.h>
#include <tamis/text/unicode.h>
#include <unicode/uchar.h>
#include <unicode/uvernum.h>
#include <utf8proc.h>

#include "ascii.h"
#include "fold.h"
#include "stemmer.h"
#include "term_table.h"
#include "utf8.h"
#include "word_break.h"
#include "word_cache.h"
#include "word_parts.h"

namespace tamis::text {

namespace {

constexpr int kRulesVersion = 1;  // raise it whenever the same text may give other terms
// libstemmer does not tell its version; this is the one of the golden words in tests/text/data.
constexpr const char* kSnowball = "2.2";
constexpr std::size_t kMaxTermBytes = 64;
constexpr std::size_t kMaxPartBytes = 256;  // of a longer part only the beginning is looked at
constexpr std::uint8_t kGramCache = 0xFF;   // bigrams do not depend on the language
constexpr std::uint32_t kListBit = 0x80000000;
constexpr std::uint32_t kNothing = 0x7FFFFFFF;

/// A term of a word: its number and the bytes of the word that it stands for.
struct Piece {
  std::uint32_t term = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

[[nodiscard]] std::string_view cut(std::string_view text, std::size_t bytes) noexcept {
  return text.size() <= bytes ? text : text.substr(0, utf8_floor(text, bytes));
}

/// Nordic languages count these as letters of their own: å is no a.
[[nodiscard]] bool keeps_diacritics(Language language) noexcept {
  return language == Language::kSwedish || language == Language::kNorwegian || language == Language::kDanish ||
         language == Language::kFinnish;
}

}  // namespace

struct Analyzer::Impl {
  void analyze(std::string_view text, Language language, std::vector<Token>& out);

  void add_word(std::string_view text, std::size_t begin, std::size_t end, Language language, std::vector<Token>& out);
  void add_grams(std::string_view text, std::size_t begin, std::size_t end, std::vector<Token>& out);
  void add_gram(std::string_view text, std::size_t begin, std::size_t end, std::vector<Token>& out);

  void find_pieces(std::string_view word, Language language);
  [[nodiscard]] std::uint32_t make_term(std::string_view part, Language language);
  [[nodiscard]] std::uint32_t make_gram(std::string_view gram);
  void remember(const WordCache::Key& key, std::string_view word, std::uint32_t value);
  void forget_words();

  TermTable terms;
  WordCache words;
  /// Words of several terms: a cached value with kListBit is a place here, where a count stands and then its pieces.
  std::vector<Piece> lists;
  Stemmers stemmers;
  std::vector<WordPart> parts;  // scratch
  std::vector<Piece> pieces;
  std::string normalized;
  std::string stripped;
};

void Analyzer::Impl::forget_words() {
  words.clear();
  lists.clear();
}

void Analyzer::Impl::remember(const WordCache::Key& key, std::string_view word, std::uint32_t value) {
  words.insert(key, word, value);
}

/// The number of a part's term, or kNothing if nothing is left of it.
std::uint32_t Analyzer::Impl::make_term(std::string_view part, Language language) {
  normalized.clear();
  append_normalized(cut(part, kMaxPartBytes), language == Language::kTurkish ? Casing::kTurkish : Casing::kCommon,
                    normalized);
  std::string_view term = stemmers.stem(normalized, language);
  if (!keeps_diacritics(language)) {
    stripped.clear();
    append_without_diacritics(term, stripped);
    term = stripped;
  }
  term = cut(term, kMaxTermBytes);
  return term.empty() ? kNothing : terms.intern(term);
}

std::uint32_t Analyzer::Impl::make_gram(std::string_view gram) {
  normalized.clear();
  append_normalized(cut(gram, kMaxPartBytes), Casing::kCommon, normalized);
  const std::string_view term = cut(normalized, kMaxTermBytes);
  return term.empty() ? kNothing : terms.intern(term);
}

void Analyzer::Impl::find_pieces(std::string_view word, Language language) {
  parts.clear();
  pieces.clear();
  split_word(word, language == Language::kEnglish, parts);
  for (const WordPart& part : parts) {
    const std::uint32_t term = make_term(word.substr(part.begin, part.end - part.begin), language);
    if (term != kNothing) pieces.push_back({term, part.begin, part.end});
  }
}

void Analyzer::Impl::add_word(std::string_view text, std::size_t begin, std::size_t end, Language language,
                              std::vector<Token>& out) {
  const std::string_view word = text.substr(begin, end - begin);
  const auto at = static_cast<std::uint32_t>(begin);
  const auto add = [&](const Piece& piece) { out.push_back({piece.term, at + piece.begin, at + piece.end}); };
  if (word.size() > WordCache::kMaxBytes) {
    find_pieces(word, language);
    for (const Piece& piece : pieces) add(piece);
    return;
  }
  const auto key = WordCache::key(word, static_cast<std::uint8_t>(language), text.size() - begin);
  std::uint32_t value = words.find(key, word);
  if (value == WordCache::kAbsent) {
    if (words.full()) forget_words();
    find_pieces(word, language);
    if (pieces.size() == 1 && pieces[0].begin == 0 && pieces[0].end == word.size()) {
      value = pieces[0].term;
    } else if (pieces.empty()) {
      value = kNothing;
    } else {
      value = kListBit | static_cast<std::uint32_t>(lists.size());
      lists.push_back({static_cast<std::uint32_t>(pieces.size()), 0, 0});
      lists.insert(lists.end(), pieces.begin(), pieces.end());
    }
    remember(key, word, value);
  }
  if ((value & kListBit) != 0) {
    const std::size_t list = value & ~kListBit;
    for (std::size_t i = 1; i <= lists[list].term; ++i) add(lists[list + i]);
  } else if (value != kNothing) {
    out.push_back({value, at, static_cast<std::uint32_t>(end)});
  }
}

void Analyzer::Impl::add_gram(std::string_view text, std::size_t begin, std::size_t end, std::vector<Token>& out) {
  const std::string_view gram = text.substr(begin, end - begin);
  std::uint32_t value = WordCache::kAbsent;
  if (gram.size() > WordCache::kMaxBytes) {
    value = make_gram(gram);
  } else {
    const auto key = WordCache::key(gram, kGramCache, text.size() - begin);
    value = words.find(key, gram);
    if (value == WordCache::kAbsent) {
      if (words.full()) forget_words();
      value = make_gram(gram);
      remember(key, gram, value);
    }
  }
  if (value != kNothing) out.push_back({value, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
}

void Analyzer::Impl::add_grams(std::string_view text, std::size_t begin, std::size_t end, std::vector<Token>& out) {
  std::size_t before = end;  // where the character before begins; end: there is none
  std::size_t here = begin;
  for (std::size_t at = begin; at < end;) {
    // A character and what attaches to it; conjoining vowels and finals of Hangul attach too.
    at += decode_utf8(text, at).size;
    while (at < end) {
      const Decoded c = decode_utf8(text, at);
      const WordClass cls = char_class(c.point).word;
      const bool jamo = (c.point >= 0x1160 && c.point <= 0x11FF) || (c.point >= 0xD7B0 && c.point <= 0xD7FF);
      if (cls == WordClass::kGram && !jamo) break;
      at += c.size;
    }
    if (before != end) add_gram(text, before, at, out);
    if (before == end && at == end) add_gram(text, here, at, out);
    before = here;
    here = at;
  }
}

void Analyzer::Impl::analyze(std::string_view text, Language language, std::vector<Token>& out) {
  text = text.substr(0, 0xFFFFFFFF);
  for (std::size_t at = 0; at < text.size();) {
    const std::uint8_t kind = kAsciiKind[static_cast<unsigned char>(text[at])];
    if ((kind & (kAsciiLetter | kAsciiDigit | kAsciiMark)) != 0) {
      const AsciiWord word = ascii_word(text, at);
      if (word.kinds != kAsciiForeign) {
        if ((word.kinds & (kAsciiLetter | kAsciiDigit)) != 0) add_word(text, at, word.end, language, out);
        at = word.end;
        continue;
      }
    } else if (kind != kAsciiForeign &&
               (at + 1 == text.size() || kAsciiKind[static_cast<unsigned char>(text[at + 1])] != kAsciiForeign)) {
      ++at;
      continue;
    }
    const Segment segment = next_segment(text, at);
    if (segment.grams) {
      add_grams(text, at, segment.end, out);
    } else if (segment.word) {
      add_word(text, at, segment.end, language, out);
    }
    at = segment.end;
  }
}

Analyzer::Analyzer() : impl_(std::make_unique<Impl>()) {}
Analyzer::~Analyzer() = default;
Analyzer::Analyzer(Analyzer&&) noexcept = default;
Analyzer& Analyzer::operator=(Analyzer&&) noexcept = default;

void Analyzer::analyze(std::string_view text, Language language, std::vector<Token>& out) {
  impl_->analyze(text, language, out);
}

std::string_view Analyzer::term(std::uint32_t number) const noexcept { return impl_->terms[number]; }
std::size_t Analyzer::num_terms() const noexcept { return impl_->terms.size(); }

void Analyzer::clear() {
  impl_->forget_words();
  impl_->terms.clear();
}

std::string Analyzer::fingerprint() {
  return fmt::format("tamis-text {} icu {} unicode {} snowball {} utf8proc {}", kRulesVersion, U_ICU_VERSION,
                     U_UNICODE_VERSION, kSnowball, utf8proc_version());
}

}  // namespace tamis::text
