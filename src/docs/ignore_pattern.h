#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::docs {

/// One line of an ignore file, with git's meaning (gitignore(5) and what git 2.39 does where that page is silent).
/// Immutable after parse(); safe from any thread.
class IgnorePattern {
 public:
  /// nullopt for a blank line or a comment. `line` has no line end. Never fails: a malformed pattern matches nothing.
  [[nodiscard]] static std::optional<IgnorePattern> parse(std::string_view line);

  /// @param path  relative to the folder of the ignore file, '/' between parts; any bytes
  /// @par Cost  linear in path × pattern: no pattern makes it exponential
  [[nodiscard]] bool matches(std::string_view path, bool is_folder) const;
  /// "!pattern": what it matches is taken in again.
  [[nodiscard]] bool negated() const noexcept { return negated_; }

 private:
  enum class Kind : std::uint8_t {
    kByte,      ///< this byte
    kAny,       ///< `?`: any byte but '/'
    kSet,       ///< `[…]`: a byte of the set, never '/'
    kStar,      ///< `*`: any bytes but '/'
    kFolders,   ///< `**/`: nothing, or anything that ends in '/'
    kAnything,  ///< `**` elsewhere: any bytes
  };
  struct Part {
    Kind kind = Kind::kByte;
    std::uint8_t byte = 0;
    std::uint32_t set = 0;  ///< number of the set
  };
  using ByteSet = std::array<std::uint64_t, 4>;

  [[nodiscard]] bool compile(std::string_view glob);
  [[nodiscard]] bool compile_star(std::string_view glob, std::size_t& at);
  [[nodiscard]] bool compile_set(std::string_view glob, std::size_t& at);
  [[nodiscard]] bool match_parts(std::string_view text) const;
  [[nodiscard]] bool match_one(const Part& part, char c) const;

  std::string literal_;  ///< what comes before the first wildcard, compared as it is
  std::vector<Part> parts_;
  std::vector<ByteSet> sets_;
  bool negated_ = false;
  bool folders_only_ = false;
  bool name_only_ = false;  ///< no '/' in the pattern: the last part of the path is compared, at any depth
  bool valid_ = true;
};

}  // namespace tamis::docs
