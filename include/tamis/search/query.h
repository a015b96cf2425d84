#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::search {

/// What a question may say: plain words, "exact phrase", +must, -not, field:value, field:>=value, path:glob, and
/// + or - before a phrase or a field. A backslash takes the meaning from the next character if it has one. `word:` in
/// front of nothing, `https://…`, `12:30`, `--flag` and `c++` are plain words: only names that the collection knows are
/// fields, and a sign counts only in front of a word. A phrase is always wanted unless it is kNot.
struct Clause {
  enum class Kind : std::uint8_t { kWords, kPhrase, kField };
  enum class Need : std::uint8_t { kShould, kMust, kNot };
  enum class Compare : std::uint8_t { kEqual, kLess, kLessEqual, kGreater, kGreaterEqual, kGlob };
  Kind kind = Kind::kWords;
  Need need = Need::kShould;
  std::string field;  ///< kField only; fields are always filters (kMust unless kNot)
  Compare compare = Compare::kEqual;
  std::string text;
};
struct ParsedQuery {
  std::vector<Clause> clauses;
  /// All the words that are searched for, for encoders and snippets.
  [[nodiscard]] std::string words() const;
};

inline constexpr std::size_t kMaxQueryBytes = 1 << 20;
/// Runs of plain words are one clause, so only signs, quotes and fields count towards this.
inline constexpr std::size_t kMaxQueryClauses = 1024;

/// Never fails on odd syntax: an unclosed quote ends at the end of the text. kExhausted over kMaxQueryBytes or
/// kMaxQueryClauses. docs/search.md has the syntax as a table.
/// @param fields  the names that are fields of the collection ("path", "title", "id", metadata)
[[nodiscard]] Result<ParsedQuery> parse_query(std::string_view text, const std::vector<std::string>& fields);
/// Without syntax: every character is text. For questions from files and programs.
[[nodiscard]] Result<ParsedQuery> plain_query(std::string_view text);

}  // namespace tamis::search
