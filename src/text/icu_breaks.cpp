#include "icu_breaks.h"

#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include <memory>

#include "utf8.h"
#include "word_break.h"

namespace tamis::text {

namespace {

struct CloseBreaks {
  void operator()(UBreakIterator* breaks) const noexcept { ubrk_close(breaks); }
};
using Breaks = std::unique_ptr<UBreakIterator, CloseBreaks>;

/// One iterator a thread and kind: making one costs far more than using it. Null if ICU's data are missing.
template <UBreakIteratorType kType>
[[nodiscard]] UBreakIterator* thread_breaks() noexcept {
  thread_local const Breaks breaks = [] {
    UErrorCode status = U_ZERO_ERROR;
    return Breaks(ubrk_open(kType, "", nullptr, 0, &status));
  }();
  return breaks.get();
}

/// Calls each(begin, end) for every piece between two breaks; all of the text is one piece if ICU fails.
template <UBreakIteratorType kType, class Each>
void for_each_piece(std::string_view text, const Each& each) {
  UErrorCode status = U_ZERO_ERROR;
  UText utext = UTEXT_INITIALIZER;
  UBreakIterator* breaks = thread_breaks<kType>();
  if (breaks != nullptr) {
    utext_openUTF8(&utext, text.data(), static_cast<std::int64_t>(text.size()), &status);
    ubrk_setUText(breaks, &utext, &status);
  }
  std::size_t begin = 0;
  if (breaks != nullptr && U_SUCCESS(status) != 0) {
    for (std::int32_t at = ubrk_next(breaks); at != UBRK_DONE; at = ubrk_next(breaks)) {
      const auto end = static_cast<std::size_t>(at);
      if (end > begin) each(begin, end);
      begin = end;
    }
  }
  if (begin < text.size()) each(begin, text.size());
  utext_close(&utext);
}

[[nodiscard]] bool has_alnum(std::string_view piece) noexcept {
  for (std::size_t at = 0; at < piece.size();) {
    const Decoded c = decode_utf8(piece, at);
    if (char_class(c.point).alnum) return true;
    at += c.size;
  }
  return false;
}

[[nodiscard]] Range range(std::size_t begin, std::size_t end) noexcept {
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

}  // namespace

void icu_words(std::string_view text, std::size_t base, std::vector<Range>& out) {
  for_each_piece<UBRK_WORD>(text, [&](std::size_t begin, std::size_t end) {
    if (has_alnum(text.substr(begin, end - begin))) out.push_back(range(base + begin, base + end));
  });
}

void icu_sentences(std::string_view text, std::size_t base, std::vector<Range>& out) {
  for_each_piece<UBRK_SENTENCE>(
      text, [&](std::size_t begin, std::size_t end) { out.push_back(range(base + begin, base + end)); });
}

}  // namespace tamis::text
