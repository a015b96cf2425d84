#pragma once

#include <tamis/text/unicode.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::text {

/// A character of a rewritten text and how it came about: 0 replaces the next character of the old text, 1 was put in
/// behind the last one, -n replaces the next one and swallows the n after it.
struct Edit {
  std::uint32_t point = 0;
  std::int32_t change = 0;
};

/// A text that was rewritten, and for each of its bytes the bytes of the original that it came from. All bytes of a
/// character have the same origin. The unit of every normaliser; reused from text to text.
class AlignedText {
 public:
  /// The characters of `original`, whose first byte is `base` bytes behind the begin of the whole. Broken UTF-8 becomes
  /// U+FFFD.
  void assign(std::string_view original, std::uint32_t base);
  /// A part of another text.
  void assign(const AlignedText& whole, std::size_t begin, std::size_t end);

  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }
  /// Where the bytes [begin, end) came from. @pre begin < end <= size
  [[nodiscard]] Range origin(std::size_t begin, std::size_t end) const noexcept {
    return {origin_[begin].begin, origin_[end - 1].end};
  }
  /// The empty range where the text begins: what was put in before everything comes from there.
  [[nodiscard]] Range start() const noexcept { return {shift_, shift_}; }
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
  void clear() noexcept;
  /// Appends bytes [begin, end) of another text.
  void append(const AlignedText& from, std::size_t begin, std::size_t end);
  /// Appends a string of which every byte has the same origin.
  void append(std::string_view bytes, Range origin);

  /// The list that the next apply() works off; rules fill it.
  [[nodiscard]] std::vector<Edit>& edits() noexcept { return edits_; }
  /// Replaces the text by the edits, having dropped `removed` characters at its begin.
  void apply(std::size_t removed);
  /// Puts a string in front of a text that is not empty; it gets the origin of the first character.
  void prepend(std::string_view prefix);
  /// Makes `other` the text, in constant time.
  void swap(AlignedText& other) noexcept;

 private:
  std::string bytes_;
  std::vector<Range> origin_;  // one a byte
  std::uint32_t shift_ = 0;    // where the text begins in the whole
  std::vector<Edit> edits_;
  std::string old_bytes_;
  std::vector<Range> old_origin_;
};

}  // namespace tamis::text
