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

/// What a ranking is made of: fields joined by +, then a colon and how their scores become one.
///
///     bm25    splade-tiny    splade-tiny+bm25    splade-tiny+bm25:minmax
///
/// minmax, the default: each score divided by the largest of its field for the question, then added up. (The least
/// score is that of a passage which shares nothing with the question, 0.)
struct Method {
  std::vector<std::string> fields{std::string(kWordField)};
  std::string fusion = "minmax";
  bool operator==(const Method&) const = default;
};

/// The ways of making several scores one.
[[nodiscard]] std::span<const std::string_view> fusion_names() noexcept;

/// @par Errors  kInvalidArgument: an empty part, a field named twice, an unknown fusion; the message says what is known
[[nodiscard]] Result<Method> parse_method(std::string_view text);
/// As parse_method() reads it; the fusion only where there is something to fuse.
[[nodiscard]] std::string to_string(const Method& method);

}  // namespace tamis::search
