#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tamis::docs {

/// What "|name|" stands for in a document: `.. |name| replace:: text`. Long texts are not kept and the bytes that all
/// uses add together are bounded, so that a small file cannot become a large text.
class RstSubstitutions {
 public:
  /// @param budget  bytes that expand() may hand out in all
  explicit RstSubstitutions(std::size_t budget = 0) : budget_(budget) {}
  /// `text` has no line end. The first definition of a name counts.
  void define(std::string_view name, std::string text);
  /// The text of a name; the name itself when it is unknown or the budget is spent.
  [[nodiscard]] std::string_view expand(std::string_view name);

 private:
  std::unordered_map<std::string, std::string> texts_;
  std::size_t budget_;
};

/// Appends the text of reStructuredText inlines: roles, emphasis, literals, references and targets lose their marks
/// and addresses, what a reader sees stays. Every newline of `in` is kept, so that lines can be counted. Linear time
/// whatever the input.
void strip_rst(std::string_view in, RstSubstitutions& substitutions, std::string& out);

}  // namespace tamis::docs
