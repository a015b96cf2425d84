#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::docs {

/// Decodes roff text: fonts, sizes and motions go, named characters ("\(em", "\[u2014]") and strings defined by .ds
/// become what they print. Strings may grow what is written, so all expansions of a document share a budget.
class RoffText {
 public:
  /// Appends the decoded text; true when it asks that the next line be joined without a space ("\c").
  bool decode(std::string_view raw, std::string& out);
  /// What "\*(name" stands for from now on; `raw` is decoded now.
  void define(std::string_view name, std::string_view raw);

 private:
  std::size_t escape(std::string_view rest, std::string& out);
  std::size_t string_reference(std::string_view rest, std::string& out);

  std::map<std::string, std::string, std::less<>> strings_;
  std::size_t budget_ = std::size_t{1} << 20U;  // bytes of expansions left
  bool join_ = false;
};

/// The arguments of a macro as written: parted by spaces, quoted by '"' ("" is one quote), "\ " parts nothing.
[[nodiscard]] std::vector<std::string> roff_arguments(std::string_view rest);

/// The line without its comment (\" or \#).
[[nodiscard]] std::string_view without_roff_comment(std::string_view line) noexcept;

}  // namespace tamis::docs
