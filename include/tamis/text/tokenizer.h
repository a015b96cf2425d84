#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tamis::text {

/// Text to the numbers that a neural model reads, as `tokenizer.json` of Hugging Face describes it: normaliser,
/// pre-tokeniser, model (WordPiece, byte-pair encoding, Unigram), post-processor and added tokens. Same ids and offsets
/// as the Python package `tokenizers`, whose Unicode versions are kept too (see docs/text.md).
///
/// Immutable and shareable between threads; each thread brings its own Scratch. Copies share one vocabulary.
/// Sources: WordPiece, arXiv:1609.08144; byte-pair encoding, arXiv:1508.07909; Unigram, arXiv:1804.10959.
class Tokenizer {
 public:
  /// A token and the bytes [begin, end) of the text as it was given that it came from; where a rule adds characters
  /// tokens may share bytes.
  struct Token {
    std::uint32_t id = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    friend bool operator==(const Token&, const Token&) = default;
  };

  /// Buffers and a cache of words, 1 MB, reused from text to text. One a thread; any tokenizer may use it, but one that
  /// goes from tokenizer to tokenizer forgets its words each time.
  class Scratch {
   public:
    Scratch();
    ~Scratch();
    Scratch(Scratch&&) noexcept;
    Scratch& operator=(Scratch&&) noexcept;
    struct Impl;

   private:
    friend class Tokenizer;
    std::unique_ptr<Impl> impl_;
  };

  /// Reads `tokenizer.json` of a model's folder, else `vocab.txt` as BERT's tokenizer. `tokenizer_config.json`, where
  /// it is, names the special tokens and, for `vocab.txt`, the lower casing. kNotFound, kCorrupt, kUnsupported (the
  /// message names the field and what is known), kExhausted beyond the limits.
  [[nodiscard]] static Result<Tokenizer> open(const std::filesystem::path& folder);
  /// The same from the content of a `tokenizer.json`.
  [[nodiscard]] static Result<Tokenizer> from_json(std::string_view json);

  /// Appends the tokens of a text: no special tokens around it, no truncation; added tokens that the text spells are
  /// found. Broken UTF-8 counts as U+FFFD, one a maximal broken sequence. Linear in the text but for a hostile regular
  /// expression, which gives up after a fixed number of steps. @pre text.size() < 2^32
  void encode(std::string_view text, Scratch& scratch, std::vector<Token>& out) const;

  /// The special tokens that the post-processor puts before and behind one text.
  [[nodiscard]] std::span<const std::uint32_t> prefix() const noexcept;
  [[nodiscard]] std::span<const std::uint32_t> suffix() const noexcept;
  /// The number of tokens, special ones included, that the file cuts a text to.
  [[nodiscard]] std::optional<std::uint32_t> truncation() const noexcept;

  /// One more than the highest id, added tokens included.
  [[nodiscard]] std::uint32_t vocabulary_size() const noexcept;
  /// The spelling of a token as the vocabulary has it; empty for an id without a token.
  [[nodiscard]] std::string_view token(std::uint32_t id) const noexcept;
  [[nodiscard]] std::optional<std::uint32_t> id(std::string_view token) const noexcept;
  [[nodiscard]] bool is_special(std::uint32_t id) const noexcept;
  [[nodiscard]] std::optional<std::uint32_t> unknown() const noexcept;
  [[nodiscard]] std::optional<std::uint32_t> pad() const noexcept;
  [[nodiscard]] std::optional<std::uint32_t> mask() const noexcept;
  /// Of everything that decides about ids and offsets: kept in an index to refuse another tokenizer.
  [[nodiscard]] std::uint64_t fingerprint() const noexcept;

  struct Impl;
  explicit Tokenizer(std::shared_ptr<const Impl> impl) noexcept;

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace tamis::text
