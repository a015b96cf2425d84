#include <tamis/text/language.h>
#include <tamis/text/unicode.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

void require(bool holds, const char* law) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", law);
  std::abort();
}

void check(std::string_view text) {
  using namespace tamis::text;
  const std::string repaired = repair_utf8(text);
  require(is_valid_utf8(repaired), "repaired text is valid");
  require(is_valid_utf8(text) == (repaired == text), "valid text is not repaired");

  std::vector<Range> words;
  segment_words(text, words);
  std::uint32_t at = 0;
  for (const Range& word : words) {
    require(word.begin >= at && word.end > word.begin && word.end <= text.size(), "words are in order and inside");
    at = word.end;
  }
  std::vector<Range> sentences;
  segment_sentences(text, sentences);
  at = 0;
  for (const Range& sentence : sentences) {
    require(sentence.begin == at && sentence.end > at, "sentences leave no gap");
    at = sentence.end;
  }
  require(at == text.size(), "sentences cover the text");

  require(count_words(text) <= text.size(), "a word has a byte");
  const std::string folded = fold(text);
  require(is_valid_utf8(folded), "folded text is valid");
  require(fold(folded) == folded, "folding twice changes nothing");
  require(guess_language(text, Language::kThai) == guess_language(text, Language::kThai), "a guess does not change");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check({reinterpret_cast<const char*>(data), size});
  return 0;
}
