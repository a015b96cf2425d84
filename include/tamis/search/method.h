#pragma once

#include <tamis/base/result.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::search {

/// The field of words.
inline constexpr std::string_view kWordField = "bm25";
/// What curves of recall call searches for vectors that are not ours.
inline constexpr std::string_view kExternalVectors = "vectors";
/// In front of the name of a reranker, in steps.
inline constexpr std::string_view kRerankPrefix = "rerank:";
/// In front of the name of the one field that ranks from then on.
inline constexpr std::string_view kOnlyPrefix = "only:";

/// A fusion or a step, and the parameters that it was given: `rrf(k=60)`.
struct MethodPart {
  struct Parameter {
    std::string name;
    double value = 0;
    std::string text = {};  ///< of parameters that are names
    bool operator==(const Parameter&) const = default;
  };
  std::string name;
  std::vector<Parameter> parameters = {};  ///< those that were said, in the order of the part's list
  bool operator==(const MethodPart&) const = default;
  /// nullptr = it was not said.
  [[nodiscard]] const Parameter* find(std::string_view parameter) const;
  /// A number, or what the part's list has for it.
  /// @pre the part is known, and its list has the parameter
  [[nodiscard]] double number(std::string_view parameter) const;
};

/// What a ranking is made of: fields joined by +, a colon and how their scores become one, then steps, each behind a >.
///
///     bm25   splade-tiny   splade-tiny+bm25   splade-tiny*0.7+bm25*0.3:minmax   bm25+splade-tiny:rrf(k=20)
///     bm25 > rm3   (splade-tiny > rocchio) + bm25 : zscore > rocchio(docs=5,beta=0.3) > rerank:maxsim(n=50)
///
/// A weight follows its field behind a *. Steps in parentheses are a field's own, before the fusion. Blanks say
/// nothing.
struct Method {
  struct Field {
    std::string name;
    double weight = 1;
    std::vector<MethodPart> steps = {};
    bool operator==(const Field&) const = default;
  };
  std::vector<Field> fields{{std::string(kWordField)}};
  MethodPart fusion{"minmax"};
  std::vector<MethodPart> steps;
  bool operator==(const Method&) const = default;
};

/// A parameter of a fusion or step, for messages and manuals.
struct ParameterInfo {
  std::string_view name;
  double standard = 0, least = 0, most = 0;
  std::string_view summary;
  enum class Kind { kNumber, kWhole, kName } kind = Kind::kNumber;
  bool off = false;                     ///< nothing is done unless it is said
  std::string_view standard_text = {};  ///< of names
};
struct PartInfo {
  std::string_view name;
  std::string_view summary;
  std::span<const ParameterInfo> parameters;
  bool of_field = false;  ///< a step that a field may have for itself
};
/// The fusions; the first is what is used when nothing is said.
[[nodiscard]] std::span<const PartInfo> known_fusions();
/// The steps. One whose name ends with a colon is followed by another: `rerank:maxsim`.
[[nodiscard]] std::span<const PartInfo> known_steps();
/// nullptr = not known.
[[nodiscard]] const PartInfo* find_fusion(std::string_view name);
[[nodiscard]] const PartInfo* find_step(std::string_view name);

/// Linear in the text.
/// @par Errors  kInvalidArgument: what was seen where, what is wanted, and the names that are known
[[nodiscard]] Result<Method> parse_method(std::string_view text);
/// As parse_method() reads it: the same method again, whatever it was written like. The fusion only where there is
/// something to fuse.
[[nodiscard]] std::string to_string(const Method& method);
[[nodiscard]] std::string to_string(const MethodPart& part);
/// The method without its steps, where nothing but fields, weights and fusion ranks.
[[nodiscard]] Method without_steps(const Method& method);

}  // namespace tamis::search
