#include "stemmer.h"

#include <libstemmer.h>

#include "language_table.h"

namespace tamis::text {

void Stemmers::Delete::operator()(sb_stemmer* stemmer) const noexcept { sb_stemmer_delete(stemmer); }

std::string_view Stemmers::stem(std::string_view word, Language language) {
  const char* algorithm = language_row(language).stemmer;
  if (*algorithm == '\0') return word;
  auto& stemmer = made_[static_cast<std::size_t>(language)];
  if (!stemmer) stemmer.reset(sb_stemmer_new(algorithm, "UTF_8"));
  if (!stemmer) return word;
  const auto* bytes = reinterpret_cast<const sb_symbol*>(word.data());
  const sb_symbol* stem = sb_stemmer_stem(stemmer.get(), bytes, static_cast<int>(word.size()));
  if (stem == nullptr) return word;
  return {reinterpret_cast<const char*>(stem), static_cast<std::size_t>(sb_stemmer_length(stemmer.get()))};
}

}  // namespace tamis::text
