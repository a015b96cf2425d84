#pragma once

#include <tamis/base/result.h>
#include <tamis/search/method.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::search {

/// Longer texts are refused.
inline constexpr std::size_t kMaxMethodBytes = 4096;

/// Reads a method by descent: no part looks back.
///
///     method = field { "+" field } [ ":" part ] { ">" part }
///     field  = name [ "*" number ] | "(" name { ">" part } ")" [ "*" number ]
///     part   = name [ ":" name ] [ "(" name "=" value { "," name "=" value } ")" ]
class MethodParser {
 public:
  explicit MethodParser(std::string_view text) : text_(text) {}
  [[nodiscard]] Result<Method> parse();

 private:
  [[nodiscard]] Result<Method::Field> field();
  [[nodiscard]] Result<std::string> field_name();
  [[nodiscard]] Result<MethodPart> fusion();
  [[nodiscard]] Result<MethodPart> step(bool of_field);
  [[nodiscard]] Status parameters(const PartInfo& info, MethodPart& out);
  [[nodiscard]] Result<MethodPart::Parameter> parameter(const ParameterInfo& info, std::string_view part);
  [[nodiscard]] Status check(const Method& method) const;

  void skip_blanks();
  [[nodiscard]] bool take(char sign);
  [[nodiscard]] std::string_view word();
  /// What stands where the parser is, for messages.
  [[nodiscard]] std::string seen() const;
  [[nodiscard]] Error wrong(std::string_view why) const;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace tamis::search
