#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "roff_text.h"

namespace tamis::docs {

/// Renders the inline macros of mdoc(7): ".Op Fl a Ar file" becomes "[-a file]". Linear in the arguments.
class Mdoc {
 public:
  explicit Mdoc(RoffText& roff) : roff_(roff) {}
  /// Whether the name is one of an inline macro.
  [[nodiscard]] static bool is_inline(std::string_view macro) noexcept;
  /// Whether what a macro line prints stands directly behind, or before, the text next to it: ".Oc", ".Oo".
  [[nodiscard]] static bool joins_before(std::string_view macro) noexcept;
  [[nodiscard]] static bool joins_behind(std::string_view macro) noexcept;
  /// What a macro with these arguments (as written) prints.
  [[nodiscard]] std::string render(std::string_view macro, const std::vector<std::string>& arguments);
  /// Arguments that may begin with macros, as behind .It and .Sh.
  [[nodiscard]] std::string render(const std::vector<std::string>& arguments) { return render({}, arguments); }

 private:
  RoffText& roff_;
  std::string name_;  // the first .Nm
};

}  // namespace tamis::docs
