#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::store {

/// A pattern of file names: `*` any characters but '/', `**` any characters, `**/` any number of folders, `?` one
/// character but '/', `[a-z]` and `[!a-z]` one of a set; `\` takes the next character literally. Characters are those
/// of UTF-8; a broken byte is a character. A pattern that ends in '/' takes everything under that folder. Matching
/// costs at most pattern × text² steps, in practice one pass.
class Glob {
 public:
  enum class Kind {
    kPath,   ///< as above; a pattern without '/' is also held against the last part of the path
    kValue,  ///< '/' is a character like any other
  };
  /// @par Errors  kInvalidArgument when longer than 4,096 bytes or when a `[` is not closed
  [[nodiscard]] static Result<Glob> compile(std::string_view pattern, Kind kind);
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  enum class Token : std::uint8_t { kCharacter, kAny, kSet, kStar, kDeepStar, kFolders };
  struct Step {
    Token token = Token::kCharacter;
    bool negated = false;
    char32_t character = 0;
    std::uint32_t first_range = 0, last_range = 0;  ///< of ranges_
  };
  struct Character {
    char32_t value;
    std::size_t bytes;
  };
  [[nodiscard]] static Character character_at(std::string_view text, std::size_t at);
  [[nodiscard]] Status add_set(std::string_view pattern, std::size_t& at);
  void add_star(std::string_view pattern, std::size_t& at);
  [[nodiscard]] bool takes(const Step& step, char32_t character) const;
  [[nodiscard]] bool matches_whole(std::string_view text) const;

  Kind kind_ = Kind::kPath;
  bool base_name_too_ = false;
  std::vector<Step> steps_;
  std::vector<std::pair<char32_t, char32_t>> ranges_;
};

}  // namespace tamis::store
