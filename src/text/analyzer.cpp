#include <fmt/format.h>
#include <tamis/text/analyzer.h>
#include <unicode/uchar.h>
#include <unicode/uvernum.h>
#include <utf8proc.h>

#include <array>

#include "ascii.h"
#include "lexicon.h"
#include "utf8.h"
#include "word_break.h"
#include "word_cache.h"

namespace tamis::text {

namespace {

constexpr int kRulesVersion = 1;  // raise it whenever the same text may give other terms
// libstemmer does not tell its version; this is the one that the golden words in tests/text/data were checked with.
constexpr const char* kSnowball = "2.2";
constexpr std::size_t kLongestText = 0xFFFFFFFF;  // offsets are 32 bits

/// Conjoining vowels and final consonants of Hangul belong to the syllable before them.
[[nodiscard]] bool is_conjoining(std::uint32_t point) noexcept {
  return (point >= 0x1160 && point <= 0x11FF) || (point >= 0xD7B0 && point <= 0xD7FF);
}

/// The words of one text on their way through the cache. Nearly all that a known word costs is the wait for its cache
/// line, so words are collected and their lines fetched together.
class Batch {
 public:
  Batch(std::string_view text, Lexicon& lexicon, std::vector<Token>& out) noexcept
      : text_(text), lexicon_(lexicon), out_(out) {}

  /// @pre words come in order of `begin`; begin < end
  void push(std::size_t begin, std::size_t end, WordTag tag) {
    Pending& word = pending_[size_++];
    word.begin = static_cast<std::uint32_t>(begin);
    word.end = static_cast<std::uint32_t>(end);
    word.tag = tag;
    if (end - begin <= WordCache::kMaxBytes) {
      word.key = WordCache::key(text_.substr(begin, end - begin), tag, text_.size() - begin);
      lexicon_.cache().prefetch(word.key);
    }
    if (size_ == pending_.size()) flush();
  }

  /// Bigrams of a run of characters of scripts without spaces, or the character if it is alone.
  void push_grams(std::size_t begin, std::size_t end) {
    std::size_t before = end;  // where the character before begins; end: there is none
    for (std::size_t at = begin; at < end;) {
      const std::size_t here = at;
      at = character_end(at, end);
      if (before != end) {
        push(before, at, kGramTag);
      } else if (at == end) {
        push(here, at, kGramTag);
      }
      before = here;
    }
  }

  void flush() {
    for (std::size_t i = 0; i < size_; ++i) {
      const Pending& word = pending_[i];
      lexicon_.append(word.key, text_.substr(word.begin, word.end - word.begin), word.tag, word.begin, out_);
    }
    size_ = 0;
  }

 private:
  struct Pending {
    WordCache::Key key;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    WordTag tag = 0;
  };

  /// The end of the character at `at` and of the marks that attach to it.
  [[nodiscard]] std::size_t character_end(std::size_t at, std::size_t end) const noexcept {
    at += decode_utf8(text_, at).size;
    while (at < end) {
      const Decoded c = decode_utf8(text_, at);
      if (char_class(c.point).word == WordClass::kGram && !is_conjoining(c.point)) break;
      at += c.size;
    }
    return at;
  }

  std::string_view text_;
  Lexicon& lexicon_;
  std::vector<Token>& out_;
  std::array<Pending, 32> pending_;
  std::size_t size_ = 0;
};

}  // namespace

struct Analyzer::Impl {
  Lexicon lexicon;
};

Analyzer::Analyzer() : impl_(std::make_unique<Impl>()) {}
Analyzer::~Analyzer() = default;
Analyzer::Analyzer(Analyzer&&) noexcept = default;
Analyzer& Analyzer::operator=(Analyzer&&) noexcept = default;

void Analyzer::analyze(std::string_view text, Language language, std::vector<Token>& out) {
  text = text.substr(0, kLongestText);
  const auto tag = static_cast<WordTag>(language);
  Batch batch(text, impl_->lexicon, out);
  AsciiWords ascii(text);
  for (std::size_t at = 0; at < text.size();) {
    const AsciiWords::Found found = ascii.next(at);
    if (found.ascii) {
      batch.push(found.begin, found.end, tag);
      at = found.end;
      continue;
    }
    if (found.begin >= text.size()) break;
    const Segment segment = next_segment(text, found.begin);
    if (segment.grams) {
      batch.push_grams(found.begin, segment.end);
    } else if (segment.word) {
      batch.push(found.begin, segment.end, tag);
    }
    at = segment.end;
  }
  batch.flush();
}

std::string_view Analyzer::term(std::uint32_t number) const noexcept { return impl_->lexicon.terms()[number]; }
std::size_t Analyzer::num_terms() const noexcept { return impl_->lexicon.terms().size(); }
void Analyzer::clear() { impl_->lexicon.clear(); }

std::string Analyzer::fingerprint() {
  return fmt::format("tamis-text {} icu {} unicode {} snowball {} utf8proc {}", kRulesVersion, U_ICU_VERSION,
                     U_UNICODE_VERSION, kSnowball, utf8proc_version());
}

}  // namespace tamis::text
