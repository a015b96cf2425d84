#pragma once

#include <tamis/text/language.h>

#include <array>
#include <memory>
#include <string_view>

struct sb_stemmer;

namespace tamis::text {

/// Snowball's stemmers, made when a language is first met. Not thread-safe: one set a worker.
class Stemmers {
 public:
  /// The stem of a normalised word, valid until the next call; the word itself in a language without a stemmer.
  [[nodiscard]] std::string_view stem(std::string_view word, Language language);

 private:
  struct Delete {
    void operator()(sb_stemmer* stemmer) const noexcept;
  };
  std::array<std::unique_ptr<sb_stemmer, Delete>, 256> made_;  // by the number of the language
};

}  // namespace tamis::text
